"""Activations that Arm NN has a function for, and softmax."""

from typing import Any, List

import numpy as np

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from .quantized_fallback import in_float, through_float
from .reshape import permuted

LARGEST = float(np.finfo(np.float32).max)
FUNCTIONS = {  # type -> Arm NN's function, a, b
    "Relu": ("ReLu", 0.0, 0.0),
    "Sigmoid": ("Sigmoid", 0.0, 0.0),
    "Tanh": ("TanH", 1.0, 1.0),
    "Softplus": ("SoftReLu", 0.0, 0.0),
    "Abs": ("Abs", 0.0, 0.0),
    "Square": ("Square", 0.0, 0.0),
    "Sqrt": ("Sqrt", 0.0, 0.0),
}


def plain(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """An activation with a function of its own."""
    function, a, b = FUNCTIONS[operator.type]
    return build.activation(inputs[0], function, a, b, build.graph.tensors[operator.outputs[0]])


def leaky(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """LeakyRelu."""
    output = build.graph.tensors[operator.outputs[0]]
    return build.activation(inputs[0], "LeakyReLu", operator.attributes.get("alpha", 0.01), 0.0, output)


def clip(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Clip as a bounded ReLU; open ends are the largest numbers there are."""
    low, high = operator.attributes.get("min"), operator.attributes.get("max")
    output = build.graph.tensors[operator.outputs[0]]
    if high is None and low == 0:
        return build.activation(inputs[0], "ReLu", 0.0, 0.0, output)
    high, low = LARGEST if high is None else high, -LARGEST if low is None else low
    return build.activation(inputs[0], "BoundedReLu", min(high, LARGEST), max(low, -LARGEST), output)


def prelu(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """PRelu, its slope with as many axes as the input."""
    slope, value = build.real(operator, "slope"), inputs[0]
    if slope is None:
        raise TranslationError("a slope that is computed by the network")
    shape = (1,) * (len(value.shape) - slope.ndim) + slope.shape
    layer = build.network.AddPreluLayer(build.name)
    given = [value, build.constant(slope.reshape(shape))]
    return build.add(layer, given, build.graph.tensors[operator.outputs[0]])


def softmax(build: Builder, operator: Operator, inputs: List[Value], like: Any = None) -> Value:
    """Softmax and LogSoftmax: over the second of two axes, which every backend can do, the numbers put that way."""
    if like is None and in_float(build.library, build.graph, operator):
        return through_float(build, operator, inputs, lambda real, wide: softmax(build, operator, real, wide))
    value, output = inputs[0], like or build.graph.tensors[operator.outputs[0]]
    rank = len(value.shape)
    axis = int(operator.attributes.get("axis", -1)) % rank
    order = [*(place for place in range(rank) if place != axis), axis]
    turned = permuted(build, value, order)
    flat = build.reshape(turned, (int(np.prod(value.shape)) // value.shape[axis], value.shape[axis]))
    descriptor = build.ann.SoftmaxDescriptor()
    descriptor.m_Beta = float(operator.attributes.get("beta", 1.0))
    descriptor.m_Axis = 1
    add = build.network.AddSoftmaxLayer if operator.type == "Softmax" else build.network.AddLogSoftmaxLayer
    found = build.reshape(build.add(add(descriptor, build.name), [flat], output, flat.shape), turned.shape)
    return build.reshape(permuted(build, found, [order.index(place) for place in range(rank)]), tuple(output.shape))


TRANSLATIONS = dict.fromkeys(FUNCTIONS, plain)
TRANSLATIONS.update({"LeakyRelu": leaky, "Clip": clip, "PRelu": prelu, "Softmax": softmax, "LogSoftmax": softmax})
