"""Convolutions of all kinds."""

from typing import Any, List, Optional, Tuple

import numpy as np

from ...network_graph import Operator, Tensor
from ..network_builder import Builder, Given, Scale, TranslationError, Value
from .batch_norm_folding import scale_and_shift
from .movement import concatenated, split
from .quantized_fallback import in_float, scale_of, through_float

NAMES = {"Convolution": "Convolution2d", "DepthwiseConvolution": "DepthwiseConvolution2d"}
ORDERS = {"OIHW": (0, 1, 2, 3), "OHWI": (0, 3, 1, 2), "IOHW": (1, 0, 2, 3)}


def descriptor_of(build: Builder, operator: Operator, kind: str) -> Any:
    """A convolution descriptor with everything but the bias. Raises TranslationError for other than 2-D."""
    attributes, descriptor = operator.attributes, getattr(build.ann, kind + "Descriptor")()
    if len(attributes["kernel"]) != 2:
        raise TranslationError("Arm NN convolves over two axes, not {}".format(len(attributes["kernel"])))
    top, left, bottom, right = attributes["pads"]
    descriptor.m_PadTop, descriptor.m_PadLeft = top, left
    descriptor.m_PadBottom, descriptor.m_PadRight = bottom, right
    descriptor.m_StrideY, descriptor.m_StrideX = attributes["strides"]
    dilations = attributes.get("dilations") or [1, 1]
    if hasattr(descriptor, "m_DilationY"):
        descriptor.m_DilationY, descriptor.m_DilationX = dilations
    elif list(dilations) != [1, 1]:
        raise TranslationError("Arm NN's {} has no dilation".format(kind))
    descriptor.m_DataLayout = build.layout
    return descriptor


def convolution(
    build: Builder, operator: Operator, inputs: List[Value], batch_norm: Optional[Operator] = None, like: Any = None
) -> Value:
    """Convolution and DepthwiseConvolution, with a batch normalization folded in if one is given."""
    if like is None and batch_norm is None and in_float(build.library, build.graph, operator):
        return through_float(build, operator, inputs, lambda real, wide: convolution(build, operator, real, None, wide))
    output = like or build.graph.tensors[(batch_norm or operator).outputs[0]]
    weights, bias, dtype, scale, zero_point = _weights(build, operator, inputs[0])
    weights = _oihw(operator, weights)
    if batch_norm is not None:
        if dtype != "float32":
            raise TranslationError("a batch normalization behind a quantized convolution")
        factor, shift = scale_and_shift(build, batch_norm)
        weights = weights * factor[:, None, None, None]
        bias = shift if bias is None else bias * factor + shift
    group = int(operator.attributes.get("group", 1))
    value = inputs[0]
    if operator.type == "DepthwiseConvolution":
        given = (_depthwise(build, weights, group), dtype, scale, zero_point)
        return _added(build, operator, "DepthwiseConvolution2d", value, given, bias, output)
    if group == 1:
        given = (_laid_out(build, weights), dtype, scale, zero_point)
        return _added(build, operator, "Convolution2d", value, given, bias, output)
    axis, parts = build.channel_axis, []
    size, made = value.shape[axis] // group, weights.shape[0] // group
    for number, part in enumerate(split(build, value, axis, [size] * group)):
        chosen = slice(number * made, (number + 1) * made)
        part_scale = scale[chosen] if isinstance(scale, tuple) else scale
        given = (_laid_out(build, weights[chosen]), dtype, part_scale, zero_point)
        shape = tuple(made if place == axis else length for place, length in enumerate(output.shape))
        one = None if bias is None else bias[chosen]
        parts.append(_added(build, operator, "Convolution2d", part, given, one, output._replace(shape=shape)))
    return concatenated(build, parts, axis, output)


def transposed(build: Builder, operator: Operator, inputs: List[Value], like: Any = None) -> Value:
    """TransposedConvolution; padding of the output at its end is less cropping there."""
    if like is None and in_float(build.library, build.graph, operator):
        return through_float(build, operator, inputs, lambda real, wide: transposed(build, operator, real, wide))
    kind, value = "TransposeConvolution2d", inputs[0]
    output = like or build.graph.tensors[operator.outputs[0]]
    weights, bias, dtype, scale, zero_point = _weights(build, operator, value)
    weights, group = _oihw(operator, weights), int(operator.attributes.get("group", 1))
    descriptor = descriptor_of(build, operator, kind)
    pads = list(operator.attributes["pads"])
    sizes = zip(_plane(build, value.shape), operator.attributes["strides"], operator.attributes["kernel"])
    for place, (before, stride, kernel) in enumerate(sizes):
        made = (before - 1) * stride + kernel - pads[place] - pads[place + 2]
        pads[place + 2] -= _plane(build, output.shape)[place] - made
    if min(pads) < 0:
        raise TranslationError("a transposed convolution whose output is padded by more than it is cropped")
    descriptor.m_PadBottom, descriptor.m_PadRight = pads[2:]
    if group == 1:
        given = (_laid_out(build, weights), dtype, scale, zero_point)
        return _added(build, operator, kind, value, given, bias, output, descriptor)
    if isinstance(scale, tuple):
        raise TranslationError("a transposed convolution in groups, with weights quantized per channel")
    axis, made, parts = build.channel_axis, weights.shape[0], []  # [O / group, I, H, W]
    size = value.shape[axis] // group
    for number, part in enumerate(split(build, value, axis, [size] * group)):
        given = (_laid_out(build, weights[:, number * size : (number + 1) * size]), dtype, scale, zero_point)
        shape = tuple(made if place == axis else length for place, length in enumerate(output.shape))
        one = None if bias is None else bias[number * made : (number + 1) * made]
        parts.append(_added(build, operator, kind, part, given, one, output._replace(shape=shape), descriptor))
    return concatenated(build, parts, axis, output)


def _plane(build: Builder, shape: Tuple[int, ...]) -> Tuple[int, ...]:
    first = 2 if build.graph.layout == "NCHW" else 1
    return tuple(shape[first : first + 2])


def _added(
    build: Builder,
    operator: Operator,
    kind: str,
    value: Value,
    weights: Given,
    bias: Optional[np.ndarray],
    output: Tensor,
    descriptor: Any = None,
) -> Value:
    descriptor = descriptor or descriptor_of(build, operator, kind)
    biases: Any = None
    if bias is not None:
        scale = weights[2]  # a bias is counted in steps of the input's times the weights'
        scale = tuple(value.scale * one for one in scale) if isinstance(scale, tuple) else value.scale * scale
        biases = (bias, "float32" if value.floating else "int32", 0.0 if value.floating else scale, 0)
    return build.weighted(kind, descriptor, value, weights, biases, output, tuple(output.shape))


def _weights(
    build: Builder, operator: Operator, value: Value
) -> Tuple[np.ndarray, Optional[np.ndarray], str, Scale, int]:
    """Weights and bias in numbers that fit the input, and the weights' dtype, scale and zero point."""
    if "weights" not in operator.constants:
        raise TranslationError("weights that are computed by the network")
    if value.floating:
        weights = build.real(operator, "weights")
        assert weights is not None
        return weights, build.real_bias(operator), "float32", 0.0, 0
    tensor, stored = build.graph.tensors[operator.constants["weights"]], build.array(operator, "weights")
    assert stored is not None
    scale = scale_of(build.graph, operator, _oihw(operator, stored).shape[0])
    return stored, build.array(operator, "bias"), str(stored.dtype), scale, tensor.zero_point


def _oihw(operator: Operator, weights: np.ndarray) -> np.ndarray:
    layout = operator.attributes["weight_layout"]
    if layout == "1HWO":
        return np.transpose(weights, (3, 0, 1, 2))
    if operator.type == "TransposedConvolution" and layout == "OHWI":
        return np.transpose(weights, (0, 3, 1, 2))
    return np.transpose(weights, ORDERS[layout])


def _laid_out(build: Builder, weights: np.ndarray) -> np.ndarray:
    """OIHW -> what Arm NN expects beside tensors of this layout."""
    return weights if build.graph.layout == "NCHW" else np.transpose(weights, (0, 2, 3, 1))


def _depthwise(build: Builder, weights: np.ndarray, channels: int) -> np.ndarray:
    """[C*M, 1, H, W] -> [M, C, H, W] in Arm NN 20.08, [1, H, W, C*M] in 23.08, whatever the tensors' layout."""
    if build.library.weights_are_layers:
        return np.transpose(weights, (1, 2, 3, 0))
    shape = (channels, weights.shape[0] // channels, *weights.shape[2:])
    return np.transpose(weights.reshape(shape), (1, 0, 2, 3))


TRANSLATIONS = {
    "Convolution": convolution,
    "DepthwiseConvolution": convolution,
    "TransposedConvolution": transposed,
}
