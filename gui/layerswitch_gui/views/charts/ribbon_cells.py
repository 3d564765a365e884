"""What the assignment ribbon paints, as values: what is exposed on screen, or all into a picture, on any thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from ...platform.theme_snapshot import Look
from .layer_axis import Ruler


class DeviceLook(NamedTuple):
    """How a device's layers are painted."""

    fill: QColor
    ink: QColor
    letter: str


@dataclass(frozen=True, eq=False)
class Cells:
    """One cell for each position in view; `on` is the place in `devices` of the layer's device, empty: none is known.

    `line` is the height of a line of letters, `chosen` and `pinned` are positions; all in pixels.
    """

    ruler: Ruler
    look: Look
    font: QFont
    line: int
    width: int
    height: int
    devices: tuple[DeviceLook, ...]
    on: NDArray[np.intp]
    chosen: frozenset[int] = frozenset()
    pinned: frozenset[int] = frozenset()

    @property
    def starts(self) -> NDArray[np.intp]:
        """The positions in view at which a run of one device begins."""
        return np.flatnonzero(np.diff(self.on, prepend=-1)) + self.ruler.shown.start

    def box(self, first: int, last: int) -> QRectF:
        """Where the cells of these positions are, the last one included."""
        left, right = self.ruler.pixel(first), self.ruler.pixel(last + 1)
        return QRectF(left, 3, max(right - left, 1.0), self.height - 6)

    def paint(self, painter: QPainter, exposed: range) -> Iterator[None]:
        """Segments as bars, letters where they fit, selection and pins on top: a step for each cell or mark."""
        painter.setFont(self.font)
        starts = self.starts.tolist()
        for first, end in zip(starts, [*starts[1:], self.ruler.shown.stop], strict=False):
            if first < exposed.stop and end > exposed.start:
                device = self.devices[self.on[first - self.ruler.shown.start]]
                yield from self._paint_run(painter, device, first, end - 1, exposed)
        yield from self._paint_marks(painter, exposed)

    def _paint_run(
        self, painter: QPainter, device: DeviceLook, first: int, last: int, exposed: range
    ) -> Iterator[None]:
        box, cell = self.box(first, last), self.ruler.cell
        painter.fillRect(box, device.fill)
        yield
        if box.width() < self.line:
            return
        painter.setPen(device.ink)
        if cell >= self.line:
            for position in range(max(first, exposed.start), min(last + 1, exposed.stop)):
                painter.drawText(self.box(position, position), Qt.AlignmentFlag.AlignCenter, device.letter)
                yield
            painter.setPen(QPen(self.look.base, 1))
            for position in range(max(first + 1, exposed.start), min(last + 1, exposed.stop)):
                edge = self.ruler.pixel(position)
                painter.drawLine(QPointF(edge, box.top()), QPointF(edge, box.bottom()))
                yield
        else:
            seen = box.intersected(QRectF(0, 0, self.width, self.height))
            painter.drawText(seen, Qt.AlignmentFlag.AlignCenter, device.letter)
        painter.setPen(QPen(self.look.text, 1))  # a switch is a line, seen without colour too
        painter.drawLine(box.topLeft(), box.bottomLeft())

    def _paint_marks(self, painter: QPainter, exposed: range) -> Iterator[None]:
        look = self.look
        for position in sorted(self.chosen | self.pinned):
            if position not in exposed:
                continue
            box = self.box(position, position)
            if position in self.chosen:
                painter.fillRect(QRectF(box.left(), 0, box.width(), 3), look.accent)
                painter.fillRect(QRectF(box.left(), self.height - 3, box.width(), 3), look.accent)
            if position in self.pinned:
                painter.setBrush(look.bad)
                painter.setPen(QPen(look.base, 1))
                painter.drawEllipse(QRectF(box.right() - 7, 2, 7, 7) if box.width() > 8 else box.adjusted(0, 0, 0, -15))
            yield
