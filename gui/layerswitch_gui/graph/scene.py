"""The layer graph's scene: cards and edges of one picture, in step with the document's assignment and selection."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsScene

from layerswitch.graph import LayerGraph
from layerswitch.latency import LatencyModel

from ..look import Look
from .block_item import BlockItem, BlockTag
from .colouring import Painter
from .edge_item import EdgeItem
from .folding import Picture
from .layout import Direction, Drawing
from .node_item import NodeItem


class GraphScene(QGraphicsScene):
    """Items by name. It computes nothing: the picture, the drawing and the painter come from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.BspTreeIndex)
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[tuple[str, str], EdgeItem] = {}
        self.frames: list[BlockItem] = []
        self.picture = Picture((), (), ())
        self.direction: Direction = "down"
        self.version = 0  # of what the items look like
        self._touching: dict[str, list[EdgeItem]] = {}
        self._names: tuple[str, ...] = ()
        self._costs: dict[tuple[str, str], float] = {}

    def show_picture(
        self,
        graph: LayerGraph,
        picture: Picture,
        drawing: Drawing,
        direction: Direction,
        size: tuple[float, float],
        font: QFont,
        look: Look,
    ) -> None:
        """Replace everything by the cards and edges of a picture."""
        self.clear_picture()
        self.picture, self.direction = picture, direction
        self._names = tuple(layer.name for layer in graph.layers)
        for node in picture.nodes:
            item = NodeItem(node, size, font, look)
            item.setPos(*drawing.positions[node.key])
            item.area = item.rect.translated(item.pos())
            self.nodes[node.key] = item
            self.addItem(item)
        half = size[1] / 2 if direction == "down" else size[0] / 2
        for link in picture.links:
            pair = link.source, link.target
            (x, y), (to_x, to_y) = drawing.positions[link.source], drawing.positions[link.target]
            start, end = (
                ((x, y + half), (to_x, to_y - half)) if direction == "down" else ((x + half, y), (to_x - half, to_y))
            )
            edge = EdgeItem(link, [start, *drawing.bends.get(pair, ()), end], direction, font, look)
            self.edges[pair] = edge
            for key in pair:
                self._touching.setdefault(key, []).append(edge)
            self.addItem(edge)
        for frame in BlockItem.around(picture, self.nodes, font, look):
            self.frames.append(frame)
            self.addItem(frame)
            self.addItem(BlockTag(frame))
        around = self.itemsBoundingRect()
        self.setSceneRect(
            around.adjusted(-around.width() - 800, -around.height() - 800, around.width() + 800, around.height() + 800)
        )

    def clear_picture(self) -> None:
        """Show nothing."""
        self.version += 1
        self.clear()
        self.nodes, self.edges, self.frames, self._touching = {}, {}, [], {}
        self.picture, self._names, self._costs = Picture((), (), ()), (), {}

    def content(self) -> QRectF:
        """Where there is something to see."""
        return self.itemsBoundingRect().adjusted(-12, -12, 12, 12)

    def restyle(self, painter: Painter, keys: Iterable[str] | None = None) -> None:
        """Style the cards named, or all; only those that change are repainted."""
        self.version += 1
        for key in self.nodes if keys is None else keys:
            item = self.nodes[key]
            item.restyle(painter.style([self._names[place] for place in item.node.places], item.node.places))

    def mark_switches(self, latency: LatencyModel | None, assignment: Mapping[str, str] | None) -> None:
        """Mark the edges whose tensors change device, with what the move costs at the first reader that needs it."""
        self.version += 1
        costs = edge_costs(self.picture, latency, assignment)
        for pair in {*self._costs, *costs}:
            self.edges[pair].set_cost(costs.get(pair))
        self._costs = costs

    def crossing(self) -> list[EdgeItem]:
        """The edges that change device."""
        return [self.edges[pair] for pair in self._costs]

    def show_selection(self, selected: Collection[str], found: Collection[str]) -> None:
        """Highlight the cards of selected layers, the edges at them, and the cards the search found."""
        chosen, hits = set(selected), set(found)
        lit: set[EdgeItem] = set()
        for key, item in self.nodes.items():
            names = [self._names[place] for place in item.node.places]
            here = not chosen.isdisjoint(names)
            item.mark(selected=here, found=key in hits)
            if here:
                lit.update(self._touching.get(key, ()))
        for edge in self.edges.values():
            edge.set_lit(edge in lit)

    def keys_of(self, names: Iterable[str]) -> list[str]:
        """The cards that show these layers, each once."""
        places = {name: place for place, name in enumerate(self._names)}
        return list(dict.fromkeys(self.picture.node_of[places[name]] for name in names if name in places))

    def layers_of(self, keys: Iterable[str]) -> list[str]:
        """The layers that these cards show."""
        return [self._names[place] for key in keys for place in self.nodes[key].node.places]


def edge_costs(
    picture: Picture, latency: LatencyModel | None, assignment: Mapping[str, str] | None
) -> dict[tuple[str, str], float]:
    """Card pair -> ms paid for moving tensors between them; a tensor is charged once a device, at its first reader."""
    if latency is None or assignment is None:
        return {}
    costs: dict[tuple[str, str], float] = {}
    choice = latency.choice(assignment)
    columns, node_of = choice.tolist(), picture.node_of
    for row in np.flatnonzero(latency.moved(choice).any(axis=1)).tolist():
        producer = latency.producers[row]
        source = columns[producer]
        paid: set[int] = set()
        for reader in latency.readers[row]:
            target = columns[reader]
            if target == source:
                continue
            pair = node_of[producer], node_of[reader]
            if pair[0] != pair[1]:
                ms = 0.0 if target in paid else float(latency.transfer_ms[row, source, target])
                costs[pair] = costs.get(pair, 0.0) + ms
            paid.add(target)
    return costs
