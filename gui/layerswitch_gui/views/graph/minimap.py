"""A small picture of the whole graph with a frame around what is in view; click or drag moves the view."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from ...platform.theme_snapshot import Look
from .graphics_view import Canvas
from .node_item import NodeItem
from .scene import GraphScene

LONGEST, SHORTEST = 170, 44
MOST = 50  # cards drawn again one by one; for more the whole is drawn again


class Minimap(QWidget):
    """Sits in a corner of the canvas. Cards are drawn into a pixmap; those that change colour are drawn again."""

    def __init__(self, canvas: Canvas, scene: GraphScene, look: Callable[[], Look]) -> None:
        super().__init__(canvas)
        self._canvas, self._scene, self._look = canvas, scene, look
        self._pixmap: QPixmap | None = None
        self._content = QRectF()
        self._items: list[NodeItem] = []
        self._boxes: NDArray[np.intp] = np.zeros((0, 4), dtype=np.intp)  # left, top, right, bottom in pixels, [cards]
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else the graph under it is painted again with it
        self.setAccessibleName("Overview of the layer graph")
        self.setToolTip("Overview: click or drag to move the view")
        self.setCursor(Qt.CursorShape.CrossCursor)
        canvas.moved.connect(self.place)
        canvas.resized.connect(self.place)

    def refresh(self, *, moved: bool = False) -> None:
        """Colours changed; `moved` says that cards did too."""
        if moved:
            self._content = self._scene.content() if self._scene.nodes else QRectF()
        self._pixmap = None
        self.place()

    def recolour(self, keys: Sequence[str]) -> None:
        """The colours of these cards changed: paint them, and what overlaps them, again."""
        if self.isHidden() or self._pixmap is None:
            self._pixmap = None
        elif len(keys) > MOST:
            self.refresh()
        else:
            painter = QPainter(self._pixmap)
            for key in keys:
                area = self._to_map(self._scene.nodes[key].area).toAlignedRect().adjusted(-1, -1, 2, 2)
                painter.setClipRect(area)
                self._draw(painter, area)
                self.update(area)
            painter.end()

    def place(self) -> None:
        """Stand in the lower right corner; hide while everything is in view anyway."""
        seen = self._canvas.seen()
        if self._content.isEmpty() or seen.contains(self._content):
            self.hide()
            return
        view = self._canvas.viewport().rect()
        longest = max(SHORTEST, min(LONGEST, view.height() - 60, view.width() // 3))
        scale = longest / max(self._content.width(), self._content.height())
        size = max(self._content.width() * scale, SHORTEST), max(self._content.height() * scale, SHORTEST)
        self.resize(int(size[0]) + 8, int(size[1]) + 8)
        self.move(view.right() - self.width() - 8, view.bottom() - self.height() - 8)
        self.show()
        self.raise_()
        self.update()

    def _scale(self) -> tuple[float, float]:
        return (self.width() - 8) / self._content.width(), (self.height() - 8) / self._content.height()

    def _to_map(self, rect: QRectF) -> QRectF:
        across, down = self._scale()
        return QRectF(
            4 + (rect.left() - self._content.left()) * across, 4 + (rect.top() - self._content.top()) * down,
            rect.width() * across, rect.height() * down,
        )  # fmt: skip

    def _draw_cards(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        self._items = list(self._scene.nodes.values())
        areas = [(area.left(), area.top(), area.right(), area.bottom()) for area in (one.area for one in self._items)]
        across, down = self._scale()
        corners = np.array(areas).reshape(-1, 4) - (self._content.left(), self._content.top()) * 2
        boxes = np.rint(4 + corners * (across, down, across, down)).astype(np.intp)
        boxes[:, 2] = np.maximum(boxes[:, 2], boxes[:, 0] + 2)
        boxes[:, 3] = np.maximum(boxes[:, 3], boxes[:, 1] + 1)
        self._boxes = boxes
        painter = QPainter(pixmap)
        self._draw(painter, self.rect())
        painter.end()
        return pixmap

    def _draw(self, painter: QPainter, area: QRect) -> None:
        """The cards in an area, each box once: of cards that share one, the last is seen."""
        painter.fillRect(area, self._look().base)
        lefts, tops, rights, bottoms = self._boxes.T
        inside = (lefts <= area.right()) & (rights >= area.left()) & (tops <= area.bottom()) & (bottoms >= area.top())
        places = np.flatnonzero(inside)[::-1]
        _, last = np.unique(self._boxes[places], axis=0, return_index=True)
        for place in np.sort(places[last]).tolist():
            left, top, right, bottom = self._boxes[place].tolist()
            painter.fillRect(left, top, right - left, bottom - top, self._colour(self._items[place]))

    def _colour(self, item: NodeItem) -> QColor:
        style, look = item.style, self._look()
        if style is None:
            return look.base
        plain = style.fill != look.raised and not style.badges
        strongest = max(style.badges, key=lambda badge: badge.share).colour if style.badges else style.outline
        return style.fill if plain else strongest

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cards, then the frame around what is in view."""
        if self._content.isEmpty():
            return
        if self._pixmap is None or self._pixmap.size() != self.size() * self.devicePixelRatioF():
            self._pixmap = self._draw_cards()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.setPen(QPen(self._look().line, 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        frame = self._to_map(self._canvas.seen()).intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2))
        painter.setPen(QPen(self._look().accent, 2))
        painter.drawRect(frame)

    def _go(self, spot: QPointF) -> None:
        across, down = self._scale()
        self._canvas.centerOn(
            self._content.left() + (spot.x() - 4) / across, self._content.top() + (spot.y() - 4) / down
        )
        self._canvas.moved.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the drag."""
        if event.buttons():
            self._go(event.position())
