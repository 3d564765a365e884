"""A picture of what is in view: panning moves its pixels and paints only what comes into view."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

PaintRegion = Callable[[QPainter, QRegion], None]


class Buffer:
    """Keeps the picture until it is told what has changed, or is asked for one of another zoom or size."""

    def __init__(self) -> None:
        self._picture = QPixmap()
        self._stale = QRegion()
        self._at = QTransform()

    def forget(self) -> None:
        """Everything has changed."""
        self._picture = QPixmap()

    def spoil(self, area: QRect) -> None:
        """What is in this area, in pixels, has changed."""
        self._stale = self._stale.united(area)

    def picture(self, size: QSize, ratio: float, at: QTransform, paint: PaintRegion) -> QPixmap:
        """The picture as it is now: `paint` has painted in it what had changed. `at`: from scene to view."""
        whole, now = size * ratio, QRegion(QRect(0, 0, size.width(), size.height()))
        if self._picture.size() != whole or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(whole)
            self._picture.setDevicePixelRatio(ratio)
            self._stale = now
        elif at != self._at:
            self._follow(at, ratio, now)
        self._at = QTransform(at)
        stale, self._stale = self._stale.intersected(now), QRegion()
        if not stale.isEmpty():
            painter = QPainter(self._picture)
            painter.setClipRegion(stale)
            paint(painter, stale)
            painter.end()
        return self._picture

    def _follow(self, at: QTransform, ratio: float, now: QRegion) -> None:
        """Move the pixels along, where that is all: the same zoom, by whole pixels."""
        by_x, by_y = (at.dx() - self._at.dx()) * ratio, (at.dy() - self._at.dy()) * ratio
        moved = (at.m11(), at.m22()) == (self._at.m11(), self._at.m22())
        if not moved or by_x != round(by_x) or by_y != round(by_y) or ratio != round(ratio):
            self._stale = now
            return
        across, down = round(by_x / ratio), round(by_y / ratio)
        self._picture.scroll(round(by_x), round(by_y), self._picture.rect())
        self._stale = self._stale.translated(across, down).united(now.subtracted(now.translated(across, down)))
