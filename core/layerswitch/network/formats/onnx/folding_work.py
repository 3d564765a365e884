"""What it takes to compute a constant from others: a bound on the work, known before any of it is done.

ONNX's reference implementation computes whatever a file asks for, and small inputs and outputs bound nothing: an
average pool of 4 x 4 numbers with a kernel of 20000 x 20000 pads them to 15 GB first.
"""

import math
from collections.abc import Sequence

from .node import Node, TensorType

AT_ONCE = 1 << 24
"""Steps (of about 20 ns) for a value that is computed while the file is opened: shape arithmetic takes hundreds."""
ALL_AT_ONCE, FOR_A_BYTE = 1 << 27, 64
"""Steps for all such values of a file together; more where the file without its weights is larger than 2 MB."""
LATER = 1 << 35
"""Steps for a constant that is computed when it is asked for: folding weights of half a gigabyte takes 2**31."""
CALL = 1 << 14
"""Steps that any operator takes, however small its tensors."""
LOOP = 64
"""Steps for a number that is looked at in a loop of Python's, as most operators of the reference are written."""

LINEAR = {
    *("Abs", "Add", "And", "Cast", "CastLike", "Ceil", "Clip", "Compress", "Concat", "ConstantOfShape", "Cos", "Div"),
    *("DequantizeLinear", "Equal", "Erf", "Exp", "Expand", "EyeLike", "Flatten", "Floor", "Gather", "GatherElements"),
    *("GatherND", "Greater", "GreaterOrEqual", "Identity", "Less", "LessOrEqual", "Log", "Max", "Mean", "Min", "Mod"),
    *("Mul", "Neg", "NonZero", "Not", "OneHot", "Or", "Pow", "QuantizeLinear", "Range", "Reciprocal", "ReduceMax"),
    *("ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu", "Reshape", "Round", "ScatterElements", "Shape"),
    *("ScatterND", "Sigmoid", "Sign", "Sin", "Slice", "Softmax", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh"),
    *("Tile", "Transpose", "Unsqueeze", "Where", "Xor"),
}
"""Operators that look at each number of their inputs and outputs a few times."""
WINDOW = ("kernel_shape", "pads", "dilations", "strides", "output_padding", "output_shape", "size", "dft_length")
"""Attributes by whose size an operator does more, whatever its inputs and outputs are."""


def steps(node: Node, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> int:
    """How many numbers are looked at to compute a node, at most; far too many rather than too few."""
    read, written = sum(map(_numbers, inputs)), sum(map(_numbers, outputs))
    if node.type in LINEAR:
        return CALL + read + written
    if node.type == "MatMul" and all(kind.shape for kind in inputs):
        return CALL + read + max(written, 1) * inputs[0].shape[-1]
    if node.type == "Einsum":
        return CALL + _of_equation(str(node.attributes.get("equation", "")), inputs)
    window = 1
    for name in WINDOW:
        value = node.attributes.get(name, 1)
        window *= math.prod(max(1, abs(int(one))) for one in (value if isinstance(value, list) else [value]))
    return CALL + LOOP * max(read, 1) * max(written, 1) * window


def _numbers(kind: TensorType) -> int:
    """How many numbers a tensor holds; an empty one as if it held some: Tile forms those on its way."""
    return math.prod(max(size, 1) for size in kind.shape)


def _of_equation(equation: str, inputs: Sequence[TensorType]) -> int:
    """Every combination of the indices: numpy forms each of them. An ellipsis counts as indices of each input's own."""
    terms, sizes, rest = equation.replace(" ", "").split("->")[0].split(","), dict[str, int](), 1
    for term, kind in zip(terms, inputs, strict=False):
        before, _, after = term.partition("...")
        ends = len(kind.shape) - len(after)
        rest *= math.prod(kind.shape[len(before) : ends]) if "..." in term else 1
        for index, size in (*zip(before, kind.shape, strict=False), *zip(after, kind.shape[ends:], strict=False)):
            sizes[index] = max(size, sizes.get(index, 1))
    return math.prod(sizes.values()) * max(rest, 1)
