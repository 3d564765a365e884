"""Custom operators whose meaning is known from their maker's published source."""

import math
import struct
from collections.abc import Callable

from ..node import Node, Operand, Step, UntranslatableError, text
from . import windows

TRANSPOSED = struct.Struct("<3i")
"""Padding, stride along the width, stride along the height: the beginning of TFLite's TfLiteTransposeConvParams."""

SAME, VALID = 1, 2
"""TfLitePadding in TFLite's C interface, where 0 is unknown; the file format counts from 0."""


def transposed_with_bias(node: Node) -> list[Step]:
    """MediaPipe's Convolution2DTransposeBias; inputs are the map, weights [O, H, W, I], and a bias.

    Its output's size follows from its input's. Source: mediapipe/util/tflite/operations/transpose_conv_bias.cc.
    Raises UntranslatableError for inputs and options that this source does not take.
    """
    axes = [len(operand.shape) if operand else -1 for operand in node.inputs]
    if axes != [4, 4, 1] or len(node.file.raw) < TRANSPOSED.size or node.input(0).tensor.dtype != "float32":
        raise UntranslatableError  # another maker's operator of the same name
    data, weights, bias = node.input(0), node.constant(1), node.constant(2)
    padding, along_width, along_height = TRANSPOSED.unpack_from(node.file.raw)
    if padding not in (SAME, VALID):
        raise UntranslatableError
    strides = windows.positive(node, (along_height, along_width), "strides")
    batch, height, width, channels = data.shape
    units, kh, kw, depth = weights.shape
    if channels != depth or bias.shape != (units,):
        shapes = " and ".join(text(shape) for shape in (weights.shape, bias.shape))
        raise node.fail(f"has weights and biases of shapes {shapes}, but reads {channels} channels")
    sizes = list(zip((height, width), (kh, kw), strides, strict=True))
    cropped = [max(0, kernel - (size - 1) % step - 1) if padding == SAME else 0 for size, kernel, step in sizes]
    made = [(size - 1) * step + kernel - crop for (size, kernel, step), crop in zip(sizes, cropped, strict=True)]
    attributes = {
        "kernel": [kh, kw],
        "strides": list(strides),
        "pads": [*(crop // 2 for crop in cropped), *(crop - crop // 2 for crop in cropped)],
        "dilations": [1, 1],
        "group": 1,
        "output_padding": [0, 0],
        "weight_layout": "OHWI",
    }
    output = node.output((batch, made[0], made[1], units))
    macs = math.prod(data.shape) * kh * kw * units
    constants: dict[str, Operand | None] = {"weights": weights, "bias": bias}
    return [Step("TransposedConvolution", (data,), (output,), attributes, constants, macs=macs)]


CUSTOM: dict[str, Callable[[Node], list[Step]]] = {"Convolution2DTransposeBias": transposed_with_bias}
