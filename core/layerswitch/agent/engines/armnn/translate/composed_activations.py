"""Activations that Arm NN has no function for, put together from those it has."""

import math
from typing import List

import numpy as np

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from .activation import LARGEST


def _real(inputs: List[Value]) -> Value:
    if not inputs[0].floating:
        raise TranslationError("a composed activation of quantized numbers")
    return inputs[0]


def _gate(build: Builder, value: Value, slope: float, offset: float) -> Value:
    """clip(slope * x + offset, 0, 1)."""
    return build.activation(build.activation(value, "Linear", slope, offset), "BoundedReLu", 1.0, 0.0)


def hard_sigmoid(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """HardSigmoid: clip(alpha * x + beta, 0, 1)."""
    attributes = operator.attributes
    return _gate(build, _real(inputs), attributes.get("alpha", 0.2), attributes.get("beta", 0.5))


def hard_swish(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """HardSwish: x * clip(x / 6 + 1/2, 0, 1), or Arm NN's own where it has it."""
    if hasattr(build.ann, "ActivationFunction_HardSwish"):
        return build.activation(inputs[0], "HardSwish", 0, 0, build.graph.tensors[operator.outputs[0]])
    value = _real(inputs)
    return build.binary("Multiplication", value, _gate(build, value, 1 / 6, 0.5))


def swish(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Swish: x * sigmoid(x)."""
    value = _real(inputs)
    return build.binary("Multiplication", value, build.activation(value, "Sigmoid"))


def mish(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Mish: x * tanh(log(1 + exp(x)))."""
    value = _real(inputs)
    inner = build.activation(build.activation(value, "SoftReLu"), "TanH", 1.0, 1.0)
    return build.binary("Multiplication", value, inner)


def elu(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Elu and Selu: gamma * (max(x, 0) + alpha * (exp(min(x, 0)) - 1))."""
    selu = operator.type == "Selu"
    if not selu and hasattr(build.ann, "ActivationFunction_Elu"):
        alpha = float(operator.attributes.get("alpha", 1.0))
        return build.activation(inputs[0], "Elu", alpha, 0.0, build.graph.tensors[operator.outputs[0]])
    value = _real(inputs)
    alpha = float(operator.attributes.get("alpha", 1.67326319217681884765625 if selu else 1.0))
    gamma = float(operator.attributes.get("gamma", 1.05070102214813232421875 if selu else 1.0))
    below = exponential(build, build.activation(value, "BoundedReLu", 0.0, -LARGEST))
    below = build.activation(below, "Linear", alpha * gamma, -alpha * gamma)
    above = build.activation(build.activation(value, "ReLu"), "Linear", gamma, 0.0)
    return build.binary("Addition", above, below)


def gelu(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Gelu: by Arm NN's own where it has it, else tanh's kind, or erf's by a polynomial.

    tanh: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))). erf: x/2 + |x|/2 * erf(|x| / sqrt 2).
    """
    value, approximate = inputs[0], operator.attributes.get("approximate", "none")
    if approximate != "tanh" and hasattr(build.ann, "ActivationFunction_Gelu"):
        return build.activation(value, "Gelu", 0, 0, build.graph.tensors[operator.outputs[0]])
    value = _real(inputs)
    if approximate != "tanh":
        size = build.activation(value, "Abs")
        product = build.binary("Multiplication", size, erf_of_size(build, size, 1 / math.sqrt(2)))
        return build.activation(build.binary("Addition", value, product), "Linear", 0.5, 0.0)
    weight = build.activation(build.activation(value, "Square"), "Linear", 0.044715, 1.0)
    inner = build.activation(build.binary("Multiplication", value, weight), "Linear", math.sqrt(2 / math.pi), 0.0)
    half = build.activation(build.activation(inner, "TanH", 1.0, 1.0), "Linear", 0.5, 0.5)
    return build.binary("Multiplication", value, half)


def erf_of_size(build: Builder, size: Value, factor: float) -> Value:
    """erf(factor * size) for numbers that are not negative, within 2e-7.

    1 - t * P(t) * exp(-x^2) with t = 1 / (1 + p x): Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
    """
    linear = build.activation(size, "Linear", 0.3275911 * factor, 1.0)
    t = build.binary("Division", build.constant(np.ones((1,) * len(size.shape), np.float32)), linear, size)
    found = build.activation(t, "Linear", 1.061405429, -1.453152027)
    for coefficient in (1.421413741, -0.284496736, 0.254829592):
        found = build.activation(build.binary("Multiplication", found, t), "Linear", 1.0, coefficient)
    found = build.binary("Multiplication", found, t)
    tail = exponential(build, build.activation(build.activation(size, "Square"), "Linear", -factor * factor, 0.0))
    return build.activation(build.binary("Multiplication", found, tail), "Linear", -1.0, 1.0)


def exponential(build: Builder, value: Value) -> Value:
    """exp(x)."""
    descriptor = build.ann.ElementwiseUnaryDescriptor(build.ann.UnaryOperation_Exp)
    return build.add(build.network.AddElementwiseUnaryLayer(descriptor, build.name), [value], value)


def power(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Power with the exponents that are something else as well: 0.5, 1, 2, 3."""
    exponent = build.real(operator, "operand")
    if exponent is None or exponent.size != 1 or operator.attributes.get("operand_first"):
        raise TranslationError("a power of other than one number")
    value, wanted = _real(inputs), float(np.reshape(exponent, -1)[0])
    if wanted == 0.5:
        return build.activation(value, "Sqrt")
    if wanted not in (1.0, 2.0, 3.0):
        raise TranslationError("Arm NN has no power of {:g}".format(wanted))
    if wanted == 1.0:
        return build.activation(value, "Linear", 1.0, 0.0)
    square = build.activation(value, "Square")
    return square if wanted == 2.0 else build.binary("Multiplication", value, square)


TRANSLATIONS = {
    "HardSigmoid": hard_sigmoid,
    "HardSwish": hard_swish,
    "Swish": swish,
    "Mish": mish,
    "Elu": elu,
    "Selu": elu,
    "Gelu": gelu,
    "Power": power,
}
