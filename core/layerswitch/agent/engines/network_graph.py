"""The network as the agent gets it (`LayerGraph.to_dict()`), with the fields that were left out filled in."""

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ..operator_shapes import item_bytes


class Tensor(NamedTuple):
    """An activation or constant: its shape, dtype, and quantization (scales, zero points, axis) if it has one."""

    name: str
    shape: Tuple[int, ...]
    dtype: str
    scales: Tuple[float, ...] = ()
    zero_points: Tuple[int, ...] = ()
    axis: Optional[int] = None

    @property
    def scale(self) -> float:
        """The scale of all of it; 0 where it has none."""
        return self.scales[0] if self.scales else 0.0

    @property
    def zero_point(self) -> int:
        """The zero point of all of it."""
        return self.zero_points[0] if self.zero_points else 0

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        count = 1
        for length in self.shape:
            count *= length
        return count


class Operator(NamedTuple):
    """A node of the model file, in the words of docs/operators.md."""

    name: str
    type: str
    inputs: Tuple[str, ...]
    outputs: Tuple[str, ...]
    attributes: Dict[str, Any]
    constants: Dict[str, str]


class Layer(NamedTuple):
    """The unit people assign."""

    name: str
    inputs: Tuple[str, ...]
    outputs: Tuple[str, ...]
    operators: Tuple[Operator, ...]


class Graph:
    """The layers in execution order, and who reads what. Raises KeyError, TypeError, ValueError on nonsense."""

    def __init__(self, network: Dict[str, Any]) -> None:
        self.name = str(network.get("name", ""))
        self.layout = str(network.get("layout", "NCHW"))
        self.layers: List[Layer] = [_layer(one) for one in network["layers"]]
        self.index = {layer.name: place for place, layer in enumerate(self.layers)}
        constants = network.get("constants", {})
        described = dict(constants)
        described.update(network["tensors"])
        self.tensors = {name: _tensor(name, one) for name, one in described.items()}
        self.weights = int(
            sum(self.tensors[name].elements * item_bytes(self.tensors[name].dtype) for name in constants)
        )
        self.inputs = tuple(network["inputs"])
        self.outputs = tuple(network["outputs"])
        self.readers: Dict[str, List[int]] = {}
        self.producer: Dict[str, int] = {}
        for place, layer in enumerate(self.layers):
            for name in layer.inputs:
                self.readers.setdefault(name, []).append(place)
            for name in layer.outputs:
                self.producer[name] = place


def _layer(one: Dict[str, Any]) -> Layer:
    inputs, outputs = tuple(dict.fromkeys(one.get("inputs", ()))), tuple(one.get("outputs", ()))
    return Layer(str(one["name"]), inputs, outputs, tuple(_operator(node) for node in one.get("operators", ())))


def _operator(one: Dict[str, Any]) -> Operator:
    return Operator(
        str(one["name"]),
        str(one["type"]),
        tuple(one.get("inputs", ())),
        tuple(one.get("outputs", ())),
        dict(one.get("attributes", {})),
        dict(one.get("constants", {})),
    )


def _tensor(name: str, one: Dict[str, Any]) -> Tensor:
    shape, quantization = tuple(int(length) for length in one["shape"]), one.get("quantization") or {}
    scales, zeros = tuple(quantization.get("scale", ())), tuple(quantization.get("zero_point", ()))
    return Tensor(name, shape, str(one["dtype"]), scales, zeros, quantization.get("axis"))
