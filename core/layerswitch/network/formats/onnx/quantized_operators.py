"""Quantized networks: operators between Dequantize and Quantize read and write integers themselves.

A file says conv in int8 in one of two ways: QLinearConv with scales among its inputs, or DequantizeLinear -> Conv ->
QuantizeLinear in float. Both become one operator whose tensors are integers with a quantization, as in TFLite.
"""

import numpy as np

from ...graph import Quantization
from .node import Node, TensorType
from .partial_network import Network
from .stored_tensors import Array

SCALED = {
    # type: (tensor, its scale, its zero point) by place among the inputs, the output last with place None
    "QLinearConv": ((0, 1, 2), (3, 4, 5), (None, 6, 7)),
    "QLinearMatMul": ((0, 1, 2), (3, 4, 5), (None, 6, 7)),
}
INTEGER = {"ConvInteger": 2, "MatMulInteger": 2}
"""Operators on integers of unknown scale, and the place of the first of their two zero points."""

CLAMPS = ("Relu", "Clip")
"""Activations that may be done on the quantized numbers: what they cut off, the quantization cuts off as well."""

REAL_PARAMETERS = ("Clip", "Resize", "Upsample", "Pad")
"""Operators whose real-valued constants are parameters, not numbers to compute with."""


def fold(network: Network) -> None:
    """Note every quantization; take Dequantize before and Quantize behind an operator into it."""
    for node in network.nodes:
        if node.own:
            _note(network, node)
    _quantized_constants(network)
    network.drop_dead()
    _absorb(network)


def _note(network: Network, node: Node) -> None:
    """Attach the quantization that the node's scales and zero points give to its tensors."""
    if node.type in SCALED:
        for place, scale, zero_point in SCALED[node.type]:
            name = node.outputs[0] if place is None else node.input(place)
            axis = 0 if node.type == "QLinearConv" else -1
            _attach(network, name, node.input(scale), node.input(zero_point), axis)
        if node.type == "QLinearConv" and network.constant(node.input(8)):
            _attach_bias(network, node)
    elif node.type in INTEGER:
        for operand in (0, 1):
            name, point = node.input(operand), node.input(INTEGER[node.type] + operand)
            if not point or network.constant(point):
                one = network.literal(f"{node.name}/scale{operand}", _ones_like(network, point))
                axis = 0 if node.type == "ConvInteger" else -1
                _attach(network, name, one, point, axis)
    elif node.type in ("QuantizeLinear", "DequantizeLinear") and not node.attributes.get("block_size"):
        name = node.outputs[0] if node.type == "QuantizeLinear" else node.input(0)
        _attach(network, name, node.input(1), node.input(2), node.attributes.get("axis", 1))


def _ones_like(network: Network, point: str) -> Array:
    """The scale that integers of unknown scale are given: one, for each zero point."""
    return np.ones(network.shape(point) if point else (), np.float32)


def _attach(network: Network, name: str, scale: str, zero_point: str, axis: int) -> bool:
    """Set the tensor's quantization; False when scale or zero point are not known, or it has another already."""
    made = quantization(network, name, scale, zero_point, axis)
    if made is None or network.quantization.get(name, made) != made:
        return False
    network.quantization[name] = made
    return True


def quantization(network: Network, name: str, scale: str, zero_point: str, axis: int) -> Quantization | None:
    """The quantization that constants `scale` and `zero_point` give tensor `name`; None when it cannot be known."""
    scales = network.value(scale)
    points = network.value(zero_point) if zero_point else np.zeros(1 if scales is None else scales.size, np.int64)
    shape = network.shape(name)
    if scales is None or points is None or scales.ndim > 1 or points.size not in (1, scales.size):
        return None
    per_channel = scales.size > 1
    if per_channel and (not shape or shape[axis % len(shape)] != scales.size):
        return None
    many = np.broadcast_to(points.reshape(-1), (scales.size,))
    return Quantization(
        tuple(float(value) for value in scales.reshape(-1)),
        tuple(int(value) for value in many),
        axis % len(shape) if per_channel else None,
    )


def _attach_bias(network: Network, node: Node) -> None:
    """A QLinearConv's bias is in units of input scale times weight scale."""
    x, weights = network.quantization.get(node.input(0)), network.quantization.get(node.input(3))
    if x and weights and len(x.scale) == 1:
        scale = tuple(x.scale[0] * one for one in weights.scale)
        axis = None if weights.axis is None else 0
        network.quantization[node.input(8)] = Quantization(scale, (0,) * len(scale), axis)


def _quantized_constants(network: Network) -> None:
    """Read dequantized constants as the integers they are stored as."""
    swapped: dict[str, str] = {}
    for name, node in network.constants.dequantized():
        stored = node.input(0)
        if node.attributes.get("block_size"):
            continue
        if _attach(network, stored, node.input(1), node.input(2), node.attributes.get("axis", 1)):
            swapped[name] = stored
    for node in network.nodes:
        node.inputs = [swapped.get(name, name) for name in node.inputs]


def _absorb(network: Network) -> None:
    producers, consumers = network.producers(), network.consumers()
    outputs = set(network.outputs)
    for node in network.nodes:
        if not node.own or node.type in ("QuantizeLinear", "DequantizeLinear", *SCALED, *INTEGER):
            continue
        _absorb_around(network, node, producers, consumers, outputs)
    network.drop_dead()


def _absorb_around(
    network: Network, node: Node, producers: dict[str, Node], consumers: dict[str, list[Node]], outputs: set[str]
) -> None:
    """Make the node, with the clamp behind it if there is one, quantized: if all it reads and writes is."""
    sources: dict[str, str] = {}
    for name in node.inputs:
        if not name:
            continue
        if network.constant(name):
            real = "float" in network.type(name).dtype
            if real and name not in network.quantization and node.type not in REAL_PARAMETERS:
                return
            continue
        before = producers.get(name)
        if before is None or before.type != "DequantizeLinear" or before.input(0) not in network.quantization:
            return
        sources[name] = before.input(0)
    chain = [node]
    behind = _only_reader(node, consumers, outputs)
    if behind is not None and behind.type in CLAMPS and node.type not in CLAMPS:
        chain.append(behind)
        behind = _only_reader(behind, consumers, outputs)
    if not sources or behind is None or behind.type != "QuantizeLinear":
        return
    final = behind.outputs[0]
    if final not in network.quantization or network.constant(final):
        return
    for inner in chain[:-1]:  # the tensor before the clamp is quantized as the one behind it
        name = inner.outputs[0]
        network.types[name] = TensorType(network.shape(name), network.type(final).dtype)
        network.quantization[name] = network.quantization[final]
    node.inputs = [sources.get(name, name) for name in node.inputs]
    chain[-1].outputs = [final]
    behind.outputs = [""]
    producers[final] = chain[-1]


def _only_reader(node: Node, consumers: dict[str, list[Node]], outputs: set[str]) -> Node | None:
    """The one node that reads the one thing this node writes."""
    written = [name for name in node.outputs if name]
    readers = consumers.get(written[0], []) if len(written) == 1 else []
    return readers[0] if len(readers) == 1 and written[0] not in outputs else None
