"""Element-wise operators on two tensors, and reductions."""

from collections.abc import Callable

from ..node import Node, Operand, Step
from .convolutions import broadcast

PAIRS = {
    "ADD": "Add",
    "SUB": "Subtract",
    "MUL": "Multiply",
    "DIV": "Divide",
    "MAXIMUM": "Maximum",
    "MINIMUM": "Minimum",
    "POW": "Power",
}
REDUCTIONS = {
    "MEAN": "ReduceMean",
    "SUM": "ReduceSum",
    "REDUCE_MAX": "ReduceMax",
    "REDUCE_MIN": "ReduceMin",
    "REDUCE_PROD": "ReduceProd",
}


def pair(node: Node) -> list[Step]:
    """An operator on two tensors, one of which may be constant."""
    left, right = node.input(0), node.input(1)
    shape = broadcast(node, left.shape, right.shape)
    attributes: dict[str, bool] = {}
    inputs: tuple[Operand, ...] = (left, right)
    constants: dict[str, Operand | None] = {}
    if left.constant != right.constant:
        attributes["operand_first"] = left.constant
        inputs, constants = ((right,), {"operand": left}) if left.constant else ((left,), {"operand": right})
    return node.activated(Step(PAIRS[node.file.code], inputs, (node.output(shape),), attributes, constants))


def reduction(node: Node) -> list[Step]:
    """MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD over constant axes."""
    data, keep = node.input(0), bool(node.option("KeepDims", False))
    rank = len(data.shape)
    axes = sorted({node.axis(axis, rank) for axis in node.numbers(1)})
    shape = tuple(1 if axis in axes else size for axis, size in enumerate(data.shape) if keep or axis not in axes)
    return node.simple(REDUCTIONS[node.file.code], (data,), shape, {"axes": axes, "keep_dims": keep})


def arg_max(node: Node) -> list[Step]:
    """ARG_MAX; the axis goes away."""
    data = node.input(0)
    axis = node.axis(node.number(1), len(data.shape))
    shape = data.shape[:axis] + data.shape[axis + 1 :]
    return [Step("ArgMax", (data,), (node.output(shape),), {"axis": axis, "keep_dims": False})]


ARITHMETIC: dict[str, Callable[[Node], list[Step]]] = {
    **dict.fromkeys(PAIRS, pair),
    **dict.fromkeys(REDUCTIONS, reduction),
    "ARG_MAX": arg_max,
}
