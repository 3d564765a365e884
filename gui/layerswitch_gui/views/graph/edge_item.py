"""The place of an edge in the scene, for repaints. What it looks like is its `Line`."""

from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ...widgets import formatting
from .drawn_graph import Link
from .edge_painting import DIAMOND, Line, Route, thickness
from .layered_layout import Direction, Point

MARGIN = 14.0


class EdgeItem(QGraphicsItem):
    """One link. It takes no part in picking: its shape is empty, so that hit tests stay fast and clicks meet cards."""

    def __init__(self, link: Link, points: list[Point], direction: Direction, font: QFont) -> None:
        super().__init__()
        self.link = link
        self.line = Line(Route(points, direction), thickness(link.bytes), font)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        xs, ys = zip(*points, strict=True)
        left, top = min(xs), min(ys)
        self.way = QRectF(left - MARGIN, top - MARGIN, max(xs) - left + 2 * MARGIN, max(ys) - top + 2 * MARGIN)
        """Room for the line, which keeps within its points, and its arrow."""
        self._bounds = self.way

    @property
    def cost(self) -> float | None:
        """Ms paid on this edge; 0 where the tensor was moved for an earlier reader; None without a change of device."""
        return self.line.cost

    def set_cost(self, cost: float | None) -> QRectF | None:
        """Mark (or unmark) the change of device; what is to be painted again, if anything."""
        if cost == self.line.cost:
            return None
        before = self._bounds
        self.prepareGeometryChange()
        self.line = replace(self.line, cost=cost, label=formatting.ms(cost) if cost else "")
        self._bounds = self.way
        if cost is not None:
            middle = self.line.route.middle
            room = QFontMetricsF(self.line.font).horizontalAdvance(self.line.label) + 3 * DIAMOND
            around = QRectF(middle.x() - 6 * DIAMOND, middle.y() - 6 * DIAMOND, 12 * DIAMOND + room, 12 * DIAMOND)
            self._bounds = self._bounds.united(around)
        return before.united(self._bounds)

    def set_lit(self, lit: bool) -> bool:
        """Draw it in the selection's colour, for a selected neighbour; whether that is news."""
        if lit == self.line.lit:
            return False
        self.line = replace(self.line, lit=lit)
        return True

    def boundingRect(self) -> QRectF:
        """The line, its arrow and its label."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Nothing: an edge cannot be picked."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing: graph_painting.py paints all that is in view."""
