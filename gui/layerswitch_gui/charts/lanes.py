"""Lanes of a timeline: blocks on their device's lane, transfers as bridges between two lanes, texts where they fit."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from ..look import Look
from ..theme import Theme
from .schedule import Block, gathered

MOST = 400  # blocks in view; with more, a segment is drawn as one
HIGH = 0.8  # of a lane's height that a block takes; transfers bridge the rest


class Lanes(pg.GraphicsObject):  # type: ignore[misc]
    """The blocks of one execution; `tops` are the y of each device's lane. Lanes grow downwards."""

    def __init__(self, theme: Theme, tops: dict[str, float], blocks: Sequence[Block], edges: bool) -> None:
        super().__init__()
        self._theme, self._tops, self.blocks, self._edges = theme, tops, blocks, edges
        self._look = Look.of(theme)
        self._starts = np.array([block.start for block in blocks])
        self._segments = gathered(tuple(blocks))
        self._segment_starts = np.array([block.start for block in self._segments])
        self._chosen: frozenset[int] = frozenset()

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
            shown, edges = _between(self._segments, self._segment_starts, view), False
        transform = painter.transform()
        painter.resetTransform()
        texts: list[tuple[QRectF, Block]] = []
        for block in shown:
            if block.source:
                self._bridge(painter, transform, block)
                continue
            top = self._tops[block.device]
            box = transform.mapRect(QRectF(block.start, top, block.ms, HIGH))
            painter.fillRect(box, self._theme.device(block.device))
            if box.width() >= 4 and edges:
                painter.fillRect(QRectF(box.right() - 1, box.top(), 1, box.height()), self._look.base)
            if box.width() > 34:
                texts.append((box, block))
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
