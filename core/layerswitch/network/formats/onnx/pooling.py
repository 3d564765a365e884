"""Pooling over a window or over the whole map."""

from typing import Any

from ...graph import Operator
from .convolution import window
from .node import Node
from .operator_builder import Table, Translator, activations_only, operator, own, single_output
from .partial_network import Network


def pool(kind: str) -> Translator:
    """The translation of MaxPool, AveragePool or LpPool."""

    def translate(network: Network, node: Node) -> list[Operator]:
        [x] = activations_only(network, node)
        single_output(network, node)
        size, out = network.shape(x)[2:], network.shape(node.outputs[0])[2:]
        made = window(node, node.attributes["kernel_shape"], size)
        if node.attributes.get("ceil_mode"):
            made["ceil_mode"] = True
            for axis in range(2):  # rounding up the output size is reading a bit past the end
                covered = (made["kernel"][axis] - 1) * made["dilations"][axis] + 1
                needed = (out[axis] - 1) * made["strides"][axis] + covered - size[axis] - made["pads"][axis]
                made["pads"][axis + 2] = max(made["pads"][axis + 2], needed)
        return [_made(network, node, kind, x, made)]

    return translate


def global_pool(kind: str) -> Translator:
    """The translation of the Global... pools."""

    def translate(network: Network, node: Node) -> list[Operator]:
        [x] = activations_only(network, node)
        kernel = list(network.shape(x)[2:])
        if len(kernel) != 2:
            raise ValueError(node.type)
        made = {"kernel": kernel, "strides": [1, 1], "pads": [0, 0, 0, 0], "dilations": [1, 1]}
        return [_made(network, node, kind, x, made)]

    return translate


def _made(network: Network, node: Node, kind: str, x: str, made: dict[str, Any]) -> Operator:
    whole = list(network.shape(x)[2:]) == made["kernel"] and not any(made["pads"]) and made["dilations"] == [1, 1]
    made["global"] = whole
    if kind == "AveragePool":
        made["count_include_pad"] = bool(node.attributes.get("count_include_pad", 0))
    if kind == "LpPool":
        made["p"] = int(node.attributes.get("p", 2))
    if kind != "MaxPool" and made["dilations"] == [1, 1]:
        del made["dilations"]
    return operator(network, node, kind, [x], attributes=made)


TABLE: Table = own(
    MaxPool=pool("MaxPool"),
    AveragePool=pool("AveragePool"),
    LpPool=pool("LpPool"),
    GlobalMaxPool=global_pool("MaxPool"),
    GlobalAveragePool=global_pool("AveragePool"),
    GlobalLpPool=global_pool("LpPool"),
)
