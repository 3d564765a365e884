"""Batch normalization behind a convolution: folded into its weights when the network is built."""

from typing import Iterator, Optional, Tuple

import numpy as np

from ...network_graph import Layer, Operator
from ..network_builder import Builder

FOLDS = ("Convolution", "DepthwiseConvolution")


def folded(layer: Layer) -> Iterator[Tuple[Operator, Optional[Operator]]]:
    """The layer's operators, each with the batch normalization that is folded into it, if one is."""
    skip = False
    for place, operator in enumerate(layer.operators):
        if skip:
            skip = False
            continue
        following = layer.operators[place + 1] if place + 1 < len(layer.operators) else None
        readers = [one for one in layer.operators if operator.outputs and operator.outputs[0] in one.inputs]
        if (
            operator.type in FOLDS
            and following is not None
            and following.type == "BatchNormalization"
            and readers == [following]
            and operator.outputs[0] not in layer.outputs
        ):
            skip = True
            yield operator, following
        else:
            yield operator, None


def scale_and_shift(build: Builder, operator: Operator) -> Tuple[np.ndarray, np.ndarray]:
    """A batch normalization as x * scale + shift, per channel."""
    found = [build.real(operator, role) for role in ("scale", "bias", "mean", "variance")]
    scale, bias, mean, variance = (np.asarray(one, np.float64) for one in found)
    factor = scale / np.sqrt(variance + float(operator.attributes.get("epsilon", 1e-5)))
    return factor, bias - mean * factor
