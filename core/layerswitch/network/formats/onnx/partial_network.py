"""Network: what is known of the file's network while it is being read and rewritten."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ....errors import ModelError
from ...graph import Quantization
from .constants import ConstantTable, Literal
from .node import Node, TensorType
from .stored_tensors import NAMES, Array


@dataclass
class Network:
    """Live nodes in execution order, tensor types, constants. Rewriting steps change it in place."""

    where: str
    inputs: list[str]
    outputs: list[str]
    types: dict[str, TensorType]
    constants: ConstantTable
    nodes: list[Node] = field(default_factory=list)
    quantization: dict[str, Quantization] = field(default_factory=dict)  # of activations and constants
    handed_out: set[str] = field(default_factory=set)  # names made here for tensors that the file does not have
    counted: set[str] = field(default_factory=set)  # constants whose numbers some operator already counts

    def type(self, name: str) -> TensorType:
        """Shape and element type of an activation or a constant. Raises ModelError when nothing writes it."""
        if name in self.constants:
            return self.constants.type(name)
        if name not in self.types:
            raise ModelError(f"tensor {name!r} is read, but nothing writes it", where=self.where)
        return self.types[name]

    def shape(self, name: str) -> tuple[int, ...]:
        """The tensor's shape."""
        return self.type(name).shape

    def constant(self, name: str) -> bool:
        """Whether the name is of a constant (an empty name is not)."""
        return name in self.constants

    def value(self, name: str) -> Array | None:
        """A small constant's value; None for an activation, a big constant, or an empty name."""
        return self.constants.small(name)

    def literal(self, wanted: str, value: Array) -> str:
        """Add a constant that the file does not have; returns its name, which is `wanted` or like it."""
        name = self.fresh(wanted)
        dtype = NAMES[_number(value)]
        self.constants.add(name, Literal(value), TensorType(value.shape, dtype), value)
        return name

    def fresh(self, wanted: str) -> str:
        """A tensor name that is not taken: `wanted`, or `wanted` with a number."""
        name, number = wanted, 2
        while name in self.types or name in self.constants or name in self.handed_out:
            name, number = f"{wanted}_{number}", number + 1
        self.handed_out.add(name)
        return name

    def consumers(self) -> dict[str, list[Node]]:
        """Tensor -> nodes that read it, in order, once for each place they read it at."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in node.inputs:
                if name:
                    found.setdefault(name, []).append(node)
        return found

    def producers(self) -> dict[str, Node]:
        """Tensor -> node that writes it."""
        return {name: node for node in self.nodes for name in node.outputs if name}

    @property
    def read(self) -> set[str]:
        """Tensors that some node reads or that leave the network."""
        return {name for node in self.nodes for name in node.inputs} | set(self.outputs)

    def drop_dead(self) -> None:
        """Remove nodes whose results reach no output of the network."""
        needed, kept = set(self.outputs), list[Node]()
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                needed.update(name for name in node.inputs if name)
                kept.append(node)
        self.nodes = kept[::-1]

    def argument(self, node: Node, name: str, place: int) -> Any:
        """A parameter that old versions keep in attribute `name` and new ones in constant input `place`.

        Lists for attributes and 1-d inputs, a number for 0-d ones, None when absent. Raises LookupError when the
        input is no small constant, so that its value cannot be known.
        """
        if name in node.attributes:
            return node.attributes[name]
        if not node.input(place):
            return None
        value = self.value(node.input(place))
        if value is None:
            raise LookupError(name)
        return value.tolist()


def _number(value: Array) -> int:
    from onnx.helper import np_dtype_to_tensor_dtype

    return int(np_dtype_to_tensor_dtype(np.asarray(value).dtype))
