"""Segments: consecutive layers on one device, and the tensors that enter and leave them."""

from typing import Dict, List, NamedTuple, Tuple

from .graph import Graph


class Segment(NamedTuple):
    """Layers first..last (places, both included) on a device, in the execution order of the network."""

    device: str
    first: int
    last: int
    inputs: Tuple[str, ...]
    outputs: Tuple[str, ...]


def cut(graph: Graph, assignment: Dict[str, str]) -> List[Segment]:
    """The maximal runs of consecutive layers on one device, as `Assignment.segments` counts them."""
    bounds: List[Tuple[str, int, int]] = []
    for place, layer in enumerate(graph.layers):
        device = assignment[layer.name]
        if bounds and bounds[-1][0] == device:
            bounds[-1] = (device, bounds[-1][1], place)
        else:
            bounds.append((device, place, place))
    return [of_layers(graph, device, first, last) for device, first, last in bounds]


def of_layers(graph: Graph, device: str, first: int, last: int) -> Segment:
    """One segment; outputs are what later layers or nobody reads, and what leaves the network."""
    inside = graph.layers[first : last + 1]
    written = {name for layer in inside for name in layer.outputs}
    entering = dict.fromkeys(name for layer in inside for name in layer.inputs if name not in written)
    leaving = []
    for layer in inside:
        for name in layer.outputs:
            readers = graph.readers.get(name, [])
            if name in graph.outputs or not readers or readers[-1] > last:
                leaving.append(name)
    return Segment(device, first, last, tuple(entering), tuple(leaving))
