"""FullyConnected, and MatMul of two activations."""

from typing import Any, List, Tuple

import numpy as np

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from .quantized_fallback import in_float, through_float
from .reduction import mean
from .reshape import permuted
from .tile import repeated

MOST = 1 << 24  # numbers (64 MB) that a product put together from others may need in between


def fully_connected(build: Builder, operator: Operator, inputs: List[Value], like: Any = None) -> Value:
    """FullyConnected over the last axis of its input, which Arm NN wants as two axes."""
    if like is None and in_float(build.library, build.graph, operator):
        return through_float(build, operator, inputs, lambda real, wide: fully_connected(build, operator, real, wide))
    value, output = inputs[0], like or build.graph.tensors[operator.outputs[0]]
    attributes, by_output = operator.attributes, operator.attributes["weight_layout"] == "OI"
    bias: Any
    if value.floating:
        weights, bias = build.real(operator, "weights"), build.real_bias(operator)
        assert weights is not None
        weights = weights * float(attributes.get("alpha", 1.0))
        bias = None if bias is None else (bias.reshape(-1) * float(attributes.get("beta", 1.0)), "float32", 0.0, 0)
        given: Any = (weights, "float32", 0.0, 0)
    else:
        tensor, stored = build.graph.tensors[operator.constants["weights"]], build.array(operator, "weights")
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
    """MatMul of two activations, or of one and a constant: by Arm NN's own layer (from 22.08 on), or by products.

    Without that layer, [.., M, K, 1] * [.., 1, K, N] is added up over K: right, but no matrix product in time or space.
    """
    output, operands = build.graph.tensors[operator.outputs[0]], list(inputs)
    for role in ("input0", "input1"):
        array = build.real(operator, role)
        if array is not None:
            operands.insert(int(role[-1]), build.constant(array))
    left, right = operands
    if min(len(left.shape), len(right.shape)) < 2:
        raise TranslationError("a product with a vector")
    turns = [bool(operator.attributes.get(key, False)) for key in ("transpose_a", "transpose_b")]
    batch = tuple(np.broadcast(np.empty(left.shape[:-2], "b"), np.empty(right.shape[:-2], "b")).shape)
    if hasattr(build.network, "AddBatchMatMulLayer"):
        descriptor = build.ann.BatchMatMulDescriptor()
        descriptor.m_TransposeX, descriptor.m_TransposeY = turns
        layer = build.network.AddBatchMatMulLayer(descriptor, build.name)
        return build.add(layer, [_batched(build, left, batch), _batched(build, right, batch)], output)
    if not (left.floating and right.floating):
        raise TranslationError("a product of two quantized activations is not in Arm NN " + build.library.release)
    left, right = (  # both as [batch, M, K] and [batch, K, N]
        permuted(build, one, [*range(len(one.shape) - 2), len(one.shape) - 1, len(one.shape) - 2]) if turned else one
        for one, turned in zip((left, right), turns)
    )
    (rows, length), columns, count = left.shape[-2:], right.shape[-1], int(np.prod(batch))
    if count * rows * length * columns > MOST:
        raise TranslationError(
            "a product of two activations as large as this is not in Arm NN " + build.library.release
        )
    left = build.reshape(_batched(build, left, batch), (count, rows, length, 1))
    right = build.reshape(_batched(build, right, batch), (count, 1, length, columns))
    summed = mean(build, build.binary("Multiplication", left, right), (2,), True)
    return build.reshape(build.activation(summed, "Linear", float(length), 0.0), tuple(output.shape))


def _batched(build: Builder, value: Value, batch: Tuple[int, ...]) -> Value:
    """A value with all the axes in front that the product has."""
    value = build.reshape(value, (1,) * (len(batch) + 2 - len(value.shape)) + value.shape)
    repeats = [after // before for before, after in zip(value.shape, batch)]
    return repeated(build, value, [*repeats, 1, 1]) if max(repeats, default=1) > 1 else value


TRANSLATIONS = {"FullyConnected": fully_connected, "MatMul": matmul}
