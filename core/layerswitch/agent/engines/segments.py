"""Segments: layers that one device executes in a row, and the tensors that enter and leave them."""

from typing import Dict, List, NamedTuple, Sequence, Tuple

from ..execution_order import fewest_segments
from .network_graph import Graph


class Segment(NamedTuple):
    """Layers (their places in the network, in execution order) on a device."""

    device: str
    places: Tuple[int, ...]
    inputs: Tuple[str, ...]
    outputs: Tuple[str, ...]


def cut(graph: Graph, assignment: Dict[str, str]) -> List[Segment]:
    """The segments of an assignment, in the execution order that needs the fewest."""
    before = [[graph.producer[name] for name in layer.inputs if name in graph.producer] for layer in graph.layers]
    devices = [assignment[layer.name] for layer in graph.layers]
    return [of_layers(graph, devices[places[0]], places) for places in fewest_segments(before, devices)]


def of_layers(graph: Graph, device: str, places: Sequence[int]) -> Segment:
    """One segment; outputs are what other layers or nobody reads, and what leaves the network."""
    inside = [graph.layers[place] for place in places]
    written = {name for layer in inside for name in layer.outputs}
    entering = dict.fromkeys(name for layer in inside for name in layer.inputs if name not in written)
    leaving = []
    for layer in inside:
        for name in layer.outputs:
            readers = graph.readers.get(name, [])
            if name in graph.outputs or not readers or not set(readers) <= set(places):
                leaving.append(name)
    return Segment(device, tuple(places), tuple(entering), tuple(leaving))
