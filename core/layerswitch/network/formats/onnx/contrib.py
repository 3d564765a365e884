"""ONNX Runtime's own quantized and fused operators (domain com.microsoft), rewritten in ONNX's own operators.

Source of their inputs: ONNX Runtime, docs/ContribOperators.md. A QLinear operator becomes dequantize, the plain
operator, quantize; what follows then reads the three as one, as it does when the file itself spells them out.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx

from .node import Node
from .partial_network import Network

DOMAIN = "com.microsoft"
OPSET = 13

ONE_INPUT = {
    "QLinearSigmoid": "Sigmoid",
    "QLinearLeakyRelu": "LeakyRelu",
    "QLinearGlobalAveragePool": "GlobalAveragePool",
    "QLinearAveragePool": "AveragePool",
    "QLinearSoftmax": "Softmax",
}
TWO_INPUTS = {"QLinearAdd": "Add", "QLinearMul": "Mul"}
FUSED = {"FusedConv": "Conv", "FusedGemm": "Gemm"}


def rewritten(node: Node, network: Network) -> Iterator[Node]:
    """The nodes that replace it, or the node itself when it is none of these."""
    make, i = _Maker(node, network), node.input
    attributes = dict(node.attributes)
    if attributes.pop("channels_last", 0):
        yield node
    elif node.type in ONE_INPUT:
        attributes.pop("opset", None)
        x = make.dequantized(i(0), i(1), i(2))
        make.quantized(ONE_INPUT[node.type], [x], i(3), i(4), attributes)
        yield from make.nodes
    elif node.type in TWO_INPUTS:
        operands = [make.dequantized(i(0), i(1), i(2)), make.dequantized(i(3), i(4), i(5))]
        make.quantized(TWO_INPUTS[node.type], operands, i(6), i(7), {})
        yield from make.nodes
    elif node.type == "QLinearConcat":
        parts = [make.dequantized(i(place), i(place + 1), i(place + 2)) for place in range(2, len(node.inputs), 3)]
        make.quantized("Concat", parts, i(0), i(1), attributes)
        yield from make.nodes
    elif node.type == "QGemm":
        yield from _gemm(node, network, make)
    elif node.type in FUSED and not i(3):
        activation = attributes.pop("activation", "")
        parameters = attributes.pop("activation_params", [])
        names = {"LeakyRelu": ("alpha",), "Clip": ("min", "max"), "HardSigmoid": ("alpha", "beta")}.get(activation, ())
        middle = network.fresh(f"{node.outputs[0]}/linear") if activation else node.outputs[0]
        make.node(FUSED[node.type], node.inputs, middle, attributes, node.name)
        if activation:
            version = 6 if activation == "Clip" else OPSET
            fused = dict(zip(names, parameters, strict=False))
            make.node(activation, [middle], node.outputs[0], fused, f"{node.name}/activation", version)
        yield from make.nodes
    elif node.type == "Gelu":
        make.node("Gelu", node.inputs, node.outputs[0], {}, node.name, 20)
        yield from make.nodes
    else:
        yield node


def _gemm(node: Node, network: Network, make: "_Maker") -> Iterator[Node]:
    """QGemm: the bias is in units of both scales' product, which therefore must be known."""
    i = node.input
    channels = 0 if node.attributes.get("transB") else 1
    operands = [make.dequantized(i(0), i(1), i(2)), make.dequantized(i(3), i(4), i(5), axis=channels)]
    if i(6):
        ours, theirs = network.value(i(1)), network.value(i(4))
        if ours is None or theirs is None:
            yield node
            return
        product = network.literal(
            f"{node.name}/bias_scale", np.asarray(ours * theirs, np.float32).reshape(theirs.shape)
        )
        operands.append(make.dequantized(i(6), product, "", axis=0))
    make.quantized("Gemm", operands, i(7), i(8), node.attributes)
    yield from make.nodes


class _Maker:
    """Makes the nodes that replace one node."""

    def __init__(self, node: Node, network: Network) -> None:
        self.old, self.network, self.nodes = node, network, list[Node]()

    def node(
        self, kind: str, inputs: list[str], output: str, attributes: dict[str, Any], name: str, opset: int = OPSET
    ) -> None:
        """One node of ONNX's own domain."""
        while inputs and not inputs[-1]:
            inputs = inputs[:-1]
        proto = onnx.helper.make_node(kind, inputs, [output], **attributes)
        self.nodes.append(Node(name, kind, list(inputs), [output], dict(attributes), "", opset, proto))

    def dequantized(self, tensor: str, scale: str, zero_point: str, axis: int = 1) -> str:
        """The tensor as real numbers."""
        output = f"{self.old.name}/real{len(self.nodes)}"
        self.node("DequantizeLinear", [tensor, scale, zero_point], output, {"axis": axis}, output)
        return output

    def quantized(self, kind: str, inputs: list[str], scale: str, zero_point: str, attributes: dict[str, Any]) -> None:
        """The plain operator, its result quantized (left real when there is no scale)."""
        output = self.old.outputs[0]
        real = f"{self.old.name}/result" if scale else output
        self.node(kind, inputs, real, attributes, self.old.name)
        if scale:
            self.node("QuantizeLinear", [real, scale, zero_point], output, {}, f"{self.old.name}/quantize")
