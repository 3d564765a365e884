"""Tile and Expand: by a product with ones along axes of length 1, by a concatenation along others."""

from typing import List, Sequence

import numpy as np

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from .movement import joined

MOST = 64  # copies that a concatenation is made of


def tile(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Tile."""
    value = inputs[0]
    repeats = [int(one) for one in operator.attributes["repeats"]]
    if len(repeats) != len(value.shape):
        raise TranslationError("{} repeats of {} axes".format(len(repeats), len(value.shape)))
    return repeated(build, value, repeats)


def expand(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Expand to the output's known shape."""
    shape = tuple(build.graph.tensors[operator.outputs[0]].shape)
    value = build.reshape(inputs[0], (1,) * (len(shape) - len(inputs[0].shape)) + inputs[0].shape)
    return repeated(build, value, [after // before for before, after in zip(value.shape, shape)])


def repeated(build: Builder, value: Value, repeats: Sequence[int]) -> Value:
    """A value so many times along every axis."""
    wide = [count if length == 1 else 1 for count, length in zip(repeats, value.shape)]
    if max(wide, default=1) > 1:
        dtype = "float32" if value.floating else value.dtype
        # scale 1, zero point 0: a quantized one is the number 1, and the product is exact
        ones = build.constant(np.ones(wide, np.float32), dtype, 0.0 if value.floating or dtype == "int32" else 1.0)
        value = build.binary("Multiplication", value, ones)
    for axis, count in enumerate(repeats):
        if wide[axis] == 1 and count > 1:
            if count > MOST:
                raise TranslationError("a tensor repeated {} times along an axis".format(count))
            value = joined(build, [value] * count, axis)
    if all(count == 1 for count in repeats):
        value = build.copied(value)
    return value


TRANSLATIONS = {"Tile": tile, "Expand": expand}
