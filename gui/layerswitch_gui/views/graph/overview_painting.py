"""The layer graph from afar: all cards in a few batched calls, since thousands of items cost more than their pixels."""

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...platform.theme_snapshot import Look, ink
from .block_item import ground
from .edge_painting import DIAMOND, Line, diamond
from .node_painting import DOT, Card

if TYPE_CHECKING:
    from .graph_painting import Parts

MOST_DIAMONDS = 400


class Batch:
    """Rectangles or lines of one colour, of which only those in view are handed to the painter."""

    def __init__(self, colour: QColor, shapes: list[QRectF] | list[QLineF]) -> None:
        self.colour, self._shapes = colour, shapes
        corners = [
            (one.left(), one.top(), one.right(), one.bottom())
            if isinstance(one, QRectF)
            else (min(one.x1(), one.x2()), min(one.y1(), one.y2()), max(one.x1(), one.x2()), max(one.y1(), one.y2()))
            for one in shapes
        ]
        self._sides = np.array(corners).reshape(-1, 4).T

    def seen(self, view: QRectF) -> list:  # type: ignore[type-arg]
        """Those that touch the view."""
        left, top, right, bottom = self._sides
        inside = (right >= view.left()) & (left <= view.right()) & (bottom >= view.top()) & (top <= view.bottom())
        places = np.flatnonzero(inside).tolist()
        return self._shapes if len(places) == len(self._shapes) else [self._shapes[place] for place in places]

    def fill(self, painter: QPainter, view: QRectF) -> None:
        """Paint the rectangles in view."""
        painter.setBrush(self.colour)
        painter.drawRects(self.seen(view))


class Source(Protocol):
    """A scene, as far as it is seen from afar."""

    version: int

    def parts(self) -> "Parts":
        """All that is painted."""

    def crossing(self) -> list[Line]:
        """The lines that change device."""

    def marked(self) -> list[Card]:
        """The cards that are selected or found."""


class FarPainter:
    """Paints below the zoom at which letters can be read. Keeps rectangles until they change."""

    def __init__(self) -> None:
        self._made: tuple[int, bool] | None = None
        self._batches: list[Batch] = []
        self._frames = Batch(QColor(), [])
        self._lines = Batch(QColor(), [])

    def paint(self, painter: QPainter, zoom: float, look: Look, view: QRectF, scene: Source) -> None:
        """Paint what is in `view`; the painter's units are the scene's."""
        dots = zoom < DOT
        if self._made != (scene.version, dots):
            self._made = scene.version, dots
            self._prepare(scene.parts(), dots, look)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        self._frames.fill(painter, view)
        if not dots:
            painter.setPen(QPen(look.muted, 0))
            painter.drawLines(self._lines.seen(view))
            painter.setPen(Qt.PenStyle.NoPen)
        self._mark(painter, zoom, look, scene.marked())
        for batch in self._batches:
            batch.fill(painter, view)
        if not dots:
            self._switches(painter, zoom, look, view, scene.crossing())

    def _prepare(self, parts: "Parts", dots: bool, look: Look) -> None:
        fills: defaultdict[int, list[QRectF]] = defaultdict(list)
        badges: defaultdict[int, list[QRectF]] = defaultdict(list)
        stripes: defaultdict[int, list[QRectF]] = defaultdict(list)
        for card in parts.cards:
            style = card.style
            if style is None:
                continue
            rect = card.area
            left, top, width, height = rect.left(), rect.top(), rect.width(), rect.height()
            fills[style.fill.rgb()].append(rect)
            for badge in style.badges[:1] if dots else style.badges:
                part = width * 0.4 * (badge.share if len(style.badges) > 1 and not dots else 1.0)
                badges[badge.colour.rgb()].append(QRectF(left, top, part, height))
                if badge.letter != "C" and not dots:  # never by colour alone
                    stripes[ink(badge.colour).rgb()].append(QRectF(left, top + 0.38 * height, part, 0.24 * height))
                left += part
        self._batches = [
            Batch(QColor.fromRgb(colour), rects)
            for group in (fills, badges, stripes)
            for colour, rects in group.items()
        ]
        self._frames = Batch(ground(look), [frame.rect for frame in parts.frames])
        self._lines = Batch(look.muted, [] if dots else [one for line in parts.lines for one in line.route.straight])

    def _mark(self, painter: QPainter, zoom: float, look: Look, marked: list[Card]) -> None:
        """Frames around cards that are selected or found, wide enough to be seen."""
        grown = 2.4 / max(zoom, 0.02)
        for colour, chosen in (
            (look.warning, [card for card in marked if not card.selected]),
            (look.accent, [card for card in marked if card.selected]),
        ):
            if chosen:
                painter.setBrush(colour)
                painter.drawRects([card.area.adjusted(-grown, -grown, grown, grown) for card in chosen])

    def _switches(self, painter: QPainter, zoom: float, look: Look, view: QRectF, crossing: list[Line]) -> None:
        half = min(DIAMOND * 0.5 / max(zoom, 0.05), 5 * DIAMOND)
        painter.setPen(QPen(look.text, 0))
        for line in [line for line in crossing if view.contains(line.route.middle)][:MOST_DIAMONDS]:
            painter.setBrush(look.warning if line.cost else look.base)
            painter.drawConvexPolygon(diamond(line.route.middle, half))
