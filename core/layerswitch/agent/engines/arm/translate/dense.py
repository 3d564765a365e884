"""FullyConnected, and MatMul of two activations."""

from typing import Any, List

import numpy as np

from ..building import Builder, TranslationError, Value
from ..graph import Operator


def fully_connected(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """FullyConnected over the last axis of its input, which Arm NN wants as two axes."""
    value, output = inputs[0], build.graph.tensors[operator.outputs[0]]
    attributes, by_output = operator.attributes, operator.attributes["weight_layout"] == "OI"
    bias: Any
    if value.floating:
        weights, bias = build.real(operator, "weights"), build.real(operator, "bias")
        assert weights is not None
        weights = weights * float(attributes.get("alpha", 1.0))
        bias = None if bias is None else (bias.reshape(-1) * float(attributes.get("beta", 1.0)), "float32", 0.0, 0)
        given: Any = (weights, "float32", 0.0, 0)
    else:
        tensor, stored = build.graph.tensors[operator.constants["weights"]], build.array(operator, "weights")
        if len(set(tensor.scales)) > 1:
            raise TranslationError("weights quantized per channel: pyarmnn cannot say so")
        weights = np.asarray(stored)
        given = (weights, str(weights.dtype), tensor.scale, tensor.zero_point)
        integers = build.array(operator, "bias")
        bias = None if integers is None else (integers.reshape(-1), "int32", value.scale * tensor.scale, 0)
    length, units = weights.shape if not by_output else weights.shape[::-1]
    if bias is not None and bias[0].size not in (1, units):
        raise TranslationError("a bias of another shape than the units")
    if bias is not None and bias[0].size != units:
        bias = (np.broadcast_to(bias[0], (units,)), *bias[1:])
    rows = int(np.prod(value.shape)) // length
    descriptor = build.ann.FullyConnectedDescriptor()
    descriptor.m_TransposeWeightMatrix = by_output
    flat = build.reshape(value, (rows, length))
    found = build.weighted("FullyConnected", descriptor, flat, given, bias, output, (rows, units))
    return build.reshape(found, tuple(output.shape))


def matmul(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """MatMul of two activations, which Arm NN has from 22.08 on."""
    if not hasattr(build.network, "AddBatchMatMulLayer"):
        raise TranslationError("a product of two activations is not in Arm NN {}".format(build.library.release))
    descriptor = build.ann.BatchMatMulDescriptor()
    descriptor.m_TransposeX = bool(operator.attributes.get("transpose_a", False))
    descriptor.m_TransposeY = bool(operator.attributes.get("transpose_b", False))
    layer = build.network.AddBatchMatMulLayer(descriptor, build.name)
    return build.add(layer, inputs, build.graph.tensors[operator.outputs[0]])


TRANSLATIONS = {"FullyConnected": fully_connected, "MatMul": matmul}
