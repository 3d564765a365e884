"""What an operator makes of constants alone: shape arithmetic, and weights that the file stores in another order."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .node import Step
from .records import Array

Compute = Callable[[dict[str, Any], list[Array]], Array]


def _slice(attributes: dict[str, Any], inputs: list[Array]) -> Array:
    cuts = [slice(None)] * inputs[0].ndim
    for start, end, axis, step in zip(*(attributes[key] for key in ("starts", "ends", "axes", "steps")), strict=True):
        cuts[axis] = slice(start, end, step)
    return inputs[0][tuple(cuts)]


def _divide(left: Array, right: Array) -> Array:
    if left.dtype.kind in "iu":  # whole numbers are cut towards zero, as in C
        return np.asarray(np.abs(left) // np.abs(right) * np.sign(left) * np.sign(right), left.dtype)
    return np.asarray(left / right)


def _reduce(function: Callable[..., Any]) -> Compute:
    return lambda attributes, inputs: np.asarray(
        function(inputs[0], axis=tuple(attributes["axes"]), keepdims=attributes["keep_dims"])
    ).astype(inputs[0].dtype)


MOVING: dict[str, Compute] = {
    "Reshape": lambda attributes, inputs: inputs[0].reshape(attributes["shape"]),
    "Transpose": lambda attributes, inputs: inputs[0].transpose(attributes["permutation"]),
    "Slice": _slice,
    "Concat": lambda attributes, inputs: np.concatenate(inputs, attributes["axis"]),
    "Gather": lambda attributes, inputs: np.take(inputs[0], inputs[1], attributes["axis"]),
    "Expand": lambda attributes, inputs: np.broadcast_to(inputs[0], attributes["shape"]),
    "Tile": lambda attributes, inputs: np.tile(inputs[0], attributes["repeats"]),
}

REDUCING: dict[str, Compute] = {
    "Cast": lambda attributes, inputs: inputs[0].astype(attributes["to"]),
    "ReduceProd": _reduce(np.prod),
    "ReduceSum": _reduce(np.sum),
    "ReduceMax": _reduce(np.max),
    "ReduceMin": _reduce(np.min),
}

PLAIN: dict[str, Callable[..., Array]] = {
    "Add": np.add,
    "Subtract": np.subtract,
    "Multiply": np.multiply,
    "Divide": _divide,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "FLOOR_DIV": np.floor_divide,
    "FLOOR_MOD": np.mod,
    "Negate": np.negative,
    "Sqrt": np.sqrt,
    "Rsqrt": lambda value: np.asarray(1 / np.sqrt(value)),
    "Exp": np.exp,
    "EQUAL": np.equal,
    "LESS": np.less,
    "GREATER": np.greater,
    "SELECT": np.where,
    "SELECT_V2": np.where,
}


UNCOUNTABLE = ("string", "resource", "variant", "complex64", "complex128")


def evaluator(step: Step) -> Callable[..., Array] | None:
    """The function that makes the step's only output from its constant inputs, or None when it stays an operator."""
    if len(step.outputs) != 1:
        return None
    tensors = (*(operand.tensor for operand in step.inputs), *step.outputs)
    if any(tensor.dtype in UNCOUNTABLE for tensor in tensors):
        return None
    if step.fold is not None:
        return step.fold
    quantized = {operand.tensor.quantization for operand in step.inputs}
    # moving numbers about is right for quantized ones too, if one scale serves them all
    scaled = len(quantized) > 1 or any(found is not None and found.axis is not None for found in quantized)
    compute = None if scaled or step.attributes.get("batch_dims") else MOVING.get(step.type)
    if quantized <= {None}:
        if step.type in PLAIN:
            return PLAIN[step.type]
        compute = compute or REDUCING.get(step.type)
    if compute is None:
        return None
    function, attributes = compute, step.attributes
    return lambda *inputs: function(attributes, list(inputs))
