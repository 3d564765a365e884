"""Nodes of old operator versions, rewritten as the newer nodes that mean the same."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx

from . import contrib
from .node import Node
from .partial_network import Network

BROADCASTING = {"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less"}


def modernised(node: Node, network: Network) -> Iterator[Node]:
    """The node itself, or the nodes that replace it, in order."""
    attributes = node.attributes
    if node.domain == contrib.DOMAIN:
        yield from contrib.rewritten(node, network)
    elif not node.own:
        yield node
    elif node.type in BROADCASTING and node.opset < 7 and attributes.get("broadcast") and "axis" in attributes:
        yield from _aligned(node, network)
    elif node.type in ("Softmax", "LogSoftmax") and node.opset < 13:
        yield from _softmax(node, network)
    elif node.type == "Reshape" and node.opset < 5:
        shape = network.literal(f"{node.name}/shape", np.array(attributes.get("shape", []), np.int64))
        yield _made(node, node.name, "Reshape", [node.inputs[0], shape], node.outputs, 13)
    elif node.type == "Pad" and "paddings" in attributes:
        yield _made(node, node.name, "Pad", node.inputs, node.outputs, 2, _renamed(attributes, paddings="pads"))
    elif node.type == "Upsample" and "height_scale" in attributes:
        scales = [1.0, 1.0, attributes["height_scale"], attributes["width_scale"]]
        mode = attributes.get("mode", "nearest").replace("bilinear", "linear")
        yield _made(node, node.name, "Upsample", node.inputs, node.outputs, 7, {"mode": mode, "scales": scales})
    elif node.type == "Concat" and "axis" not in attributes:
        yield _made(node, node.name, "Concat", node.inputs, node.outputs, 4, {"axis": 1})
    elif node.type == "Cast" and isinstance(attributes.get("to"), str):
        number = onnx.TensorProto.DataType.Value(attributes["to"].upper())
        yield _made(node, node.name, "Cast", node.inputs, node.outputs, 6, {"to": number})
    else:
        yield node


def _made(
    old: Node, name: str, kind: str, inputs: list[str], outputs: list[str], opset: int, attributes: Any = None
) -> Node:
    attributes = attributes or {}
    proto = onnx.helper.make_node(kind, inputs, outputs, **attributes)
    return Node(name, kind, list(inputs), list(outputs), attributes, old.domain, opset, proto)


def _renamed(attributes: dict[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in attributes.items()}


def _aligned(node: Node, network: Network) -> Iterator[Node]:
    """Old broadcasting: the second operand's axes start at `axis`; made explicit by a reshape to trailing ones."""
    first, second = (network.shape(name) for name in node.inputs[:2])
    axis = node.attributes["axis"] % max(len(first), 1)
    wanted = [*second, *[1] * (len(first) - axis - len(second))]
    shape = network.literal(f"{node.name}/shape", np.array(wanted, np.int64))
    moved = network.fresh(f"{node.name}/operand")
    yield _made(node, f"{node.name}/operand", "Reshape", [node.inputs[1], shape], [moved], 13)
    yield _made(node, node.name, node.type, [node.inputs[0], moved], node.outputs, 7)


def _softmax(node: Node, network: Network) -> Iterator[Node]:
    """Old softmax runs over all axes from `axis` on, taken together."""
    shape = network.shape(node.inputs[0])
    axis = node.attributes.get("axis", 1) % max(len(shape), 1)
    if math.prod(shape[axis + 1 :]) == 1:
        yield _made(node, node.name, node.type, node.inputs, node.outputs, 13, {"axis": axis})
        return
    flat, soft = network.fresh(f"{node.name}/flat"), network.fresh(f"{node.name}/soft")
    back = network.literal(f"{node.name}/shape", np.array(shape, np.int64))
    yield _made(node, f"{node.name}/flat", "Flatten", node.inputs, [flat], 13, {"axis": axis})
    yield _made(node, node.name, node.type, [flat], [soft], 13, {"axis": 1})
    yield _made(node, f"{node.name}/unflat", "Reshape", [soft, back], node.outputs, 13)
