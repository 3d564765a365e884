"""Convolutions, fully connected layers and matrix products."""

import math
from collections.abc import Callable

import tflite

from ..node import Node, Operand, Step, UntranslatableError, text
from ..records import Shape
from . import windows


def convolution(node: Node) -> list[Step]:
    """CONV_2D; weights [O, H, W, I]. Fewer weight than map channels mean groups."""
    data, weights = node.input(0, 4), node.constant(1, 4)
    batch, height, width, channels = data.shape
    units, kh, kw, depth = weights.shape
    if depth == 0 or channels % depth or units % max(1, channels // depth):
        raise node.fail(f"has weights for {depth} channels, but reads {channels}")
    dilations = windows.positive(
        node, (node.option("DilationHFactor", 1), node.option("DilationWFactor", 1)), "dilations"
    )
    strides = windows.strides(node)
    (oh, ow), pads = windows.slide(node, (height, width), (kh, kw), strides, dilations)
    shape = (batch, oh, ow, units)
    attributes = {
        "kernel": [kh, kw],
        "strides": list(strides),
        "pads": pads,
        "dilations": list(dilations),
        "group": channels // depth,
        "weight_layout": "OHWI",
    }
    constants = {"weights": weights, "bias": _bias(node, 2, units)}
    macs = math.prod(shape) * kh * kw * depth
    return node.activated(Step("Convolution", (data,), (node.output(shape),), attributes, constants, macs=macs))


def depthwise(node: Node) -> list[Step]:
    """DEPTHWISE_CONV_2D; weights [1, H, W, C * multiplier]."""
    data, weights = node.input(0, 4), node.constant(1, 4)
    batch, height, width, channels = data.shape
    one, kh, kw, units = weights.shape
    if one != 1 or channels == 0 or units % channels:
        raise node.fail(f"has weights of shape {text(weights.shape)}, but reads {channels} channels")
    dilations = windows.positive(
        node, (node.option("DilationHFactor", 1), node.option("DilationWFactor", 1)), "dilations"
    )
    strides = windows.strides(node)
    (oh, ow), pads = windows.slide(node, (height, width), (kh, kw), strides, dilations)
    shape = (batch, oh, ow, units)
    attributes = {
        "kernel": [kh, kw],
        "strides": list(strides),
        "pads": pads,
        "dilations": list(dilations),
        "group": channels,
        "multiplier": units // channels,
        "weight_layout": "1HWO",
    }
    constants = {"weights": weights, "bias": _bias(node, 2, units)}
    macs = math.prod(shape) * kh * kw
    return node.activated(
        Step("DepthwiseConvolution", (data,), (node.output(shape),), attributes, constants, macs=macs)
    )


def transposed(node: Node) -> list[Step]:
    """TRANSPOSE_CONV; inputs are the output's shape, weights [O, H, W, I], the map, and perhaps a bias."""
    shape, weights, data = node.numbers(0), node.constant(1, 4), node.input(2, 4)
    batch, height, width, channels = data.shape
    units, kh, kw, depth = weights.shape
    if len(shape) != 4 or (shape[0], shape[3], channels) != (batch, units, depth):
        raise node.fail(
            f"makes {text(shape)} from {text(data.shape)} with weights of shape {text(weights.shape)}, which cannot be"
        )
    strides = windows.strides(node)
    pads, extra = windows.spread(node, (height, width), shape[1:3], (kh, kw), strides)
    attributes = {
        "kernel": [kh, kw],
        "strides": list(strides),
        "pads": pads,
        "dilations": [1, 1],
        "group": 1,
        "output_padding": extra,
        "weight_layout": "OHWI",
    }
    constants = {"weights": weights, "bias": _bias(node, 3, units)}
    macs = math.prod(data.shape) * kh * kw * units
    return node.activated(
        Step("TransposedConvolution", (data,), (node.output(shape),), attributes, constants, macs=macs)
    )


def fully_connected(node: Node) -> list[Step]:
    """FULLY_CONNECTED; weights [O, I]. Without KeepNumDims the input is flattened to rows of I."""
    data, weights = node.input(0), node.constant(1, 2)
    if node.option("WeightsFormat") != tflite.FullyConnectedOptionsWeightsFormat.DEFAULT:
        raise UntranslatableError
    units, depth = weights.shape
    if depth == 0 or data.tensor.elements % depth:
        raise node.fail(f"has weights for rows of {depth}, but reads {text(data.shape)}")
    if node.option("KeepNumDims", False):
        if data.shape[-1:] != (depth,):
            raise node.fail(f"has weights for rows of {depth}, but reads {text(data.shape)}")
        shape = (*data.shape[:-1], units)
    else:
        shape = (data.tensor.elements // depth, units)
    constants = {"weights": weights, "bias": _bias(node, 2, units)}
    attributes = {"units": units, "weight_layout": "OI"}
    macs = math.prod(shape) * depth
    return node.activated(Step("FullyConnected", (data,), (node.output(shape),), attributes, constants, macs=macs))


def matrix_product(node: Node) -> list[Step]:
    """BATCH_MATMUL; a constant matrix on the right makes it a fully connected layer."""
    left, right = node.input(0), node.input(1)
    if min(len(left.shape), len(right.shape)) < 2:
        raise node.fail(f"multiplies {text(left.shape)} by {text(right.shape)}")
    flip_left, flip_right = bool(node.option("AdjX", False)), bool(node.option("AdjY", False))
    rows, depth = left.shape[-2:][::-1] if flip_left else left.shape[-2:]
    other, columns = right.shape[-2:][::-1] if flip_right else right.shape[-2:]
    if depth != other:
        raise node.fail(f"multiplies {text(left.shape)} by {text(right.shape)}")
    shape = (*broadcast(node, left.shape[:-2], right.shape[:-2]), rows, columns)
    macs = math.prod(shape) * depth
    if right.constant and not left.constant and len(right.shape) == 2 and not flip_left:
        layout = {"units": columns, "weight_layout": "OI" if flip_right else "IO"}
        return [Step("FullyConnected", (left,), (node.output(shape),), layout, {"weights": right}, macs=macs)]
    attributes = {"transpose_a": flip_left, "transpose_b": flip_right}
    return [Step("MatMul", (left, right), (node.output(shape),), attributes, macs=macs)]


def broadcast(node: Node, *shapes: Shape) -> Shape:
    """The common shape. Raises ModelError when there is none."""
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    found = []
    for sizes in zip(*padded, strict=True):
        many = {size for size in sizes if size != 1}
        if len(many) > 1:
            raise node.fail(f"combines {' and '.join(text(shape) for shape in shapes)}, which do not fit")
        found.append(many.pop() if many else 1)
    return tuple(found)


def _bias(node: Node, place: int, units: int) -> Operand | None:
    if not node.has(place):
        return None
    bias = node.constant(place)
    if bias.tensor.elements != units:
        raise node.fail(f"has {bias.tensor.elements} biases for {units} outputs")
    return bias


CONVOLUTIONS: dict[str, Callable[[Node], list[Step]]] = {
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise,
    "TRANSPOSE_CONV": transposed,
    "FULLY_CONNECTED": fully_connected,
    "BATCH_MATMUL": matrix_product,
}
