"""Normalizations."""

from typing import List, Tuple

import numpy as np

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from .batch_norm_folding import scale_and_shift
from .reduction import mean


def batch(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """BatchNormalization that stands by itself."""
    output = build.graph.tensors[operator.outputs[0]]
    if len(inputs[0].shape) != 4:
        factor, shift = scale_and_shift(build, operator)
        return _affine(build, inputs[0], factor.astype(np.float32), shift.astype(np.float32), 1)
    roles = ("mean", "variance", "bias", "scale")  # Arm NN's order: mean, variance, beta, gamma
    found = [build.real(operator, role) for role in roles]
    descriptor = build.ann.BatchNormalizationDescriptor()
    descriptor.m_Eps = float(operator.attributes.get("epsilon", 1e-5))
    descriptor.m_DataLayout = build.layout
    given = [build.tensor(np.asarray(one)) for one in found]
    return build.add(build.network.AddBatchNormalizationLayer(descriptor, *given, build.name), inputs, output)


def instance(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """InstanceNormalization; Arm NN knows one scale and bias for all channels, so those follow by themselves."""
    output = build.graph.tensors[operator.outputs[0]]
    descriptor = build.ann.InstanceNormalizationDescriptor()
    descriptor.m_Gamma, descriptor.m_Beta = 1.0, 0.0
    descriptor.m_Eps = float(operator.attributes.get("epsilon", 1e-5))
    descriptor.m_DataLayout = build.layout
    found = build.add(build.network.AddInstanceNormalizationLayer(descriptor, build.name), inputs, output)
    return _learned(build, operator, found, build.channel_axis)


def layer(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """LayerNormalization over the axes from `axis` on, put together from means."""
    value = inputs[0]
    first = int(operator.attributes.get("axis", -1)) % len(value.shape)
    found = _standard(build, value, tuple(range(first, len(value.shape))), operator)
    for role, kind in (("scale", "Multiplication"), ("bias", "Addition")):
        array = build.real(operator, role)
        if array is not None:
            found = build.binary(kind, found, build.constant(array))
    return found


def group(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """GroupNormalization, with the channels of a group beside their map."""
    value, groups = inputs[0], int(operator.attributes["group"])
    if build.graph.layout != "NCHW":
        raise TranslationError("group normalization with channels last")
    flat = build.reshape(value, (value.shape[0], groups, int(np.prod(value.shape[1:])) // groups))
    found = build.reshape(_standard(build, flat, (2,), operator), value.shape)
    return _learned(build, operator, found, 1)


def local_response(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """LocalResponseNormalization; Arm NN does not divide alpha by the size."""
    attributes, descriptor = operator.attributes, build.ann.NormalizationDescriptor()
    descriptor.m_NormChannelType = build.ann.NormalizationAlgorithmChannel_Across
    descriptor.m_NormMethodType = build.ann.NormalizationAlgorithmMethod_LocalBrightness
    descriptor.m_NormSize = int(attributes["size"])
    descriptor.m_Alpha = float(attributes["alpha"]) / int(attributes["size"])
    descriptor.m_Beta, descriptor.m_K = float(attributes["beta"]), float(attributes["bias"])
    descriptor.m_DataLayout = build.layout
    made = build.network.AddNormalizationLayer(descriptor, build.name)
    return build.add(made, inputs, build.graph.tensors[operator.outputs[0]])


def l2(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """L2Normalization over the channels; a matrix is taken for a map of one point."""
    value, output = inputs[0], build.graph.tensors[operator.outputs[0]]
    axis = int(operator.attributes.get("axis", -1)) % len(value.shape)
    channels = value.shape[axis]
    if len(value.shape) == 4 and axis == build.channel_axis:
        shape = value.shape
    elif axis == len(value.shape) - 1:
        rows = int(np.prod(value.shape)) // channels
        shape = (rows, channels, 1, 1) if build.graph.layout == "NCHW" else (rows, 1, 1, channels)
    else:
        raise TranslationError("L2 normalization over an axis that is not the channels'")
    descriptor = build.ann.L2NormalizationDescriptor()
    descriptor.m_Eps = float(operator.attributes.get("epsilon", 1e-12))
    descriptor.m_DataLayout = build.layout
    made = build.network.AddL2NormalizationLayer(descriptor, build.name)
    return build.reshape(build.add(made, [build.reshape(value, shape)], output, shape), tuple(output.shape))


def _standard(build: Builder, value: Value, axes: Tuple[int, ...], operator: Operator) -> Value:
    """(x - mean) / sqrt(variance + epsilon) over some axes."""
    centred = build.binary("Subtraction", value, mean(build, value, axes, True))
    variance = mean(build, build.activation(centred, "Square"), axes, True)
    shifted = build.activation(variance, "Linear", 1.0, float(operator.attributes.get("epsilon", 1e-5)))
    return build.binary("Division", centred, build.activation(shifted, "Sqrt"))


def _learned(build: Builder, operator: Operator, value: Value, axis: int) -> Value:
    scale, bias = build.real(operator, "scale"), build.real(operator, "bias")
    channels = value.shape[axis]
    factor = np.ones(channels, np.float32) if scale is None else scale
    return _affine(build, value, factor, np.zeros(channels, np.float32) if bias is None else bias, axis)


def _affine(build: Builder, value: Value, scale: np.ndarray, shift: np.ndarray, axis: int) -> Value:
    shape = tuple(-1 if place == axis else 1 for place in range(len(value.shape)))
    scaled = build.binary("Multiplication", value, build.constant(scale.reshape(shape)))
    return build.binary("Addition", scaled, build.constant(shift.reshape(shape)))


TRANSLATIONS = {
    "BatchNormalization": batch,
    "InstanceNormalization": instance,
    "LayerNormalization": layer,
    "GroupNormalization": group,
    "LocalResponseNormalization": local_response,
    "L2Normalization": l2,
}
