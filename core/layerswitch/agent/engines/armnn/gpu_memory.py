"""What a GPU has too little memory for, noticed before Arm NN tries it.

Where OpenCL refuses a buffer, Compute Library throws an error that nobody above it catches, and the process ends. What
is certain beforehand is refused instead: a tensor larger than the GPU allocates at once, and a segment whose weights
and largest layer are more than it has. Buffers that only Compute Library knows of can still be too large.
"""

from typing import List, Sequence

from ...hardware import GpuMemory
from ..network_graph import Graph, Tensor
from .pyarmnn_adapter import stored_type


def too_large(graph: Graph, place: int, memory: GpuMemory) -> str:
    """Why a layer cannot be on the GPU, "" if nothing is known against it."""
    names = _constants(graph, (place,)) + _activations(graph, place)
    size, name = max(((stored_bytes(graph.tensors[name]), name) for name in names), default=(0, ""))
    if size <= memory.once:
        return ""
    return "tensor {} of {:.0f} MB is larger than the {:.0f} MB that the GPU allocates at once".format(
        name, size / 1e6, memory.once / 1e6
    )


def too_much(graph: Graph, places: Sequence[int], memory: GpuMemory) -> str:
    """Why a segment of these layers cannot be on the GPU, "" if nothing is known against it."""
    weights = sum(stored_bytes(graph.tensors[name]) for name in _constants(graph, places))
    at_once = max(sum(stored_bytes(graph.tensors[name]) for name in _activations(graph, place)) for place in places)
    if weights + at_once <= memory.whole:
        return ""
    return "it needs {:.0f} MB at least, and the GPU has {:.0f} MB".format(
        (weights + at_once) / 1e6, memory.whole / 1e6
    )


def stored_bytes(tensor: Tensor) -> int:
    """Bytes that a tensor's numbers take as Arm NN stores them."""
    return tensor.elements * stored_type(tensor.dtype).itemsize


def _constants(graph: Graph, places: Sequence[int]) -> List[str]:
    operators = [operator for place in places for operator in graph.layers[place].operators]
    return list(dict.fromkeys(name for operator in operators for name in operator.constants.values()))


def _activations(graph: Graph, place: int) -> List[str]:
    return [*graph.layers[place].inputs, *graph.layers[place].outputs]
