"""What a layer has to do, counted from its operators and tensors alone: MACs, bytes, the matrix product it becomes."""

import math
from typing import Any

from ..agent.operator_shapes import Map, as_map, pair
from ..network.graph import Layer, LayerGraph, Operator, Tensor
from ..serialization import Value

CONVOLUTIONS = ("Convolution", "DepthwiseConvolution")


class Product(Value, frozen=True):
    """A matrix product [m, k] x [k, n], `batches` of them: m * n * k * batches are the operator's MACs.

    Of a convolution (im2col) m are the output's positions, n its channels, k the input's channels times the kernel;
    of a transposed one m are the input's positions. `batches` are its groups: a depthwise one has one per channel.
    """

    operator: str
    m: int
    n: int
    k: int
    batches: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self.m * self.n * self.k * self.batches


class Work(Value, frozen=True):
    """The work of one layer; None is what cannot be known, as of an imported layer.

    Bytes are the least that must move: each tensor read or written across the layer's border once, each constant once.
    `map` is (height, width) of the largest input with four axes, `channels` that input's; `kernel` is that of the
    operator with the most MACs.
    """

    macs: int | None = None
    input_bytes: int | None = None
    output_bytes: int | None = None
    constant_bytes: int | None = None
    products: tuple[Product, ...] = ()
    map: tuple[int, int] | None = None
    channels: int | None = None
    output_channels: int | None = None
    kernel: tuple[int, int] | None = None

    @property
    def bytes(self) -> int | None:
        """Bytes moved: inputs, outputs and constants; None unless all three are known."""
        if self.input_bytes is None or self.output_bytes is None or self.constant_bytes is None:
            return None
        return self.input_bytes + self.output_bytes + self.constant_bytes

    @property
    def flop(self) -> int | None:
        """Floating-point operations: two for each multiply-accumulate, and nothing else counted."""
        return None if self.macs is None else 2 * self.macs

    @property
    def intensity(self) -> float | None:
        """Arithmetic intensity in FLOP per byte."""
        return self.flop / self.bytes if self.flop is not None and self.bytes else None


def work_of(layer: Layer, graph: LayerGraph) -> Work:
    """The work of a layer of a graph. Layers without operators have only what their tensors tell."""
    maps = [one for name in layer.inputs if (one := feature_map(graph.tensors[name], graph.layout))]
    source = max(maps, key=lambda one: one.pixels, default=None)
    target = feature_map(graph.tensors[layer.outputs[0]], graph.layout) if layer.outputs else None
    spatial = any(len(graph.tensors[name].shape) == 4 for name in layer.inputs)
    known = bool(layer.operators)
    heaviest = max(layer.operators, key=lambda operator: operator.macs, default=None)
    window = heaviest.attributes.get("kernel") if heaviest else None
    return Work(
        macs=layer.macs if known else None,
        input_bytes=_size(layer.inputs, graph, known=known),
        output_bytes=_size(layer.outputs, graph, known=known),
        constant_bytes=_constants(layer, graph) if known else None,
        products=tuple(found for operator in layer.operators if (found := product_of(operator, graph))),
        map=(source.height, source.width) if source and spatial else None,
        channels=source.channels if source else None,
        output_channels=target.channels if target else None,
        kernel=_window(heaviest.attributes) if heaviest and window else None,
    )


def feature_map(tensor: Tensor, layout: str) -> Map | None:
    """A tensor of two or four axes as feature maps (of one pixel for two); None for others: what they mean is open."""
    if len(tensor.shape) not in (2, 4):
        return None
    return as_map({"shape": tensor.shape, "dtype": tensor.dtype}, layout)


def product_of(operator: Operator, graph: LayerGraph) -> Product | None:
    """The matrix product an operator becomes; None for those that are none, or whose shapes do not fit its MACs."""
    found = _product(operator, graph)
    return found if found and found.macs == operator.macs > 0 else None


def _product(operator: Operator, graph: LayerGraph) -> Product | None:
    if not operator.inputs or not operator.outputs:
        return None
    before, after = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
    source, target = feature_map(before, graph.layout), feature_map(after, graph.layout)
    kernel = _window(operator.attributes)
    if operator.type in CONVOLUTIONS and source and target:
        depthwise = operator.type == "DepthwiseConvolution"
        groups = source.channels if depthwise else int(operator.attributes.get("group") or 1)
        depth = source.channels // groups * math.prod(kernel)
        return Product(operator.name, target.pixels, target.channels // groups, depth, groups)
    if operator.type == "TransposedConvolution" and source and target:
        groups = int(operator.attributes.get("group") or 1)
        wide = target.channels // groups * math.prod(kernel)
        return Product(operator.name, source.pixels, wide, source.channels // groups, groups)
    if operator.type == "FullyConnected" and (units := int(operator.attributes.get("units") or 0)):
        rows = max(1, after.elements // units)
        return Product(operator.name, rows, units, max(1, before.elements // rows))
    if operator.type == "MatMul" and after.elements and len(after.shape) >= 2:
        *outer, rows, wide = after.shape
        return Product(operator.name, rows, wide, operator.macs // after.elements, math.prod(outer))
    return None


def _window(attributes: dict[str, Any]) -> tuple[int, int]:
    height, width = pair(attributes, "kernel", 1)
    return height, width


def _size(names: tuple[str, ...], graph: LayerGraph, *, known: bool) -> int | None:
    """Bytes of tensors, each once. Without operators a size of 0 means that nobody gave one."""
    sizes = [graph.tensors[name].bytes for name in dict.fromkeys(names)]
    return sum(sizes) if known or all(sizes) else None


def _constants(layer: Layer, graph: LayerGraph) -> int:
    names = {name for operator in layer.operators for name in operator.constants.values()}
    return sum(graph.constants[name].bytes for name in sorted(names) if name in graph.constants)
