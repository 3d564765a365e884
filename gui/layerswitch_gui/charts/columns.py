"""One device's bars: solid where the device is assigned, else pale; an edit repaints only the bars that change."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem


class Columns(pg.GraphicsObject):  # type: ignore[misc]
    """Bars from `floor` up by `heights` (NaN: none), in the plot's units; painted from `lefts` on, `width` wide.

    One item of its own rather than pyqtgraph's: that one repaints all bars whenever one of them changes.
    """

    def __init__(self, solid: QColor, pale: QColor) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # paint is told what is exposed
        self._brushes = {True: solid, False: pale}
        self.outlined = True
        self.lefts: NDArray[np.float64] = np.zeros(0)
        self.heights: NDArray[np.float64] = np.zeros(0)
        self.solid: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self.floor, self.width = 0.0, 1.0
        self._bars: list[QRectF] = []

    def show_bars(
        self,
        lefts: NDArray[np.float64],
        width: float,
        floor: float,
        heights: NDArray[np.float64],
        solid: NDArray[np.bool_],
    ) -> None:
        """Draw everything anew."""
        self.prepareGeometryChange()
        self.lefts, self.width, self.floor, self.heights, self.solid = lefts, width, floor, heights, solid
        known = np.nan_to_num(heights, nan=0.0)
        self._bars = [QRectF(x, floor, width, y) for x, y in zip(lefts.tolist(), known.tolist(), strict=True)]
        self.update()

    def assign(self, solid: NDArray[np.bool_]) -> None:
        """Say which bars are solid; those that change are repainted."""
        changed = np.flatnonzero(solid != self.solid)
        self.solid = solid
        if not len(changed):
            return
        first, last = float(self.lefts[changed[0]]), float(self.lefts[changed[-1]]) + self.width
        area = self.boundingRect()
        self.update(QRectF(first, area.top(), last - first, area.height()))

    def outline(self, outlined: bool) -> None:
        """Whether pale bars have an outline."""
        if outlined != self.outlined:
            self.outlined = outlined
            self.update()

    def boundingRect(self) -> QRectF:
        """All bars, and room for their outlines."""
        if not len(self.lefts):
            return QRectF()
        high = float(np.nanmax(self.heights, initial=0.0))
        area = QRectF(float(self.lefts[0]), self.floor, float(self.lefts[-1]) - float(self.lefts[0]) + self.width, high)
        return area.adjusted(-0.2, -0.02 * high, 0.2, 0.02 * high)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, *_: object) -> None:
        """The bars in the exposed part."""
        seen, pixel = option.exposedRect, abs(painter.worldTransform().m11())
        beside = self.width + 2 / max(pixel, 1e-9)  # bars that share a pixel are painted together or not at all
        first = int(np.searchsorted(self.lefts, seen.left() - beside))
        part = slice(first, int(np.searchsorted(self.lefts, seen.right() + beside)))
        there = np.isfinite(self.heights[part])
        for solid in (True, False):
            which = np.flatnonzero(there & (self.solid[part] == solid)) + first
            painter.setPen(QPen(self._brushes[True], 0) if self.outlined and not solid else Qt.PenStyle.NoPen)
            painter.setBrush(self._brushes[solid])
            bars = self._gathered(which, pixel) if pixel < 1 else [self._bars[place] for place in which.tolist()]
            painter.drawRects(bars)

    def _gathered(self, which: NDArray[np.intp], pixel: float) -> list[QRectF]:
        """Where many bars share a pixel, one bar a pixel wide, as high as the highest."""
        if not len(which):
            return []
        pixels = np.floor(self.lefts[which] * pixel)
        starts = np.flatnonzero(np.diff(pixels, prepend=-np.inf))
        highest = np.maximum.reduceat(self.heights[which], starts)
        return [
            QRectF(x / pixel, self.floor, 1 / pixel, y)
            for x, y in zip(pixels[starts].tolist(), highest.tolist(), strict=True)
        ]
