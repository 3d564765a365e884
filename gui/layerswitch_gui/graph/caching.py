"""Pictures of the cards and edges in view, so that panning copies pixels instead of painting every text again.

Zooming would make each picture anew at every step, which costs more than painting: so there are none while it lasts.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QGraphicsItem

from .edge_item import EdgeItem
from .far import is_far
from .node_item import NodeItem

if TYPE_CHECKING:
    from .canvas import Canvas

STILL_MS = 120  # without a change of zoom
LARGEST = 600.0  # scene units; a longer edge is painted each time, its picture would be mostly empty
CACHE_KB = 64 * 1024
NONE, PICTURE = QGraphicsItem.CacheMode.NoCache, QGraphicsItem.CacheMode.DeviceCoordinateCache


class Caching(QObject):
    """Turns the items' caches on around what is in view, once the zoom has been still for a moment.

    A cache is Qt's: an item that changes is painted anew by itself.
    """

    def __init__(self, canvas: "Canvas") -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.items: set[NodeItem | EdgeItem] = set()  # that have a picture, or get one when they are painted
        self._covered = QRectF()
        self._zoom = 0.0
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.cover)
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), CACHE_KB))
        canvas.moved.connect(self.follow)
        canvas.resized.connect(self.follow)
        canvas.graph.cleared.connect(self.forget)
        canvas.graph.rendering.connect(self.drop)  # an export paints lines and texts, not pictures of them

    def follow(self) -> None:
        """The view has moved: drop the pictures of another zoom, and see to the items that came into view."""
        zoom = self._canvas.zoom
        if zoom != self._zoom:
            self.drop()
            self._zoom = zoom
        if not is_far(zoom) and not self._covered.contains(self._canvas.seen()):
            self._clock.start(0 if self.items else STILL_MS)

    def cover(self) -> None:
        """Have pictures of what is in view, and of half as much on every side."""
        seen = self._canvas.seen()
        self._covered = seen.adjusted(-seen.width() / 2, -seen.height() / 2, seen.width() / 2, seen.height() / 2)
        wanted = set()
        for item in self._canvas.graph.items(self._covered):
            if isinstance(item, NodeItem | EdgeItem):
                area = item.boundingRect()
                if max(area.width(), area.height()) <= LARGEST:
                    wanted.add(item)
        for item in self.items - wanted:
            item.setCacheMode(NONE)
        for item in wanted - self.items:
            item.setCacheMode(PICTURE)
        self.items = wanted

    def drop(self) -> None:
        """Have every item painted itself; pictures come again when the view has been still."""
        for item in self.items:
            item.setCacheMode(NONE)
        self.forget()

    def forget(self) -> None:
        """The items are gone, and their pictures with them."""
        self._clock.stop()
        self.items, self._covered, self._zoom = set(), QRectF(), 0.0
