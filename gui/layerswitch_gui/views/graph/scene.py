"""The layer graph's scene: cards and edges of one picture, in step with the document's assignment and selection."""

from collections.abc import Collection, Iterable

import numpy as np
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsScene

from layerswitch.network.graph import LayerGraph
from layerswitch.prediction.latency_model import Prediction

from .block_item import BlockItem, BlockTag
from .drawn_graph import Picture
from .edge_item import EdgeItem
from .edge_painting import Line
from .graph_painting import Parts
from .layered_layout import Direction, Drawing
from .node_colours import Painter
from .node_item import NodeItem
from .node_painting import Card, Fonts

MOST = 100
"""Edges whose cost an edit changes that are always followed one by one, and areas that are painted again one by one."""

Pair = tuple[str, str]
"""The keys of the cards that an edge leaves and reaches."""


class GraphScene(QGraphicsScene):
    """Items by name. It computes nothing: the picture, the drawing and the painter come from outside."""

    dirty = Signal(list)  # areas to paint again; none: everything

    def __init__(self) -> None:
        super().__init__()
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.BspTreeIndex)
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[tuple[str, str], EdgeItem] = {}
        self.frames: list[BlockItem] = []
        self.picture = Picture((), (), ())
        self.direction: Direction = "down"
        self.version = 0  # of what the items look like
        self.drawing = 0  # of where they are
        self._cards: list[NodeItem] = []  # by place, as the edges: whoever paints asks by numbers
        self._lines: list[EdgeItem] = []
        self._marked: list[NodeItem] = []
        self._touching: dict[str, list[EdgeItem]] = {}
        self._names: tuple[str, ...] = ()
        self._places: dict[str, int] = {}
        self._content = QRectF()
        self._costs: dict[tuple[str, str], float] = {}

    def show_picture(
        self,
        graph: LayerGraph,
        picture: Picture,
        drawing: Drawing,
        direction: Direction,
        size: tuple[float, float],
        font: QFont,
    ) -> None:
        """Replace everything by the cards and edges of a picture."""
        self.clear_picture()
        self.picture, self.direction = picture, direction
        self._names, self._places = tuple(graph.index), graph.index
        fonts = Fonts.of(font)
        for node in picture.nodes:
            item = NodeItem(node, drawing.positions[node.key], size, fonts)
            self.nodes[node.key] = item
            self.addItem(item)
        half = size[1] / 2 if direction == "down" else size[0] / 2
        for link in picture.links:
            pair = link.source, link.target
            (x, y), (to_x, to_y) = drawing.positions[link.source], drawing.positions[link.target]
            start, end = (
                ((x, y + half), (to_x, to_y - half)) if direction == "down" else ((x + half, y), (to_x - half, to_y))
            )
            edge = EdgeItem(link, [start, *drawing.bends.get(pair, ()), end], direction, font)
            self.edges[pair] = edge
            for key in pair:
                self._touching.setdefault(key, []).append(edge)
            self.addItem(edge)
        for block in BlockItem.around(picture, self.nodes, font):
            self.frames.append(block)
            self.addItem(block)
            self.addItem(BlockTag(block.frame))
        self._cards, self._lines = [*self.nodes.values()], [*self.edges.values()]
        around = self._content = self.itemsBoundingRect()
        self.setSceneRect(
            around.adjusted(-around.width() - 800, -around.height() - 800, around.width() + 800, around.height() + 800)
        )

    def clear_picture(self) -> None:
        """Show nothing."""
        self.version += 1
        self.drawing += 1
        self.clear()
        self.nodes, self.edges, self.frames, self._touching = {}, {}, [], {}
        self._cards, self._lines, self._marked = [], [], []
        self.picture, self._names, self._places, self._costs = Picture((), (), ()), (), {}, {}
        self._content = QRectF()
        self.dirty.emit([])

    def parts(self) -> Parts:
        """Everything that is painted."""
        return Parts(
            [block.frame for block in self.frames],
            [edge.line for edge in self._lines],
            [item.card for item in self._cards],
        )

    def areas(self) -> tuple[list[QRectF], list[QRectF], list[QRectF]]:
        """Where frames (with their names), lines (with room for their costs) and cards are."""
        frames = [block.rect.united(block.frame.tag) for block in self.frames]
        lines = [edge.way.adjusted(-28, -28, 100, 40) for edge in self._lines]
        return frames, lines, [item.area.adjusted(-4, -4, 4, 4) for item in self._cards]

    def some(self, frames: list[int], lines: list[int], cards: list[int]) -> Parts:
        """The frames, lines and cards at these places."""
        return Parts(
            [self.frames[place].frame for place in frames],
            [self._lines[place].line for place in lines],
            [self._cards[place].card for place in cards],
        )

    def content(self) -> QRectF:
        """Where there is something to see."""
        return self._content.adjusted(-12, -12, 12, 12)

    def restyle(self, painter: Painter, keys: Iterable[str] | None = None) -> None:
        """Style the cards named, or all; only those that change are repainted."""
        self.version += 1
        changed = []
        for key in self.nodes if keys is None else keys:
            item = self.nodes[key]
            if item.restyle(painter.style([self._names[place] for place in item.node.places], item.node.places)):
                changed.append(item.area)
        self._repaint(changed)

    def _repaint(self, areas: list[QRectF]) -> None:
        if areas:
            self.dirty.emit(areas if len(areas) <= MOST else [])

    def mark_switches(self, prediction: Prediction | None, names: Collection[str] | None = None) -> None:
        """Mark the edges whose tensors change device, with what the move costs at the first reader that needs it.

        With `names` only edges of tensors that these layers read or write are looked at: the others cost as before.
        """
        self.version += 1
        pairs = None
        if names is not None and prediction is not None:
            pairs = touched_pairs(self.picture, prediction, names)
            if len(pairs) > max(len(self.edges) // 4, MOST):
                pairs = None
        costs = edge_costs(self.picture, prediction, pairs)
        changed: list[QRectF] = []
        for pair in {*self._costs, *costs} if pairs is None else pairs:
            edge, cost = self.edges[pair], costs.get(pair)
            if (area := edge.set_cost(cost)) is not None:
                changed.append(area)
            self._costs.pop(pair, None)
            if cost is not None:  # its label may stand out
                self._content = self._content.united(edge.boundingRect())
        self._costs.update(costs)
        self._repaint(changed)

    def crossing(self) -> list[Line]:
        """The lines that change device."""
        return [self.edges[pair].line for pair in self._costs]

    def marked(self) -> list[Card]:
        """The cards that are selected or found."""
        return [item.card for item in self._marked]

    def show_selection(self, selected: Collection[str], found: Collection[str]) -> None:
        """Highlight the cards of selected layers, the edges at them, and the cards the search found."""
        chosen, hits = set(selected), set(found)
        lit: set[EdgeItem] = set()
        self._marked, changed = [], list[QRectF]()
        for key, item in self.nodes.items():
            names = [self._names[place] for place in item.node.places]
            here = not chosen.isdisjoint(names)
            if item.mark(selected=here, found=key in hits):
                changed.append(item.area)
            if here or key in hits:
                self._marked.append(item)
            if here:
                lit.update(self._touching.get(key, ()))
        changed += [edge.boundingRect() for edge in self.edges.values() if edge.set_lit(edge in lit)]
        self._repaint(changed)

    def keys_of(self, names: Iterable[str]) -> list[str]:
        """The cards that show these layers, each once."""
        places, node_of = self._places, self.picture.node_of
        return list(dict.fromkeys(node_of[places[name]] for name in names if name in places))

    def layers_of(self, keys: Iterable[str]) -> list[str]:
        """The layers that these cards show."""
        return [self._names[place] for key in keys for place in self.nodes[key].node.places]


def touched_pairs(picture: Picture, prediction: Prediction, names: Collection[str]) -> set[Pair]:
    """The card pairs between which something passes that one of these layers reads or writes."""
    flow, index, node_of = prediction.model.dataflow, prediction.model.graph.index, picture.node_of
    rows = {row for name in names for part in flow.touching(index[name]) for row in part}
    pairs = {(node_of[flow.producers[row]], node_of[reader]) for row in rows for reader in flow.readers[row]}
    return {pair for pair in pairs if pair[0] != pair[1]}


def edge_costs(
    picture: Picture, prediction: Prediction | None, pairs: Collection[Pair] | None = None
) -> dict[Pair, float]:
    """Card pair -> ms paid for moving tensors between them; a tensor is charged once a device, at its first reader.

    With `pairs` only of those; which are links of the picture.
    """
    if prediction is None:
        return {}
    costs: dict[Pair, float] = {}
    model, node_of, choice = prediction.model, picture.node_of, prediction.choice
    if pairs is None:
        rows = np.flatnonzero(prediction.moved.any(axis=1)).tolist()
    else:
        carried = (tensor for pair in pairs for tensor in picture.carried[pair])
        rows = sorted({row for tensor in carried if (row := model.dataflow.rows.get(tensor)) is not None})
    for row in rows:
        producer = model.dataflow.producers[row]
        source = choice.item(producer)
        paid: set[int] = set()
        for reader in model.dataflow.readers[row]:
            target = choice.item(reader)
            if target == source:
                continue
            pair = node_of[producer], node_of[reader]
            if pair[0] != pair[1] and (pairs is None or pair in pairs):
                ms = 0.0 if target in paid else prediction.moves_ms.item(row, target)
                costs[pair] = costs.get(pair, 0.0) + ms
            paid.add(target)
    return costs
