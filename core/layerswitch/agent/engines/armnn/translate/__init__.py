"""Operators -> Arm NN layers: one small module per family, each with a table `TRANSLATIONS` by operator type."""

from typing import Any, Callable, Dict, List

from ...network_graph import Layer, Operator
from ..network_builder import Builder, TranslationError, Value
from . import (
    activation,
    arithmetic,
    casts,
    composed_activations,
    convolution,
    dense,
    movement,
    normalization,
    padding,
    pooling,
    reduction,
    reshape,
    tile,
)
from .batch_norm_folding import folded

Translation = Callable[[Builder, Operator, List[Value]], Any]

TABLE: Dict[str, Translation] = {}
FAMILIES = (
    activation, arithmetic, casts, composed_activations, convolution, dense, movement, normalization, padding, pooling,
    reduction, tile, reshape,
)  # fmt: skip
for _family in FAMILIES:
    TABLE.update(_family.TRANSLATIONS)


def translate(build: Builder, place: int, layer: Layer) -> None:
    """Add a layer's operators; its inputs must be among `build.values`. Raises TranslationError naming the operator."""
    build.place = place
    for operator, batch_norm in folded(layer):
        build.operator_name = operator.name
        if operator.type not in TABLE:
            raise TranslationError("operator {} is not translated to Arm NN".format(operator.type))
        inputs = [build.values[name] for name in operator.inputs]
        try:
            if batch_norm is not None:
                found = convolution.convolution(build, operator, inputs, batch_norm)
                outputs = batch_norm.outputs
            else:
                found = TABLE[operator.type](build, operator, inputs)
                outputs = operator.outputs
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            what = "{} {!r} cannot be translated to Arm NN: {}".format(operator.type, operator.name, error)
            raise TranslationError(what) from error
        values = found if isinstance(found, list) else [found]
        build.values.update(zip(outputs, values))
