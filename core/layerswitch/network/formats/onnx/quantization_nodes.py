"""Quantize and Dequantize operators that stay because nothing quantized is beside them."""

from ...graph import Operator
from .node import Node
from .operator_builder import Table, Translator, activations_only, operator, own
from .partial_network import Network
from .quantized_operators import quantization


def boundary(kind: str, place: int) -> Translator:
    """The translation; the scale must be known, and is in the quantized tensor's quantization."""

    def translate(network: Network, node: Node) -> list[Operator]:
        x = activations_only(network, node)
        integers = node.outputs[0] if place else x[0]
        axis = node.attributes.get("axis", 1)
        made = quantization(network, integers, node.input(1), node.input(2), axis)
        if made is None or network.quantization.get(integers) != made or node.attributes.get("block_size"):
            raise LookupError(node.type)
        return [operator(network, node, kind, x)]

    return translate


TABLE: Table = own(QuantizeLinear=boundary("Quantize", 1), DequantizeLinear=boundary("Dequantize", 0))
