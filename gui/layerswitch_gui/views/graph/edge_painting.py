"""Edges of the layer graph as values, painted many at once: as thick as their tensors are large, with a diamond and
cost where they change device.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from ...platform.theme_snapshot import Look
from .layered_layout import Direction, Point
from .node_painting import DOT, SMOOTH

ARROW = 8.0
DIAMOND = 7.0


def thickness(size: int) -> float:
    """Line width for a number of bytes: 1 below 10 kB, 7 from 100 MB, by the logarithm between, in quarters."""
    return min(max(round(4 * (1.0 + 1.5 * (math.log10(max(size, 1)) - 4))) / 4, 1.0), 7.0)


@dataclass(frozen=True, eq=False)
class Route:
    """The way an edge goes, in scene units. Worked out once it is seen: most edges of a large network are not, long."""

    points: Sequence[Point]
    direction: Direction

    @cached_property
    def path(self) -> QPainterPath:
        """A smooth line through the points, leaving and arriving along the ranks."""
        path = QPainterPath(QPointF(*self.points[0]))
        for (x, y), (to_x, to_y) in pairwise(self.points):
            if x == to_x or y == to_y:
                path.lineTo(to_x, to_y)  # many are straight, and faster to stroke then
            elif self.direction == "down":
                middle = (y + to_y) / 2
                path.cubicTo(x, middle, to_x, middle, to_x, to_y)
            else:
                middle = (x + to_x) / 2
                path.cubicTo(middle, y, middle, to_y, to_x, to_y)
        return path

    @cached_property
    def straight(self) -> list[QLineF]:
        """The same from point to point, for painting from afar."""
        return [QLineF(*start, *end) for start, end in pairwise(self.points)]

    @cached_property
    def middle(self) -> QPointF:
        """Halfway, where a change of device is marked."""
        return self.path.pointAtPercent(0.5)

    @cached_property
    def head(self) -> QPolygonF:
        """The arrow at its end."""
        x, y = self.points[-1]
        half = ARROW * 0.55
        sides = ((-half, -ARROW), (half, -ARROW)) if self.direction == "down" else ((-ARROW, -half), (-ARROW, half))
        return QPolygonF([QPointF(x, y), *(QPointF(x + across, y + down) for across, down in sides)])


@dataclass(frozen=True, eq=False)
class Line:
    """One edge. cost: ms paid on it for changing device, 0 where the tensor was moved for an earlier reader, None where
    it does not change; label says it. lit: in the selection's colour, for a selected neighbour.
    """

    route: Route
    width: float
    font: QFont
    cost: float | None = None
    label: str = ""
    lit: bool = False

    def colour(self, look: Look) -> QColor:
        """What it is drawn in."""
        return look.accent if self.lit else look.text if self.cost is not None else look.muted


def paint_lines(painter: QPainter, zoom: float, look: Look, lines: Iterable[Line]) -> None:
    """Paint the lines; from near with arrows, and costs where they change device."""
    if zoom < DOT:  # the cards all but touch; thousands of hair lines between them would only take time
        lines = (line for line in lines if line.lit)
    near = zoom >= SMOOTH
    plain: defaultdict[tuple[int, float], list[QPainterPath]] = defaultdict(list)
    dashed: defaultdict[tuple[int, float], list[QPainterPath]] = defaultdict(list)
    heads: defaultdict[int, list[QPolygonF]] = defaultdict(list)
    crossing: list[Line] = []
    for line in lines:
        colour = line.colour(look).rgba()
        width = line.width + (1.0 if line.lit else 0.0) if near else max(line.width, 1 / max(zoom, 0.01))
        (plain if line.cost is None else dashed)[colour, width].append(line.route.path)
        if near:
            heads[colour].append(line.route.head)
        if line.cost is not None:
            crossing.append(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, near)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for group, dashes in ((plain, False), (dashed, True)):
        for (colour, width), paths in group.items():
            pen = QPen(QColor.fromRgba(colour), width)
            if dashes:
                far = max(1.0, 1 / zoom)  # dashes of a pixel or two take long and cannot be told apart
                pen.setDashPattern([8 * far / width, 5 * far / width])
            painter.setPen(pen)
            for path in paths:  # one of all of them would take longer
                painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    for colour, arrows in heads.items():
        painter.setBrush(QColor.fromRgba(colour))
        for arrow in arrows:
            painter.drawConvexPolygon(arrow)
    for line in crossing:
        _paint_switch(painter, zoom, look, line, near)


def _paint_switch(painter: QPainter, zoom: float, look: Look, line: Line, near: bool) -> None:
    half = DIAMOND if near else min(DIAMOND * 0.5 / max(zoom, 0.05), 5 * DIAMOND)
    painter.setPen(QPen(look.text, 1.0 if near else 0.0))
    painter.setBrush(look.warning if line.cost else look.base)  # hollow: already paid for an earlier reader
    painter.drawPolygon(diamond(line.route.middle, half))
    if not (near and line.label):
        return
    box = label_box(line, half)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.base)
    painter.drawRoundedRect(box, 3, 3)
    painter.setFont(line.font)
    painter.setPen(look.text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, line.label)


def diamond(middle: QPointF, half: float) -> QPolygonF:
    """The mark of a change of device."""
    x, y = middle.x(), middle.y()
    return QPolygonF([QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)])


def label_box(line: Line, half: float) -> QRectF:
    """Where the cost stands, beside the mark or under it."""
    metrics = QFontMetricsF(line.font)
    width, height = metrics.horizontalAdvance(line.label) + 6, metrics.height()
    x, y = line.route.middle.x(), line.route.middle.y()
    if line.route.direction == "down":
        return QRectF(x + half + 3, y - height / 2, width, height)
    return QRectF(x - width / 2, y + half + 2, width, height)
