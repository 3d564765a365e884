"""Element-wise arithmetic of two operands, one of which may be a constant, and of one."""

from typing import List

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value

BINARY = {
    "Add": "Addition",
    "Subtract": "Subtraction",
    "Multiply": "Multiplication",
    "Divide": "Division",
    "Maximum": "Maximum",
    "Minimum": "Minimum",
}
UNARY = {"Exp": "Exp", "Rsqrt": "Rsqrt", "Negate": "Neg", "Log": "Log", "Sin": "Sin"}


def binary(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Add and its like, of two inputs or an input and the constant `operand`."""
    operands, output = list(inputs), build.graph.tensors[operator.outputs[0]]
    if "operand" in operator.constants:
        other = _operand(build, operator, inputs[0])
        operands = [other, *inputs] if operator.attributes.get("operand_first") else [*inputs, other]
    if len(operands) == 1:
        operands *= 2  # x + x, written once by the reader
    found = operands[0]
    for other in operands[1:-1]:
        found = build.binary(BINARY[operator.type], found, other)
    return build.binary(BINARY[operator.type], found, operands[-1], output)


def _operand(build: Builder, operator: Operator, value: Value) -> Value:
    if value.floating:
        array = build.real(operator, "operand")
        assert array is not None
        return build.constant(array.reshape(array.shape or (1,)))
    tensor, stored = build.graph.tensors[operator.constants["operand"]], build.array(operator, "operand")
    assert stored is not None
    dtype = str(stored.dtype)
    return build.constant(stored.reshape(stored.shape or (1,)), dtype, tensor.scale, tensor.zero_point)


def unary(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Exp and its like; which there are depends on Arm NN's version."""
    name = "UnaryOperation_" + UNARY[operator.type]
    if not hasattr(build.ann, name):
        raise TranslationError("{} is not in Arm NN {}".format(operator.type, build.library.release))
    descriptor = build.ann.ElementwiseUnaryDescriptor(getattr(build.ann, name))
    layer = build.network.AddElementwiseUnaryLayer(descriptor, build.name)
    return build.add(layer, inputs, build.graph.tensors[operator.outputs[0]])


TRANSLATIONS = dict.fromkeys(BINARY, binary)
TRANSLATIONS.update(dict.fromkeys(UNARY, unary))
