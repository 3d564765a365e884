"""A small picture of the whole graph with a frame around what is in view; click or drag moves the view."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from ..look import Look
from .canvas import Canvas
from .scene import GraphScene

LONGEST, SHORTEST = 170, 44


class Minimap(QWidget):
    """Sits in a corner of the canvas. Cards are drawn once into a pixmap, again only when their colours change."""

    def __init__(self, canvas: Canvas, scene: GraphScene, look: Callable[[], Look]) -> None:
        super().__init__(canvas)
        self._canvas, self._scene, self._look = canvas, scene, look
        self._pixmap: QPixmap | None = None
        self._content = QRectF()
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
        ground = QColor(self._look().base)
        ground.setAlpha(235)
        pixmap.fill(ground)
        painter = QPainter(pixmap)
        for item in self._scene.nodes.values():
            if item.style is not None:
                box = self._to_map(item.rect.translated(item.pos()))
                box.setWidth(max(box.width(), 2.0))
                box.setHeight(max(box.height(), 1.0))
                style = item.style
                plain = style.fill != self._look().raised and not style.badges
                strongest = max(style.badges, key=lambda badge: badge.share).colour if style.badges else style.outline
                painter.fillRect(box, style.fill if plain else strongest)
        painter.end()
        return pixmap

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
