"""What the layer graph draws: one node per layer, or per folded block, and the tensors between them."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from layerswitch.network.graph import Layer, LayerGraph

from ...widgets.text_safety import one_line


@dataclass(frozen=True)
class Node:
    """A card: one layer, or the consecutive layers of a folded block. `places` are in execution order."""

    key: str
    title: str
    kind: str
    places: tuple[int, ...]
    block: str
    folded: bool = False


@dataclass(frozen=True)
class Link:
    """Everything that passes from one card to another: the tensors' names and their bytes in all."""

    source: str
    target: str
    tensors: tuple[str, ...]
    bytes: int


@dataclass(frozen=True)
class Picture:
    """Nodes in execution order and the links between them; `node_of[place]` is the key of the card showing a layer."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    node_of: tuple[str, ...]

    @cached_property
    def carried(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Source and target of each link -> the tensors that pass."""
        return {(link.source, link.target): link.tensors for link in self.links}


def blocks(graph: LayerGraph) -> tuple[str, ...]:
    """The blocks that can fold: those with at least two layers in a row, in execution order."""
    runs = [(block, len(list(layers))) for block, layers in groupby(graph.layers, key=lambda layer: layer.block)]
    return tuple(dict.fromkeys(block for block, length in runs if block and length > 1))


def picture(graph: LayerGraph, folded: Collection[str] = ()) -> Picture:
    """What to draw with the blocks in `folded` folded.

    A block whose layers are not in a row in the execution order folds into one card for each row, so a drawing never
    has a cycle: cards stand for intervals of one topological order.
    """
    nodes: list[Node] = []
    seen: dict[str, int] = {}

    def run_of(item: tuple[int, Layer]) -> tuple[str, int]:
        place, layer = item
        return (layer.block, -1) if layer.block in folded else ("", place)

    for (block, _), members in groupby(enumerate(graph.layers), key=run_of):
        places = tuple(place for place, _ in members)
        first = graph.layers[places[0]]
        if not block or len(places) == 1:
            layers = [(place, graph.layers[place]) for place in places]
            nodes += (
                Node(layer.name, one_line(layer.name), one_line(layer.type), (place,), layer.block)
                for place, layer in layers
            )
            continue
        seen[block] = seen.get(block, 0) + 1
        title = one_line(block) if seen[block] == 1 else f"{one_line(block)} ({seen[block]})"
        nodes.append(Node(f"block {title}\n{first.name}", title, f"{len(places)} layers", places, block, folded=True))
    node_of = [""] * len(graph.layers)
    for node in nodes:
        for place in node.places:
            node_of[place] = node.key
    carried: dict[tuple[str, str], dict[str, int]] = {}
    for tensor, readers in graph.readers.items():
        producer = graph.producer.get(tensor)
        for reader in readers if producer is not None else ():
            assert producer is not None
            pair = node_of[producer], node_of[reader]
            if pair[0] != pair[1]:
                carried.setdefault(pair, {})[tensor] = graph.tensors[tensor].bytes
    links = tuple(Link(*pair, tuple(tensors), sum(tensors.values())) for pair, tensors in carried.items())
    return Picture(tuple(nodes), links, tuple(node_of))
