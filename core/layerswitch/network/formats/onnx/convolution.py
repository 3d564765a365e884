"""Convolutions: plain, grouped, depthwise, dilated, transposed, and their quantized forms."""

import math
from collections.abc import Sequence
from typing import Any

from ...graph import Operator
from .node import Node
from .operator_builder import Table, activations_only, operator, own, unknown
from .partial_network import Network


def window(node: Node, kernel: Sequence[int], size: Sequence[int]) -> dict[str, Any]:
    """kernel, strides, pads, dilations of a 2-d window over a map of `size` [h, w]; auto_pad made explicit.

    Raises ValueError when they are not of two dimensions or not positive.
    """
    strides = list(node.attributes.get("strides") or [1, 1])
    dilations = list(node.attributes.get("dilations") or [1, 1])
    pads = list(node.attributes.get("pads") or [0, 0, 0, 0])
    mode = node.attributes.get("auto_pad", "NOTSET")
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        begin, end = [], []
        for axis in range(2):
            covered = (kernel[axis] - 1) * dilations[axis] + 1
            total = max(0, (math.ceil(size[axis] / strides[axis]) - 1) * strides[axis] + covered - size[axis])
            small, large = total // 2, total - total // 2
            begin.append(small if mode == "SAME_UPPER" else large)
            end.append(large if mode == "SAME_UPPER" else small)
        pads = begin + end
    elif mode == "VALID":
        pads = [0, 0, 0, 0]
    made = {"kernel": [int(k) for k in kernel], "strides": strides, "pads": pads, "dilations": dilations}
    if [len(values) for values in made.values()] != [2, 2, 4, 2] or min(*kernel, *strides, *dilations) < 1:
        raise ValueError(node.type)
    return made


def convolution(network: Network, node: Node) -> list[Operator]:
    """Conv."""
    x, weights, bias = node.input(0), node.input(1), node.input(2)
    return _convolution(network, node, [x], weights, bias)


def quantized_convolution(network: Network, node: Node) -> list[Operator]:
    """QLinearConv: the scales and zero points are in the tensors' quantization already."""
    return _convolution(network, node, [node.input(0)], node.input(3), node.input(8))


def integer_convolution(network: Network, node: Node) -> list[Operator]:
    """ConvInteger; a zero point computed at run time is a second input."""
    return _convolution(network, node, [node.input(0), *moving_zero_point(network, node)], node.input(1), "")


def moving_zero_point(network: Network, node: Node) -> list[str]:
    """The input's zero point of ConvInteger or MatMulInteger if it is computed at run time, else nothing.

    Raises LookupError when a zero point is neither that nor in its tensor's quantization.
    """
    ours, theirs = node.input(2), node.input(3)
    moving = [ours] if ours and not network.constant(ours) else []
    layout = ours if not moving else ""
    if (layout and node.input(0) not in network.quantization) or (theirs and node.input(1) not in network.quantization):
        raise LookupError(node.type)
    return moving


def _convolution(network: Network, node: Node, inputs: list[str], weights: str, bias: str) -> list[Operator]:
    x, y = network.shape(inputs[0]), network.shape(node.outputs[0])
    filters = network.shape(weights)
    group = int(node.attributes.get("group", 1))
    macs = math.prod(y) * math.prod(filters[1:])
    moving = network.constant(inputs[0]) or not network.constant(weights) or (bias and not network.constant(bias))
    if len(x) != 4 or moving:
        return unknown(network, node, macs)
    attributes = {**window(node, filters[2:], x[2:]), "group": group, "weight_layout": "OIHW"}
    depthwise = group == x[1] and group > 1 and filters[0] % group == 0
    if depthwise:
        attributes["multiplier"] = filters[0] // group
    return [
        operator(
            network,
            node,
            "DepthwiseConvolution" if depthwise else "Convolution",
            inputs,
            attributes=attributes,
            constants={"weights": weights, "bias": bias},
            learned=("weights", "bias"),
            macs=macs,
        )
    ]


def transposed_convolution(network: Network, node: Node) -> list[Operator]:
    """ConvTranspose; output_shape and auto_pad become pads and output padding."""
    x, y, filters = (network.shape(name) for name in (node.input(0), node.outputs[0], node.input(1)))
    macs = math.prod(x) * math.prod(filters[1:])
    constant = network.constant(node.input(1)) and (not node.input(2) or network.constant(node.input(2)))
    if len(x) != 4 or not constant:
        return unknown(network, node, macs)
    activations_only(network, node)
    plain = Node(node.name, node.type, [], [], {k: v for k, v in node.attributes.items() if k != "auto_pad"})
    made = window(plain, filters[2:], x[2:])
    extra = list(node.attributes.get("output_padding") or [0, 0])
    if "output_shape" in node.attributes or node.attributes.get("auto_pad", "NOTSET") != "NOTSET":
        upper = node.attributes.get("auto_pad") == "SAME_UPPER"
        for axis in range(2):
            covered = (filters[2 + axis] - 1) * made["dilations"][axis] + 1
            total = made["strides"][axis] * (x[2 + axis] - 1) + extra[axis] + covered - y[2 + axis]
            if total < 0:  # the output is asked to be bigger than the window reaches
                extra[axis], total = extra[axis] - total, 0
            small, large = total // 2, total - total // 2
            made["pads"][axis], made["pads"][axis + 2] = (small, large) if upper else (large, small)
    attributes = {**made, "group": int(node.attributes.get("group", 1)), "weight_layout": "IOHW"}
    attributes["output_padding"] = extra
    return [
        operator(
            network,
            node,
            "TransposedConvolution",
            [node.input(0)],
            attributes=attributes,
            constants={"weights": node.input(1), "bias": node.input(2)},
            learned=("weights", "bias"),
            macs=macs,
        )
    ]


TABLE: Table = own(
    Conv=convolution,
    QLinearConv=quantized_convolution,
    ConvInteger=integer_convolution,
    ConvTranspose=transposed_convolution,
)
