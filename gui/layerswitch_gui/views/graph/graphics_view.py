"""The pane that shows the scene: drag to pan, wheel to zoom, Shift-drag for a rubber band; it only reports clicks."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsView, QRubberBand, QToolTip, QWidget

from ...platform.theme_snapshot import Look
from .block_item import BlockTag
from .graph_painting import ScenePainter
from .node_item import NodeItem
from .scene import GraphScene
from .view_buffer import Buffer

SMALLEST, LARGEST = 0.004, 4.0
STEP = 1.25
ROOM = 8  # pixels around a card or edge that its frame or width may take
MOST_PARTS = 6  # of what is to be painted again; of more, all that is around them is


class Canvas(QGraphicsView):
    """Signals carry the keys of cards. `badge_clicked` and `activated` ask for a flip; `tag_clicked` names a block."""

    picked = Signal(str, object)  # key of a card or "", keyboard modifiers
    banded = Signal(list, object)  # keys inside the rubber band, keyboard modifiers
    badge_clicked = Signal(str)
    activated = Signal(str)
    tag_clicked = Signal(str)
    menu_asked = Signal(str, QPoint)
    key_pressed = Signal(QKeyEvent)
    hovered = Signal(str, QPoint)
    moved = Signal()
    resized = Signal()

    def __init__(self, scene: GraphScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.setAccessibleName("Layer graph")
        self.setAccessibleDescription(
            "The network drawn as cards. Arrow keys follow the edges, C and G assign the selected layers. "
            "The layer table holds the same in rows."
        )
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        self.setMouseTracking(True)
        self.look: Look | None = None  # what it paints with
        self._painter = ScenePainter(scene)
        self.buffer = Buffer()
        scene.dirty.connect(self._repaint)
        self._pressed: QPoint | None = None
        self._last = QPoint()
        self._dragging = False
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, self.viewport())
        self._swallow = False  # the release after a double click is no click

    @property
    def zoom(self) -> float:
        """Pixels per scene unit."""
        return self.transform().m11()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom, keeping the scene point under `at` (viewport pixels; the middle if None) where it is."""
        factor = min(max(self.zoom * factor, SMALLEST), LARGEST) / self.zoom
        spot = at.toPoint() if at is not None else self.viewport().rect().center()
        before = self.mapToScene(spot)
        self.scale(factor, factor)
        after = self.mapFromScene(before)
        self.scroll_by(after - spot)
        self.moved.emit()

    def look_at(self, area: QRectF, largest: float = 1.25) -> None:
        """Show an area of the scene whole and centred, enlarged no more than `largest`."""
        view = self.viewport().rect()
        if area.isEmpty() or view.isEmpty():
            return
        zoom = min((view.width() - 8) / area.width(), (view.height() - 8) / area.height(), largest)
        self.set_view(min(max(zoom, SMALLEST), LARGEST), area.center())

    def set_view(self, zoom: float, centre: QPointF) -> None:
        """Show the scene at a zoom, a point of it in the middle."""
        self.resetTransform()
        self.scale(zoom, zoom)
        self.centerOn(centre)
        self.moved.emit()

    def reveal(self, item: NodeItem) -> None:
        """Bring a card into view with some room around it, moving no more than needed."""
        area = item.rect.translated(item.pos())
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        if not seen.contains(area):
            self.centerOn(area.center())
            self.moved.emit()

    def seen(self) -> QRectF:
        """The part of the scene in view."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def scroll_by(self, by: QPoint) -> None:
        """Move the view by pixels."""
        for bar, step in ((self.horizontalScrollBar(), by.x()), (self.verticalScrollBar(), by.y())):
            bar.setValue(bar.value() + step)

    def _card(self, spot: QPoint) -> NodeItem | None:
        return next((item for item in self.items(spot) if isinstance(item, NodeItem)), None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; with Shift, or from a touch pad without Ctrl, scroll."""
        pixels, angle = event.pixelDelta(), event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.scroll_by(QPoint(-angle.y() - angle.x(), 0))
            self.moved.emit()
        elif not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.scroll_by(-pixels)
            self.moved.emit()
        elif angle.y():
            self.zoom_by(STEP ** (angle.y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a click or a drag begins."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._last = event.position().toPoint(), event.position().toPoint()
            self._dragging = self._swallow = False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or stretch the rubber band when Shift is held."""
        spot = event.position().toPoint()
        if self._pressed is None or not event.buttons():
            self._point_at(spot)
            return
        if not self._dragging:
            if (spot - self._pressed).manhattanLength() < QApplication.startDragDistance():
                return
            self._dragging = True
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._band.show()
            else:
                self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._band.isVisible():
            self._band.setGeometry(QRect(self._pressed, spot).normalized())
        else:
            self.scroll_by(self._last - spot)
            self.moved.emit()
        self._last = spot

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or report the click."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._swallow:
            return
        if self._band.isVisible():
            area = self.mapToScene(self._band.geometry()).boundingRect()
            self._band.hide()
            keys = [item.node.key for item in self.scene().items(area) if isinstance(item, NodeItem)]
            self.banded.emit(keys, event.modifiers())
        elif self._dragging:
            self.viewport().unsetCursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._click(pressed, event.modifiers())
        self._dragging = False

    def _click(self, spot: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        where = self.mapToScene(spot)
        if card := self._card(spot):
            if card.badge_holds(where):
                self.badge_clicked.emit(card.node.key)
            else:
                self.picked.emit(card.node.key, modifiers)
            return
        for item in self.items(spot):
            if isinstance(item, BlockTag):
                self.tag_clicked.emit(item.block)
                return
        self.picked.emit("", modifiers)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Flip the card; its badge has answered the first click already."""
        spot = event.position().toPoint()
        card = self._card(spot)
        if card is not None and event.button() == Qt.MouseButton.LeftButton:
            if card.badge_holds(self.mapToScene(spot)):
                self.badge_clicked.emit(card.node.key)
            else:
                self.activated.emit(card.node.key)
        self._swallow = True
        event.accept()

    def contextMenuEvent(self, event: QEvent) -> None:
        """Ask for the menu of the card under the pointer."""
        card = self._card(event.pos())  # type: ignore[attr-defined]
        self.menu_asked.emit(card.node.key if card else "", event.globalPos())  # type: ignore[attr-defined]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand keys to the view, which accepts those it knows."""
        event.ignore()
        self.key_pressed.emit(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Ask for the hover card instead of a fixed tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            card = self._card(event.pos())
            if card is None:
                QToolTip.hideText()
            else:
                self.hovered.emit(card.node.key, event.globalPos())
            return True
        return super().viewportEvent(event)

    def _point_at(self, spot: QPoint) -> None:
        card = self._card(spot)
        on_badge = card is not None and card.badge_holds(self.mapToScene(spot))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if on_badge else Qt.CursorShape.ArrowCursor)

    def _repaint(self, areas: list[QRectF]) -> None:
        """Paint what has changed again; Qt does not know, since the items do not paint."""
        if not areas:
            self.buffer.forget()
            self.viewport().update()
        for area in areas:
            around = self.mapFromScene(area).boundingRect().adjusted(-ROOM, -ROOM, ROOM, ROOM)
            if around.intersects(self.viewport().rect()):
                self.buffer.spoil(around)
                self.viewport().update(around)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture of what is in view, what has changed in it painted again."""
        if self.look is None:
            return
        view = self.viewport()
        picture = self.buffer.picture(view.size(), view.devicePixelRatioF(), self.viewportTransform(), self._paint)
        painter = QPainter(view)
        for rect in event.region():  # type: ignore[attr-defined]
            painter.drawPixmap(QRectF(rect), picture, _pixels(rect, picture.devicePixelRatio()))
        painter.end()

    def _paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint all in a region of the view at once: the items only say where things are."""
        assert self.look is not None
        painter.fillRect(region.boundingRect(), self.look.base)
        painter.setTransform(self.viewportTransform())
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        margin = round(self.zoom * 100) + 4
        rects: list[QRect] = list(region) if region.rectCount() <= MOST_PARTS else [region.boundingRect()]  # type: ignore[call-overload]
        views = [self.mapToScene(rect.adjusted(-margin, -margin, margin, margin)).boundingRect() for rect in rects]
        self._painter.paint(painter, self.zoom, self.look, views)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the minimap."""
        super().resizeEvent(event)
        self.resized.emit()

    def sizeHint(self) -> QSize:
        """Room for a handful of cards."""
        return QSize(720, 520)


def _pixels(rect: QRect, ratio: float) -> QRectF:
    """A part of the view in the pixels of its picture."""
    return QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio)
