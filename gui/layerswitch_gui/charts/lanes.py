"""Lanes of a timeline: blocks on their device's lane, transfers as bridges between two lanes, texts where they fit."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from ..look import Look
from ..theme import Theme
from .schedule import Block, gathered

MOST = 400  # blocks in view; with more, a segment is drawn as one
THIN = 2.5  # pixels; a narrower transfer is a stroke
HIGH = 0.8  # of a lane's height that a block takes; transfers bridge the rest


class Lanes(pg.GraphicsObject):  # type: ignore[misc]
    """The blocks of one execution; `tops` are the y of each device's lane. Lanes grow downwards."""

    def __init__(self, theme: Theme, tops: dict[str, float], blocks: Sequence[Block], edges: bool) -> None:
        super().__init__()
        self._theme, self._tops, self.blocks, self._edges = theme, tops, blocks, edges
        self._look = Look.of(theme)
        self._starts = np.array([block.start for block in blocks])
        self._chosen: frozenset[int] = frozenset()

    @cached_property
    def _gathered(self) -> tuple[tuple[Block, ...], np.ndarray]:
        """Segments and their starts: what is drawn when single layers are too many."""
        segments = gathered(tuple(self.blocks))
        return segments, np.array([segment.start for segment in segments])

    def choose(self, places: frozenset[int]) -> None:
        """Highlight the blocks that hold these layers."""
        if places != self._chosen:
            self._chosen = places
            self.update()

    def block_at(self, ms: float, y: float) -> Block | None:
        """The block at a point: its own lane, or for a transfer anywhere between the lanes."""
        place = int(np.searchsorted(self._starts, ms, side="right")) - 1
        if place < 0 or not self._tops:
            return None
        block = self.blocks[place]
        low, high = min(self._tops.values()), max(self._tops.values()) + HIGH
        inside = low <= y <= high if block.source else self._tops[block.device] <= y <= self._tops[block.device] + HIGH
        return block if inside and ms <= block.end else None

    def boundingRect(self) -> QRectF:
        """All lanes, from 0 to the end."""
        if not self.blocks:
            return QRectF()
        low, high = min(self._tops.values()), max(self._tops.values()) + HIGH
        return QRectF(0, low, self.blocks[-1].end, high - low)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Blocks in view: rectangles first, in the plot's units, then texts in pixels."""
        view = self.viewRect()
        shown = _between(self.blocks, self._starts, view)
        chosen = [block for block in shown if not self._chosen.isdisjoint(range(block.first, block.last + 1))]
        edges = self._edges
        if len(shown) > MOST:
            segments, starts = self._gathered
            shown, edges = _between(segments, starts, view), False
        transform = painter.transform()
        painter.resetTransform()
        wide, left = transform.m11(), transform.dx()  # blocks are many: their x without a call for each
        lanes = {device: transform.mapRect(QRectF(0, top, 1, HIGH)) for device, top in self._tops.items()}
        texts: list[tuple[QRectF, Block]] = []
        solid: dict[str, list[QRectF]] = {device: [] for device in lanes}
        gaps: list[QRectF] = []
        thin: list[QRectF] = []
        for block in shown:
            width = block.ms * wide
            lane = lanes[block.device]
            if block.source:
                if width >= THIN:
                    self._bridge(painter, transform, block)
                else:
                    one, other = lanes[block.source], lane
                    top, bottom = min(one.bottom(), other.bottom()), max(one.top(), other.top())
                    thin.append(QRectF(left + block.start * wide, top, max(width, 1.0), bottom - top))
                continue
            box = QRectF(left + block.start * wide, lane.top(), width, lane.height())
            solid[block.device].append(box)
            if width >= 4 and edges:
                gaps.append(QRectF(box.right() - 1, box.top(), 1, box.height()))
            if width > 34:
                texts.append((box, block))
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, boxes in (
            *((self._theme.device(device), boxes) for device, boxes in solid.items()),
            (self._look.base, gaps),
            (self._look.warning, thin),
        ):
            painter.setBrush(colour)
            painter.drawRects(boxes)
        for block in chosen:
            if not block.source:
                box = transform.mapRect(QRectF(block.start, self._tops[block.device], block.ms, HIGH))
                painter.fillRect(QRectF(box.left(), box.top() - 3, max(box.width(), 2), 3), self._look.accent)
                painter.fillRect(QRectF(box.left(), box.bottom(), max(box.width(), 2), 3), self._look.accent)
        painter.setFont(self._theme.font(0.85))
        metrics = painter.fontMetrics()
        for box, block in texts:
            room = box.intersected(transform.mapRect(view)).adjusted(4, 0, -4, 0)
            text = metrics.elidedText(block.title, Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.setPen(self._theme.device_text(block.device))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        painter.setTransform(transform)

    def _bridge(self, painter: QPainter, transform: QTransform, block: Block) -> None:
        """A transfer slants from the lane it leaves to the lane it reaches."""
        leaves, reaches = self._tops[block.source], self._tops[block.device]
        down = reaches > leaves
        out, into = (leaves + HIGH, reaches) if down else (leaves, reaches + HIGH)
        corners = [(block.start, out), (block.start, into), (block.end, into), (block.end, out)]
        points = [transform.map(QPointF(*corner)) for corner in corners]
        area = QPolygonF(points)
        fill = QColor(self._look.warning)
        fill.setAlphaF(0.55)
        painter.setPen(QPen(self._look.warning, 1))
        painter.setBrush(fill)
        painter.drawPolygon(area)
        if area.boundingRect().width() > 5:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._look.text, 1.4))
            painter.drawLine(points[0], points[2])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _between(blocks: Sequence[Block], starts: np.ndarray, view: QRectF) -> Sequence[Block]:
    first = max(int(np.searchsorted(starts, view.left(), side="right")) - 1, 0)
    return blocks[first : int(np.searchsorted(starts, view.right()))]
