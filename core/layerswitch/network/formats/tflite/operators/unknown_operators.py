"""Operators outside the vocabulary whose output shape is known all the same: they stay unknown, and drawable."""

import math
from collections.abc import Callable

import numpy as np

from ..node import Node, Step, UntranslatableError
from ..records import Shape
from .convolutions import broadcast

PAIRWISE = (
    *("SQUARED_DIFFERENCE", "FLOOR_DIV", "FLOOR_MOD", "ATAN2", "BITWISE_XOR", "RIGHT_SHIFT", "ADD_N"),
    *("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL", "LOGICAL_AND", "LOGICAL_OR"),
    *("SELECT", "SELECT_V2"),
)
ALIKE = (
    *("LOGICAL_NOT", "SIGN", "ZEROS_LIKE", "FAKE_QUANT", "CUMSUM", "REVERSE_V2", "REVERSE_SEQUENCE"),
    *("REAL", "IMAG", "COMPLEX_ABS"),
)
LARGEST_FILL = 2**24
"""Elements of a constant that FILL or RANGE makes; more comes from a damaged file."""


def _unknown(node: Node, shape: Shape) -> list[Step]:
    inputs = tuple(operand for operand in node.inputs if operand is not None)
    return [Step(node.file.code, inputs, (node.output(shape),), {"unknown": True})]


def pairwise(node: Node) -> list[Step]:
    """Element-wise on two or three tensors, ADD_N on any number."""
    wanted = 3 if node.file.code.startswith("SELECT") else 2
    if len(node.inputs) != wanted and (node.file.code != "ADD_N" or not node.inputs):
        raise node.fail(f"has {len(node.inputs)} inputs, where {wanted} belong")
    return _unknown(node, broadcast(node, *(node.input(place).shape for place in range(len(node.inputs)))))


def alike(node: Node) -> list[Step]:
    """One output of the first input's shape."""
    return _unknown(node, node.input(0).shape)


def _whole(node: Node) -> str:
    """The type of whole numbers that the output has."""
    dtype = node.output(()).dtype
    if dtype not in ("int32", "int64"):
        raise node.fail(f"makes {dtype}, where whole numbers belong")
    return dtype


def shape_of(node: Node) -> list[Step]:
    """SHAPE: a constant, since every shape is known."""
    shape = np.array(node.input(0).shape, _whole(node))
    return [Step("Shape", (), (node.output(shape.shape),), fold=lambda: shape)]


def rank_of(node: Node) -> list[Step]:
    """RANK."""
    rank = np.array(len(node.input(0).shape), _whole(node))
    return [Step("Rank", (), (node.output(()),), fold=lambda: rank)]


def fill(node: Node) -> list[Step]:
    """FILL with a constant shape."""
    shape, value = node.numbers(0), node.input(1)
    if min(shape, default=0) < 0 or math.prod(shape) > LARGEST_FILL or value.tensor.elements != 1:
        raise node.fail("fills an impossible shape")
    if not value.constant:
        return _unknown(node, shape)
    return [Step("Fill", (value,), (node.output(shape),), fold=lambda one: np.full(shape, one.reshape(())))]


def count(node: Node) -> list[Step]:
    """RANGE of constant whole numbers."""
    start, limit, step = (node.number(place) for place in range(3))
    if step == 0 or len(range(start, limit, step)) > LARGEST_FILL:
        raise node.fail("counts without end")
    made, kind = node.output((len(range(start, limit, step)),)), _whole(node)
    return [Step("Range", (), (made,), fold=lambda: np.arange(start, limit, step, dtype=kind))]


def space_to_batch(node: Node) -> list[Step]:
    """SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND on maps."""
    data, block, amounts = node.input(0), node.numbers(1), node.numbers(2)
    axes = len(block)
    if axes >= len(data.shape) or len(amounts) != 2 * axes or min((*block, 1)) < 1 or min((*amounts, 0)) < 0:
        raise node.fail("has impossible blocks")
    batch, inner, rest = data.shape[0], data.shape[1 : axes + 1], data.shape[axes + 1 :]
    edges = [before + after for before, after in zip(amounts[::2], amounts[1::2], strict=True)]
    sizes = list(zip(inner, block, edges, strict=True))
    if node.file.code == "SPACE_TO_BATCH_ND":
        made, left = tuple((size + edge) // step for size, step, edge in sizes), 0
        left = sum((size + edge) % step for size, step, edge in sizes)
        batch *= math.prod(block)
    else:
        made, left = tuple(size * step - edge for size, step, edge in sizes), batch % math.prod(block)
        batch //= math.prod(block)
    if left:
        raise node.fail("has blocks that do not divide what it reads")
    return _unknown(node, (batch, *made, *rest))


def nothing(node: Node) -> list[Step]:
    """Operators whose output shape only the file can say."""
    raise UntranslatableError(node.file.code)


FOREIGN: dict[str, Callable[[Node], list[Step]]] = {
    **dict.fromkeys(PAIRWISE, pairwise),
    **dict.fromkeys(ALIKE, alike),
    "SHAPE": shape_of,
    "RANK": rank_of,
    "FILL": fill,
    "RANGE": count,
    "SPACE_TO_BATCH_ND": space_to_batch,
    "BATCH_TO_SPACE_ND": space_to_batch,
}
