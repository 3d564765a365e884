"""The network's constants: stored in the file, drawn from a seed inside the graph, or computed from other constants.

Small values are kept, because shapes are computed from them; everything else is made again each time it is asked for.
"""

import math
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import onnx

from ....errors import ModelError
from ...graph import Tensor
from ..budgets import MOST_COMPUTED, MOST_MADE_BYTES
from . import folding_work
from .node import Node, TensorType
from .stored_tensors import Array, StoredTensor

SMALL = 4096
"""Elements up to which a value is computed while the model is opened."""

RANDOM = ("RandomNormal", "RandomUniform")


class Source(Protocol):
    """Where a constant comes from."""

    def load(self) -> Array:
        """The constant's value."""


class Literal:
    """A value the reader made itself."""

    def __init__(self, value: Array) -> None:
        self._value = value

    def load(self) -> Array:
        """The value."""
        return self._value


class Generated:
    """Weights drawn inside the graph: RandomNormal or RandomUniform with a seed, the same numbers every time."""

    def __init__(self, node: Node, kind: TensorType) -> None:
        self._node, self._kind = node, kind

    def load(self) -> Array:
        """Numbers that depend on nothing but the node's attributes and shape."""
        attributes, shape = self._node.attributes, self._kind.shape
        seed = int(np.float32(attributes["seed"]).view(np.uint32))
        generator = np.random.default_rng([seed, *shape])
        if self._node.type == "RandomNormal":
            drawn = generator.standard_normal(shape, dtype=np.float32)
            drawn *= np.float32(attributes.get("scale", 1.0))
            drawn += np.float32(attributes.get("mean", 0.0))
        else:
            low, high = attributes.get("low", 0.0), attributes.get("high", 1.0)
            drawn = generator.random(shape, dtype=np.float32)
            drawn *= np.float32(high - low)
            drawn += np.float32(low)
        return np.asarray(drawn, dtype=self._kind.dtype)


class Computed:
    """The value of a node whose inputs are all constants, computed by ONNX's own reference implementation."""

    def __init__(self, node: Node, output: str, constants: "ConstantTable", steps: int) -> None:
        """`steps`: the work behind it, with that behind its inputs (see folding_work)."""
        self.node, self._output, self._constants, self.steps = node, output, constants, steps

    def load(self) -> Array:
        """The node's output. Raises ModelError when the reference implementation cannot compute it."""
        value = self.all_outputs()[[name for name in self.node.outputs if name].index(self._output)]
        if value.shape != (shape := self._constants.type(self._output).shape):  # the reference and its inference differ
            raise ModelError(f"{self.node.title} computes {self._output!r} of shape {value.shape}, not {shape}")
        return value

    def all_outputs(self) -> list[Array]:
        """Every output of the node, in order."""
        node, proto = self.node, self.node.proto
        if self.steps > folding_work.LATER:
            raise ModelError(f"{node.title} takes too much work to be computed from constants")
        try:
            inputs = {name: self._constants[name] for name in node.inputs if name}
            if node.type == "ConstantOfShape":
                return [_filled(node, inputs[node.inputs[0]])]
            with np.errstate(all="ignore"):
                found = evaluator(proto, node.opset, tuple(inputs)).run(None, inputs)
        except ModelError:
            raise
        except Exception as error:  # whatever numpy raises inside the reference implementation
            raise ModelError(f"{node.title} cannot be computed: {error}") from error
        return [np.ascontiguousarray(value).reshape(np.shape(value)) for value in found]


class ConstantTable:
    """Name -> constant. Implements model.Constants."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._types: dict[str, TensorType] = {}
        self._small: dict[str, Array] = {}
        self._stored, self._computed = 0, 0  # bytes of all constants in the file, and of all computed ones

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __getitem__(self, name: str) -> Array:
        value = self._small.get(name)
        try:
            return self._sources[name].load() if value is None else value.copy()
        except RecursionError as error:
            raise ModelError(f"constant {name!r} is computed in too many steps") from error
        except MemoryError as error:
            raise ModelError(f"constant {name!r} does not fit into memory") from error

    def add(self, name: str, source: Source, kind: TensorType, value: Array | None = None) -> None:
        """Put a constant in; a small one is read at once unless its value is given."""
        size = Tensor(name, *kind).bytes
        if not isinstance(source, StoredTensor) and size > MOST_MADE_BYTES:
            raise ModelError(f"constant {name!r} would hold {size} bytes that are not in the file")
        self._stored += size * isinstance(source, StoredTensor)
        self._computed += size * isinstance(source, Computed)
        if self._computed > MOST_MADE_BYTES + MOST_COMPUTED * self._stored:
            raise ModelError(f"its constants would hold {self._computed} bytes that are not in the file")
        self._sources[name], self._types[name] = source, kind
        if value is None and isinstance(source, Computed):
            return  # its reader decides whether it can be computed now
        if math.prod(kind.shape) <= SMALL:
            self._small[name] = source.load() if value is None else value

    def type(self, name: str) -> TensorType:
        """The constant's shape and element type."""
        return self._types[name]

    def steps(self, name: str) -> int:
        """The work behind a constant each time it is asked for (see folding_work)."""
        source = self._sources[name]
        return source.steps if isinstance(source, Computed) and name not in self._small else 0

    def dequantized(self) -> list[tuple[str, Node]]:
        """Constants that a DequantizeLinear makes of stored integers, with that node."""
        made = ((name, source.node) for name, source in self._sources.items() if isinstance(source, Computed))
        return [(name, node) for name, node in made if node.type == "DequantizeLinear"]

    def small(self, name: str) -> Array | None:
        """The value if it is small enough to be kept, else None."""
        return self._small.get(name)


def evaluator(proto: onnx.NodeProto | None, opset: int, inputs: tuple[str, ...]) -> Any:
    """ONNX's reference implementation of a single node."""
    from onnx.reference import ReferenceEvaluator  # a third of a second to import; few models need it

    assert proto is not None
    if proto.op_type in ("QuantizeLinear", "DequantizeLinear"):
        opset = max(opset, 19)  # the reference has no older version; what those say means the same in this one
    empty = onnx.TypeProto()
    graph = onnx.helper.make_graph(
        [proto],
        "one node",
        [onnx.helper.make_value_info(name, empty) for name in inputs],
        [onnx.helper.make_value_info(name, empty) for name in proto.output if name],
    )
    imports = [onnx.helper.make_opsetid("", opset)]
    return ReferenceEvaluator(onnx.helper.make_model(graph, opset_imports=imports))


def _filled(node: Node, shape: Array) -> Array:
    fill = node.attributes.get("value")
    number = np.zeros(1, np.float32) if fill is None else onnx.numpy_helper.to_array(fill)
    return np.full(tuple(int(size) for size in shape), number.reshape(-1)[0], dtype=number.dtype)
