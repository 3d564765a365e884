"""The place of a card in the scene: what clicks, hovering and repaints meet. What it looks like is its `Card`."""

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from .drawn_graph import Node
from .node_colours import Style
from .node_painting import BADGE, Card, Fonts


class NodeItem(QGraphicsItem):
    """One card, centred on its position. The scene says what it looks like; it keeps nothing of the document."""

    def __init__(self, node: Node, at: tuple[float, float], size: tuple[float, float], fonts: Fonts) -> None:
        super().__init__()
        self.node = node
        self.rect = QRectF(-size[0] / 2, -size[1] / 2, *size)
        self.setPos(*at)
        self.area = self.rect.translated(*at)  # where it is in the scene
        self.card = Card(node, self.area, fonts)
        self.setZValue(1)

    @property
    def style(self) -> Style | None:
        """What it looks like, once that is known."""
        return self.card.style

    @property
    def selected(self) -> bool:
        """Whether one of its layers is."""
        return self.card.selected

    @property
    def found(self) -> bool:
        """Whether it is a hit of the search."""
        return self.card.found

    def restyle(self, style: Style) -> bool:
        """Take on a style; whether it differs."""
        if style == self.card.style:
            return False
        self.card = replace(self.card, style=style)
        return True

    def mark(self, *, selected: bool, found: bool) -> bool:
        """Say whether it is selected and whether the search found it; whether that is news."""
        if (selected, found) == (self.card.selected, self.card.found):
            return False
        self.card = replace(self.card, selected=selected, found=found)
        return True

    def badge_holds(self, scene_point: QPointF) -> bool:
        """Whether a point of the scene is on the device badge, where a click flips the layer."""
        return self.mapFromScene(scene_point).x() < self.rect.left() + BADGE

    def boundingRect(self) -> QRectF:
        """The card with its outline."""
        return self.rect.adjusted(-4, -4, 4, 4)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing: graph_painting.py paints all that is in view."""
