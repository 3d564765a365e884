"""The assignment ribbon: one cell per layer, coloured and lettered; click flips, drag paints, Shift-drag selects."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from .. import hovercard
from ..document import Document
from ..graph.colouring import letter
from ..look import Look
from ..theme import Theme
from .axis import LayerAxis

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
        shown = axis.visible()
        starts = self._starts(shown)
        for name in names:
            at = int(axis.positions[graph.index[name]])
            if shown.start - 1 <= at <= shown.stop:
                before = int(np.searchsorted(starts, at - 1, side="right")) - 1
                after = int(np.searchsorted(starts, at + 1, side="right"))
                first = int(starts[before]) if before >= 0 else shown.start
                last = int(starts[after]) if after < len(starts) else shown.stop
                self.update(self._box(first, last - 1).toAlignedRect().adjusted(-2, -4, 2, 4))

    def _starts(self, shown: range) -> NDArray[np.intp]:
        """The positions in view at which a run of one device begins."""
        if self._document.prediction is None or not len(shown):
            return np.arange(0)
        on = self._document.prediction.choice[self._axis.order[shown.start : shown.stop]]
        return np.flatnonzero(np.diff(on, prepend=-1)) + shown.start

    def paintEvent(self, event: QPaintEvent) -> None:
        """Segments as bars, letters where they fit, selection and pins on top; only what is exposed."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._look.base)
        axis, prediction = self._axis, self._document.prediction
        shown = axis.visible()
        left, right = (math.floor(axis.at(pixel)) for pixel in (event.rect().left(), event.rect().right() + 1))
        exposed = range(max(left - 1, shown.start), min(right + 2, shown.stop))
        starts = self._starts(shown)
        if prediction is not None and len(starts):
            ends = [*starts[1:].tolist(), shown.stop]
            for first, end in zip(starts.tolist(), ends, strict=True):
                if first < exposed.stop and end > exposed.start:
                    device = prediction.model.devices[prediction.choice[axis.order[first]]]
                    self._paint_run(painter, device, first, end - 1, exposed)
        self._paint_marks(painter, exposed)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hover is not None and self._first is None:
            painter.setPen(QPen(self._look.text, 1))
            painter.drawRect(self._box(self._hover, self._hover).adjusted(0, 0, -1, -1))
        if self.hasFocus() and self._cursor in shown:
            painter.setPen(QPen(self._look.text, 2, Qt.PenStyle.DotLine))
            painter.drawRect(self._box(self._cursor, self._cursor).adjusted(1, 1, -2, -2))

    def _box(self, first: int, last: int) -> QRectF:
        left, right = self._axis.pixel(first), self._axis.pixel(last + 1)
        return QRectF(left, 3, max(right - left, 1.0), self.height() - 6)

    def _paint_run(self, painter: QPainter, device: str, first: int, last: int, exposed: range) -> None:
        box, cell = self._box(first, last), self._axis.cell
        painter.fillRect(box, self._look.device(device))
        wide = self.fontMetrics().height()
        if box.width() < wide:
            return
        painter.setPen(self._theme.device_text(device))
        if cell >= wide:
            for position in range(max(first, exposed.start), min(last + 1, exposed.stop)):
                painter.drawText(
                    self._box(position, position), Qt.AlignmentFlag.AlignCenter, letter(device, self._document.devices)
                )
            painter.setPen(QPen(self._look.base, 1))
            for position in range(max(first + 1, exposed.start), min(last + 1, exposed.stop)):
                edge = self._axis.pixel(position)
                painter.drawLine(QPointF(edge, box.top()), QPointF(edge, box.bottom()))
        else:
            seen = box.intersected(QRectF(self.rect()))
            painter.drawText(seen, Qt.AlignmentFlag.AlignCenter, letter(device, self._document.devices))
        painter.setPen(QPen(self._look.text, 1))  # a switch is a line, seen without colour too
        painter.drawLine(box.topLeft(), box.bottomLeft())

    def _paint_marks(self, painter: QPainter, shown: range) -> None:
        chosen, pins, graph = set(self._document.selection), self._document.pins, self._document.graph
        for name in chosen.union(pins) if graph is not None else ():
            position = int(self._axis.positions[graph.index[name]]) if graph and len(self._axis.positions) else -1
            if position not in shown:
                continue
            box = self._box(position, position)
            if name in chosen:
                painter.fillRect(QRectF(box.left(), 0, box.width(), 3), self._look.accent)
                painter.fillRect(QRectF(box.left(), self.height() - 3, box.width(), 3), self._look.accent)
            if name in pins:
                painter.setBrush(self._look.bad)
                painter.setPen(QPen(self._look.base, 1))
                painter.drawEllipse(QRectF(box.right() - 7, 2, 7, 7) if box.width() > 8 else box.adjusted(0, 0, 0, -15))

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
            text = hovercard.layer_card(self._document, self._axis.name(position)) if position is not None else ""
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
