"""The assignment ribbon: one cell per layer, coloured and lettered; click flips, drag paints, Shift-drag selects."""

import itertools
import math
from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...document.document import Document
from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets import hover_card
from ...widgets.device_letters import letter
from .layer_axis import LayerAxis
from .ribbon_cells import Cells, DeviceLook

HEIGHT = 26
MOST = 64  # layers of an edit followed one by one; after larger ones everything is repainted
_strokes = itertools.count(1)


class Ribbon(QWidget):
    """Lies under the latency bars on the same x axis. A painted range is one undoable step."""

    def __init__(self, document: Document, theme: Theme, axis: LayerAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Assignment ribbon")
        self.setAccessibleDescription(
            "One cell per layer. Click flips a layer, dragging paints a range, Shift and dragging selects. "
            "Arrow keys move, C and G assign, Return flips."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._document, self._theme, self._axis = document, theme, axis
        self._look = Look.of(theme)
        self._first: int | None = None  # where the button went down
        self._last = 0
        self._device = ""  # what a drag paints
        self._stroke: int | None = None
        self._hover: int | None = None
        self._cursor = 0
        axis.changed.connect(self.update)
        document.assignment_changed.connect(self._take_edit)
        for signal in (document.selection_changed, document.pins_changed):
            signal.connect(self.update)
        theme.changed.connect(self._take_theme)

    def _take_theme(self) -> None:
        self._look = Look.of(self._theme)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line of letters high."""
        return QSize(200, max(HEIGHT, self.fontMetrics().height() + 10))

    # painting --------------------------------------------------------------------------------------------------------

    def _take_edit(self, names: tuple[str, ...]) -> None:
        """Repaint the runs of one device that the edit joined or split, and no more."""
        graph, axis = self._document.graph, self._axis
        if graph is None or len(names) > MOST or len(axis.positions) != len(graph.layers):
            self.update()
            return
        cells = self.values()
        shown, starts = cells.ruler.shown, cells.starts
        for name in names:
            at = int(axis.positions[graph.index[name]])
            if shown.start - 1 <= at <= shown.stop:
                before = int(np.searchsorted(starts, at - 1, side="right")) - 1
                after = int(np.searchsorted(starts, at + 1, side="right"))
                first = int(starts[before]) if before >= 0 else shown.start
                last = int(starts[after]) if after < len(starts) else shown.stop
                self.update(cells.box(first, last - 1).toAlignedRect().adjusted(-2, -4, 2, 4))

    def values(self) -> Cells:
        """What is in view, as it is now."""
        document, theme, ruler = self._document, self._theme, self._axis.ruler()
        prediction, shown, devices = document.prediction, ruler.shown, document.devices
        return Cells(
            ruler=ruler,
            look=self._look,
            font=self.font(),
            line=self.fontMetrics().height(),
            width=self.width(),
            height=self.height(),
            devices=tuple(
                DeviceLook(self._look.device(device), theme.device_text(device), letter(device, devices))
                for device in (prediction.model.devices if prediction else ())
            ),
            on=prediction.choice[ruler.order[shown.start : shown.stop]] if prediction else np.arange(0),
            chosen=self._positions(document.selection),
            pinned=self._positions(document.pins),
        )

    def _positions(self, names: Iterable[str]) -> frozenset[int]:
        graph, positions = self._document.graph, self._axis.positions
        if graph is None or not len(positions):
            return frozenset()
        return frozenset(int(positions[graph.index[name]]) for name in names)

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is exposed of the cells, and on top of them the one pointed at and the one the keys are at."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._look.base)
        cells, axis = self.values(), self._axis
        shown = cells.ruler.shown
        left, right = (math.floor(axis.at(pixel)) for pixel in (event.rect().left(), event.rect().right() + 1))
        for _ in cells.paint(painter, range(max(left - 1, shown.start), min(right + 2, shown.stop))):
            pass
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hover is not None and self._first is None:
            painter.setPen(QPen(self._look.text, 1))
            painter.drawRect(cells.box(self._hover, self._hover).adjusted(0, 0, -1, -1))
        if self.hasFocus() and self._cursor in shown:
            painter.setPen(QPen(self._look.text, 2, Qt.PenStyle.DotLine))
            painter.drawRect(cells.box(self._cursor, self._cursor).adjusted(1, 1, -2, -2))

    # the mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember the cell; whether it is a click or a drag shows later."""
        self._first = self._axis.position(event.position().x()) if event.button() == Qt.MouseButton.LeftButton else None
        if self._first is not None:
            self._last = self._cursor = self._first
            self._device = self._document.other_device(self._axis.name(self._first))
            self._stroke = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Paint or select up to the cell under the pointer."""
        if self._first is None or not event.buttons():
            hover = self._axis.position(event.position().x())
            if hover != self._hover:
                self._hover = hover
                self.update()
            return
        here = self._axis.position(event.position().x(), nearest=True)
        if here is None or (here == self._last and self._stroke is None):
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._stroke is None:
            self._last = here
            self._document.select(self._axis.between(self._first, here))
            return
        if self._stroke is None:
            self._stroke = next(_strokes)
        names = self._axis.between(self._last, here)
        wrong = [name for name in names if self._document.assignment[name] != self._device]
        self._last = self._cursor = here
        if wrong:
            self._document.assign(wrong, self._device, stroke=self._stroke)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press that never left its cell is a click: it flips, or with Shift or Ctrl selects."""
        first, self._first = self._first, None
        if first is None or event.button() != Qt.MouseButton.LeftButton:
            return
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self._stroke is None and self._last == first:
            name, held = self._axis.name(first), self._document.selection
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._document.select([one for one in held if one != name] + [name] * (name not in held))
            elif shift:
                self._document.select([*held, name])
            else:
                self._document.flip(name)
        self._stroke = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer, as over the bars."""
        steps = (event.angleDelta().y() or event.angleDelta().x()) / 120
        box, axis = self._axis.box, self._axis
        at = axis.at(event.position().x())
        low, high = (at + (edge - at) * 1.2**-steps for edge in box.viewRange()[0])
        axis.show(low, high)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No cell is pointed at any more."""
        self._hover = None
        self.update()

    def event(self, event: QEvent) -> bool:
        """Show the layer's hover card."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            position = self._axis.position(event.pos().x())
            text = hover_card.layer_card(self._document, self._axis.name(position)) if position is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    # the keyboard ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys (Shift extends the selection), assign with a device's letter, flip with Return."""
        document, axis, key = self._document, self._axis, event.key()
        count = len(axis.order)
        steps: dict[int, int] = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -count, Qt.Key.Key_End: count,
        }  # fmt: skip
        devices = {letter(device, document.devices): device for device in document.devices}
        if (step := steps.get(key)) and count:
            self._cursor = min(max(self._cursor + step, 0), count - 1)
            extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            document.select([*(document.selection if extend else ()), axis.name(self._cursor)])
            axis.reveal(self._cursor)
            self.update()
        elif (device := devices.get(event.text().upper())) and document.selection:
            document.assign(document.selection, device)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and document.selection:
            document.flip(document.selection)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Start at the selected layer."""
        names = self._document.selection
        if names and event.reason() != Qt.FocusReason.MouseFocusReason:
            place = self._document.graph.index[names[0]] if self._document.graph else 0
            found = [position for position, one in enumerate(self._axis.order) if one == place]
            self._cursor = found[0] if found else 0
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the cursor."""
        super().focusOutEvent(event)
        self.update()
