"""LayerGraph: the network as a DAG of layers, in execution order, with its tensors."""

import hashlib
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ..serialization import Count, Value
from .adjacency import Adjacency

if TYPE_CHECKING:
    import networkx as nx

Level = Literal["operator", "layer", "block"]
Layout = Literal["NCHW", "NHWC"]

ITEM_BYTES = {"bool": 1, "int4": 0.5, "uint4": 0.5, "bfloat16": 2, "string": 0, "resource": 0, "variant": 0} | {
    f"{kind}{bits}": bits // 8
    for kind, widths in {
        "int": (8, 16, 32, 64),
        "uint": (8, 16, 32, 64),
        "float": (16, 32, 64),
        "complex": (64, 128),
    }.items()
    for bits in widths
}


class Quantization(Value, frozen=True):
    """Affine quantization: real = scale * (q - zero_point); several scales run along `axis` (per-channel)."""

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int | None = None


class Tensor(Value, frozen=True):
    """A tensor: activation or constant. `shape` is concrete, in the file's own layout; () is a scalar."""

    name: str
    shape: tuple[Count, ...]
    dtype: str
    quantization: Quantization | None = None

    def __post_init__(self) -> None:
        if self.dtype not in ITEM_BYTES:
            raise ValueError(f"tensor {self.name!r} has unknown dtype {self.dtype!r}")

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Its size in bytes, densely packed."""
        return math.ceil(self.elements * ITEM_BYTES[self.dtype])


class Operator(Value, frozen=True):
    """A node of the model file, its type in LayerSwitch's vocabulary (docs/operators.md).

    `inputs` and `outputs` name activation tensors; `constants` maps a role ("weights", "bias", "mean" ...) to the
    name of a constant in `LayerGraph.constants`. `attributes` hold JSON values only.
    """

    name: str
    type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = {}
    constants: dict[str, str] = {}
    macs: Count = 0
    parameters: Count = 0


class Layer(Value, frozen=True):
    """The unit people assign: operators that run together, their crossing tensors, and the block they belong to.

    `type` is the main operator's type (or the block's kind at block level). `inputs` are the activation tensors
    read from outside, `outputs` those read outside or leaving the network.
    """

    name: str
    type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    operators: tuple[Operator, ...] = ()
    block: str = ""

    @classmethod
    def of(cls, operator: Operator) -> "Layer":
        """The layer of a graph at operator level that holds just this operator."""
        return cls(operator.name, operator.type, operator.inputs, operator.outputs, (operator,))

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(operator.macs for operator in self.operators)

    @property
    def parameters(self) -> int:
        """Numbers learned in training."""
        return sum(operator.parameters for operator in self.operators)


class LayerGraph(Value, frozen=True, tag_field="schema", tag="layerswitch/graph/1", dict=True):
    """A network: `layers` in a topological order, which is the execution order; every tensor they name.

    Raises ValueError when made from layers that repeat a name, read what nobody wrote, or are out of order.
    """

    name: str
    layers: tuple[Layer, ...]
    tensors: dict[str, Tensor]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    level: Level = "operator"
    layout: Layout = "NCHW"
    source: str = ""  # the file format it came from
    constants: dict[str, Tensor] = {}

    def __post_init__(self) -> None:
        written, names = set(self.inputs), set[str]()
        for layer in self.layers:
            if layer.name in names:
                raise ValueError(f"two layers are named {layer.name!r}")
            names.add(layer.name)
            for tensor in layer.inputs:
                if tensor not in written:
                    raise ValueError(f"layer {layer.name!r} reads tensor {tensor!r} before any layer writes it")
            for tensor in layer.outputs:
                if tensor in written:
                    raise ValueError(f"tensor {tensor!r} is written twice, again by layer {layer.name!r}")
                written.add(tensor)
        for tensor in (*written, *self.outputs):
            if tensor not in self.tensors:
                raise ValueError(f"tensor {tensor!r} has no description")
        for tensor in self.outputs:
            if tensor not in written:
                raise ValueError(f"output {tensor!r} is written by no layer")
        for name, described in (*self.tensors.items(), *self.constants.items()):
            if described.name != name:
                raise ValueError(f"tensor {name!r} is described as {described.name!r}")

    @cached_property
    def index(self) -> dict[str, int]:
        """Layer name -> its place in the execution order."""
        return {layer.name: place for place, layer in enumerate(self.layers)}

    @cached_property
    def layer_macs(self) -> tuple[int, ...]:
        """Multiply-accumulates of each layer, in execution order."""
        return tuple(layer.macs for layer in self.layers)

    @cached_property
    def adjacency(self) -> Adjacency:
        """Which layers write, and which read, each tensor."""
        return Adjacency(self.layers, self.outputs)

    @property
    def producer(self) -> dict[str, int]:
        """Tensor -> place of the layer that writes it; the network's inputs are absent."""
        return self.adjacency.producer

    @property
    def readers(self) -> dict[str, tuple[int, ...]]:
        """Tensor -> places of the layers that read it, in order, each once."""
        return self.adjacency.readers

    def to_networkx(self) -> "nx.MultiDiGraph[str]":
        """The network as networkx's graph: layers are nodes (`layer`), tensors are edges (`tensor`, `bytes`).

        For questions that LayerSwitch has no answer to; a tensor with several readers is as many edges of one key.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=self.name)
        graph.add_nodes_from((layer.name, {"layer": layer}) for layer in self.layers)
        for tensor, producer in self.producer.items():
            size, source = self.tensors[tensor].bytes, self.layers[producer].name
            for place in self.readers.get(tensor, ()):
                graph.add_edge(source, self.layers[place].name, key=tensor, tensor=tensor, bytes=size)
        return graph

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def parameters(self) -> int:
        """Numbers learned in training."""
        return sum(layer.parameters for layer in self.layers)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the operators and tensors, the same at every level: says whether two files mean one network."""
        operators = [operator for layer in self.layers for operator in (layer.operators or (layer,))]
        named = sorted(operators, key=lambda operator: operator.name)
        content = msgspec.json.encode([named, sorted(self.inputs), sorted(self.outputs)], order="sorted")
        return hashlib.sha256(content).hexdigest()[:16]
