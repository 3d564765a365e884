"""Lanes of a timeline: blocks on their device's lane, transfers as bridges between two lanes, texts where they fit."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets.text_safety import one_line
from .timeline_layout import Block, Schedule

MOST = 400  # blocks in view; with more, a segment is drawn as one
THIN = 2.5  # pixels; a narrower transfer is a stroke
HIGH = 0.8  # of a lane's height that a block takes; transfers bridge the rest
MARK = 3.0  # pixels; the bars above and below a selected block


class Lanes(pg.GraphicsObject):  # type: ignore[misc]
    """The blocks of one execution; `tops` are the y of each device's lane. Lanes grow downwards."""

    def __init__(self, theme: Theme, tops: dict[str, float], edges: bool) -> None:
        super().__init__()
        self._theme, self._tops, self._edges = theme, tops, edges
        self._look = Look.of(theme)
        self.blocks = Schedule.nothing()
        self._bounds: QRectF | None = None
        self._chosen: frozenset[int] = frozenset()

    def show_blocks(self, blocks: Schedule) -> None:
        """Show another execution."""
        self.prepareGeometryChange()
        self.blocks, self._bounds = blocks, None
        self.update()

    def choose(self, places: frozenset[int]) -> None:
        """Highlight the blocks that hold these layers."""
        if places != self._chosen:
            self._chosen = places
            self.update()

    def block_at(self, ms: float, y: float) -> Block | None:
        """The block at a point: its own lane, or for a transfer anywhere between the lanes."""
        place = self.blocks.at(ms) if self.blocks else None
        if place is None:
            return None
        block = self.blocks[place]
        low, high = min(self._tops.values()), max(self._tops.values()) + HIGH
        inside = low <= y <= high if block.source else self._tops[block.device] <= y <= self._tops[block.device] + HIGH
        return block if inside else None

    def boundingRect(self) -> QRectF:
        """All lanes, from 0 to the end, with the marks of selected blocks."""
        if self._bounds is None and self.blocks:
            low, high = min(self._tops.values()), max(self._tops.values()) + HIGH
            pixel = self.pixelSize()
            across, down = (2 * pixel[0], (MARK + 1) * pixel[1]) if all(pixel) else (0.0, 0.0)
            self._bounds = QRectF(0, low, self.blocks.end, high - low).adjusted(-across, -down, across, down)
        return self._bounds or QRectF()

    def viewTransformChanged(self) -> None:
        """The marks are so many pixels: of another size in the plot's units now."""
        self.prepareGeometryChange()
        self._bounds = None
        super().viewTransformChanged()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Blocks in view: rectangles first, in the plot's units, then texts in pixels."""
        if not self.blocks:
            return
        view = self.viewRect()
        blocks, edges = self.blocks, self._edges
        shown = blocks.between(view.left(), view.right())
        if len(shown) > MOST:
            blocks, edges = blocks.gathered, False
            shown = blocks.between(view.left(), view.right())
        transform = painter.transform()
        painter.resetTransform()
        part = slice(shown.start, shown.stop)
        lefts = transform.dx() + blocks.starts[part] * transform.m11()
        widths = blocks.ms[part] * transform.m11()
        columns, sources = blocks.columns[part], blocks.sources[part]
        lanes = [transform.mapRect(QRectF(0, self._tops[device], 1, HIGH)) for device in blocks.devices]
        painter.setPen(Qt.PenStyle.NoPen)
        for column, (device, lane) in enumerate(zip(blocks.devices, lanes, strict=True)):
            here = (sources < 0) & (columns == column)
            painter.setBrush(self._theme.device(device))
            painter.drawRects(_boxes(lefts[here], widths[here], lane))
            if edges:
                wide = here & (widths >= 4)
                painter.setBrush(self._look.base)
                painter.drawRects(_boxes((lefts + widths - 1)[wide], np.ones(np.count_nonzero(wide)), lane))
        self._paint_transfers(painter, transform, blocks, shown, lanes, lefts, widths)
        self._paint_chosen(painter, transform, blocks, shown)
        texts = (np.flatnonzero((widths > 34) & (sources < 0)) + shown.start).tolist()
        self._paint_texts(painter, transform.mapRect(view), blocks, texts, lanes, transform)
        painter.setTransform(transform)

    def _paint_transfers(
        self,
        painter: QPainter,
        transform: QTransform,
        blocks: Schedule,
        shown: range,
        lanes: list[QRectF],
        lefts: np.ndarray,
        widths: np.ndarray,
    ) -> None:
        """Bridges, or strokes where they are narrow."""
        columns, sources = blocks.columns[shown.start : shown.stop], blocks.sources[shown.start : shown.stop]
        moves = sources >= 0
        for at in np.flatnonzero(moves & (widths >= THIN)).tolist():
            self._bridge(painter, transform, blocks[at + shown.start])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.warning)
        thin = moves & (widths < THIN)
        for source, one in enumerate(lanes):
            for column, other in enumerate(lanes):
                here = thin & (sources == source) & (columns == column)
                top, bottom = min(one.bottom(), other.bottom()), max(one.top(), other.top())
                gap = QRectF(0, top, 1, bottom - top)
                painter.drawRects(_boxes(lefts[here], np.maximum(widths[here], 1.0), gap))

    def _paint_chosen(self, painter: QPainter, transform: QTransform, blocks: Schedule, shown: range) -> None:
        """Bars above and below the blocks that hold selected layers."""
        if not self._chosen:
            return
        chosen = np.array(sorted(self._chosen))
        part = slice(shown.start, shown.stop)
        first = np.searchsorted(chosen, blocks.first[part], "left")
        last = np.searchsorted(chosen, blocks.last[part], "right")
        for place in (np.flatnonzero((last > first) & (blocks.sources[part] < 0)) + shown.start).tolist():
            block = blocks[place]
            if block.members and self._chosen.isdisjoint(block.members):
                continue
            box = transform.mapRect(QRectF(block.start, self._tops[block.device], block.ms, HIGH))
            width = max(box.width(), 2)
            painter.fillRect(QRectF(box.left(), box.top() - MARK, width, MARK), self._look.accent)
            painter.fillRect(QRectF(box.left(), box.bottom(), width, MARK), self._look.accent)

    def _paint_texts(
        self,
        painter: QPainter,
        view: QRectF,
        blocks: Schedule,
        places: list[int],
        lanes: list[QRectF],
        transform: QTransform,
    ) -> None:
        """What runs, where there is room to say so."""
        painter.setFont(self._theme.font(0.85))
        metrics = painter.fontMetrics()
        for place in places:
            lane = lanes[blocks.columns.item(place)]
            left = transform.dx() + blocks.starts.item(place) * transform.m11()
            box = QRectF(left, lane.top(), blocks.ms.item(place) * transform.m11(), lane.height())
            room = box.intersected(view).adjusted(4, 0, -4, 0)
            text = metrics.elidedText(one_line(blocks.title(place)), Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.setPen(self._theme.device_text(blocks.devices[blocks.columns.item(place)]))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

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


def _boxes(lefts: np.ndarray, widths: np.ndarray, lane: QRectF) -> list[QRectF]:
    """Rectangles as high as a lane, in pixels."""
    top, high = lane.top(), lane.height()
    return [QRectF(left, top, width, high) for left, width in zip(lefts.tolist(), widths.tolist(), strict=True)]
