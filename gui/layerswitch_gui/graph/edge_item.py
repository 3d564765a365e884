"""An edge of the layer graph: as thick as its tensors are large, with a diamond and cost where it changes device."""

import math
from functools import cached_property
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from .. import wording
from ..look import Look
from .folding import Link
from .layout import Direction, Point
from .node_item import DOT

ARROW = 8.0
DIAMOND = 7.0
MARGIN = 14.0


def thickness(size: int) -> float:
    """Line width for a number of bytes: 1 below 10 kB, 7 from 100 MB, by the logarithm between."""
    return min(max(1.0 + 1.5 * (math.log10(max(size, 1)) - 4), 1.0), 7.0)


def route(points: list[Point], direction: Direction) -> QPainterPath:
    """A smooth line through the points, leaving and arriving along the ranks."""
    path = QPainterPath(QPointF(*points[0]))
    for (x, y), (to_x, to_y) in pairwise(points):
        if direction == "down":
            middle = (y + to_y) / 2
            path.cubicTo(x, middle, to_x, middle, to_x, to_y)
        else:
            middle = (x + to_x) / 2
            path.cubicTo(middle, y, middle, to_y, to_x, to_y)
    return path


class EdgeItem(QGraphicsItem):
    """One link. It takes no part in picking: its shape is empty, so that hit tests stay fast and clicks meet cards."""

    def __init__(self, link: Link, points: list[Point], direction: Direction, font: QFont, look: Look) -> None:
        super().__init__()
        self.link = link
        self._points = points
        self.cost: float | None = None  # ms paid on this edge; 0 where the tensor was moved for an earlier reader
        self.lit = False
        self._look, self._font, self._direction = look, font, direction
        self._width = thickness(link.bytes)
        self._label = ""
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._bounds = self._around()

    @cached_property
    def path(self) -> QPainterPath:
        """The line, once it is seen: most edges of a large network are not, for long."""
        return route(self._points, self._direction)

    @cached_property
    def lines(self) -> list[QLineF]:
        """The way it goes, for painting from afar."""
        return [QLineF(*start, *end) for start, end in pairwise(self._points)]

    @cached_property
    def middle(self) -> QPointF:
        """Halfway, where a change of device is marked."""
        return self.path.pointAtPercent(0.5)

    @cached_property
    def _head(self) -> QPolygonF:
        return _arrow(self._points[-1], self._direction)

    def _around(self) -> QRectF:
        """Room for the line, which keeps within its points, and its arrow."""
        xs, ys = zip(*self._points, strict=True)
        left, top = min(xs), min(ys)
        return QRectF(left - MARGIN, top - MARGIN, max(xs) - left + 2 * MARGIN, max(ys) - top + 2 * MARGIN)

    def set_cost(self, cost: float | None) -> None:
        """Mark (or unmark) the change of device; repaints only on a change."""
        if cost == self.cost:
            return
        self.prepareGeometryChange()
        self.cost = cost
        self._label = wording.ms(cost) if cost else ""
        self._bounds = self._around()
        if cost is not None:
            room = QFontMetricsF(self._font).horizontalAdvance(self._label) + 3 * DIAMOND
            around = QRectF(
                self.middle.x() - 6 * DIAMOND, self.middle.y() - 6 * DIAMOND, 12 * DIAMOND + room, 12 * DIAMOND
            )
            self._bounds = self._bounds.united(around)
        self.setZValue(0.5 if cost is not None else 0)
        self.update()

    def set_lit(self, lit: bool) -> None:
        """Draw it in the selection's colour, for a selected neighbour; repaints only on a change."""
        if lit != self.lit:
            self.lit = lit
            self.update()

    def boundingRect(self) -> QRectF:
        """The line, its arrow and its label."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Nothing: an edge cannot be picked."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the line; from near also the arrow and the cost."""
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        if zoom < DOT and not self.lit:
            return  # the cards all but touch; thousands of hair lines between them would only take time
        near = zoom >= 0.3
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, near)
        colour = self._look.accent if self.lit else self._look.text if self.cost is not None else self._look.muted
        pen = QPen(colour, self._width + (1.0 if self.lit else 0.0) if near else max(self._width, 1 / max(zoom, 0.01)))
        if self.cost is not None:
            pen.setDashPattern([8 / pen.widthF(), 5 / pen.widthF()])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path)
        if near:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(self._head)
        if self.cost is not None:
            self._paint_switch(painter, zoom, near)

    def _paint_switch(self, painter: QPainter, zoom: float, near: bool) -> None:
        half = DIAMOND if near else min(DIAMOND * 0.5 / max(zoom, 0.05), 5 * DIAMOND)
        x, y = self.middle.x(), self.middle.y()
        diamond = QPolygonF([QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)])
        painter.setPen(QPen(self._look.text, 1.0 if near else 0.0))
        painter.setBrush(
            self._look.warning if self.cost else self._look.base
        )  # hollow: already paid for an earlier reader
        painter.drawPolygon(diamond)
        if not (near and self._label):
            return
        metrics = QFontMetricsF(self._font)
        width, height = metrics.horizontalAdvance(self._label) + 6, metrics.height()
        if self._direction == "down":
            box = QRectF(x + half + 3, y - height / 2, width, height)
        else:
            box = QRectF(x - width / 2, y + half + 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.base)
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(self._font)
        painter.setPen(self._look.text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._label)


def _arrow(tip: Point, direction: Direction) -> QPolygonF:
    x, y = tip
    half = ARROW * 0.55
    if direction == "down":
        return QPolygonF([QPointF(x, y), QPointF(x - half, y - ARROW), QPointF(x + half, y - ARROW)])
    return QPolygonF([QPointF(x, y), QPointF(x - ARROW, y - half), QPointF(x - ARROW, y + half)])
