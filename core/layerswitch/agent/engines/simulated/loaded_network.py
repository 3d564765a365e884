"""A loaded network: what each layer is expected to take on each device, and which tensors cross between layers."""

from typing import Any, Dict, List, NamedTuple, Tuple

from ...operator_shapes import item_bytes
from ..network_graph import Graph
from . import kernels
from .device_model import Coefficients
from .kernel_work import Table


class Crossing(NamedTuple):
    """A tensor that layers read from another layer: its name, size in bytes, and the places of both ends."""

    tensor: str
    size: float
    producer: int
    readers: Tuple[int, ...]


class Network:
    """A LayerGraph's JSON form, costed.

    `times[device][i]` is layer i's expected ms, `kernels[device][i]` its parts by kernel name, and
    `launches[device][i]` how often each starts.
    """

    def __init__(self, graph: Dict[str, Any], devices: Dict[str, Coefficients]) -> None:
        self.name = str(graph.get("name", ""))
        self.layers = [str(layer["name"]) for layer in graph["layers"]]
        tensors, layout = graph["tensors"], graph.get("layout", "NCHW")
        self.unsupported: Dict[str, Dict[str, str]] = {device: {} for device in devices}
        self.times: Dict[str, List[float]] = {device: [] for device in devices}
        self.kernels: Dict[str, List[Dict[str, float]]] = {device: [] for device in devices}
        self.launches: Dict[str, List[Dict[str, int]]] = {device: [] for device in devices}
        for layer in graph["layers"]:
            operators = layer.get("operators") or [layer]
            reason = next((text for text in map(kernels.unsupported, operators) if text), "")
            for device, coefficients in devices.items():
                parts: Dict[str, float] = {}
                launches: Dict[str, int] = {}
                if reason:
                    self.unsupported[device][layer["name"]] = reason
                else:
                    library = coefficients.library
                    works = [work for one in operators for work in kernels.works(one, tensors, layout, library)]
                    for work, ms in zip(works, coefficients.times(Table(works)).tolist()):
                        parts[work.name] = parts.get(work.name, 0.0) + ms
                        launches[work.name] = launches.get(work.name, 0) + 1
                self.kernels[device].append(parts)
                self.launches[device].append(launches)
                self.times[device].append(sum(parts.values()))
        self.crossings = _crossings(graph)

    def complete(self, device: str) -> bool:
        """Whether the device can run every layer."""
        return not self.unsupported[device]


def _crossings(graph: Dict[str, Any]) -> List[Crossing]:
    ends = Graph(graph)
    return [
        Crossing(tensor, _bytes(graph["tensors"][tensor]), ends.producer[tensor], tuple(places))
        for tensor, places in ends.readers.items()
        if tensor in ends.producer
    ]


def _bytes(tensor: Dict[str, Any]) -> float:
    size = item_bytes(tensor.get("dtype", "float32"))
    for length in tensor.get("shape", ()):
        size *= length
    return size
