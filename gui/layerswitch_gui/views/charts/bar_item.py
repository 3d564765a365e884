"""One device's bars: solid where the device is assigned, else pale; an edit repaints only the bars that change."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem


@dataclass(frozen=True, eq=False)
class Rectangles:
    """Bars from `floor` up by `heights` (NaN: none), in the plot's units, from `lefts` on, `width` wide."""

    lefts: NDArray[np.float64]
    width: float
    floor: float
    heights: NDArray[np.float64]

    @cached_property
    def each(self) -> list[QRectF]:
        """Made when they are first painted: of thousands, that takes a frame."""
        known = np.nan_to_num(self.heights, nan=0.0).tolist()
        return [QRectF(x, self.floor, self.width, y) for x, y in zip(self.lefts.tolist(), known, strict=True)]


@dataclass(frozen=True, eq=False)
class Shown:
    """One device's bars as they look: painted on screen, or all of them on any thread."""

    bars: Rectangles
    solid: NDArray[np.bool_]
    colours: tuple[QColor, QColor]  # of pale and of solid bars
    outlined: bool

    def paint(self, painter: QPainter, part: slice) -> None:
        """A part of the bars: solid ones, then pale ones."""
        pixel = abs(painter.worldTransform().m11())
        there = np.isfinite(self.bars.heights[part])
        each, (pale, full) = self.bars.each, self.colours
        for solid, colour in ((True, full), (False, pale)):
            which = np.flatnonzero(there & (self.solid[part] == solid)) + part.start
            painter.setPen(QPen(full, 0) if self.outlined and not solid else Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRects(self._gathered(which, pixel) if pixel < 1 else [each[at] for at in which.tolist()])

    def steps(self, painter: QPainter, most: int) -> Iterator[int]:
        """All of them, so many at each step, which tells how many."""
        for begin in range(0, len(self.bars.lefts), most):
            self.paint(painter, slice(begin, begin + most))
            yield most

    def _gathered(self, which: NDArray[np.intp], pixel: float) -> list[QRectF]:
        """Where many bars share a pixel, one bar a pixel wide, as high as the highest."""
        if not len(which):
            return []
        pixels = np.floor(self.bars.lefts[which] * pixel)
        starts = np.flatnonzero(np.diff(pixels, prepend=-np.inf))
        highest = np.maximum.reduceat(self.bars.heights[which], starts)
        return [
            QRectF(x / pixel, self.bars.floor, 1 / pixel, y)
            for x, y in zip(pixels[starts].tolist(), highest.tolist(), strict=True)
        ]


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
        self._bars = Rectangles(self.lefts, self.width, self.floor, self.heights)

    def show_bars(
        self,
        lefts: NDArray[np.float64],
        width: float,
        floor: float,
        heights: NDArray[np.float64],
        solid: NDArray[np.bool_],
    ) -> None:
        """Draw everything again."""
        self.prepareGeometryChange()
        self.lefts, self.width, self.floor, self.heights, self.solid = lefts, width, floor, heights, solid
        self._bars = Rectangles(lefts, width, floor, heights)
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

    def values(self) -> Shown:
        """The bars as they are now; what they hold is replaced by an edit, never changed."""
        return Shown(self._bars, self.solid, (self._brushes[False], self._brushes[True]), self.outlined)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, *_: object) -> None:
        """The bars in the exposed part."""
        seen, pixel = option.exposedRect, abs(painter.worldTransform().m11())
        beside = self.width + 2 / max(pixel, 1e-9)  # bars that share a pixel are painted together or not at all
        first, last = np.searchsorted(self.lefts, (seen.left() - beside, seen.right() + beside)).tolist()
        self.values().paint(painter, slice(first, last))
