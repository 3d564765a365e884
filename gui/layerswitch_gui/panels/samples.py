"""A strip plot: the samples of one layer on each device, on one axis in ms."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from .. import wording
from ..document import Document
from ..theme import Theme

LANE, AXIS, LEFT, RIGHT = 26, 22, 46, 14


class SampleStrip(QWidget):
    """One lane a device, one dot a sample, a bar at the median."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._lanes: list[tuple[str, tuple[float, ...]]] = []
        self.setAccessibleName("Samples of the selected layer")
        self.hide()

    def show_layer(self, name: str | None) -> None:
        """Draw a layer's samples; nothing for None or without a profile."""
        profile = self._document.profile
        self._lanes = []
        if name is not None and profile is not None:
            for device in profile.devices:
                if samples := profile.samples.get(device, {}).get(name):
                    self._lanes.append((device, samples))
        self.setVisible(bool(self._lanes))
        self.setFixedHeight(round((LANE * len(self._lanes) + AXIS) * max(1.0, self._theme.scale)))
        lanes = (f"{d}: {wording.ms(min(s))} to {wording.ms(max(s))}" for d, s in self._lanes)
        self.setAccessibleDescription("; ".join(lanes))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lanes."""
        if not self._lanes:
            return
        theme, scale = self._theme, max(1.0, self._theme.scale)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(0.85))
        low = min(min(samples) for _, samples in self._lanes)
        high = max(max(samples) for _, samples in self._lanes)
        pad = (high - low) * 0.05 or max(high * 0.1, 0.001)
        low, high = max(0.0, low - pad), high + pad
        left, width = LEFT * scale, self.width() - (LEFT + RIGHT) * scale

        def x(ms: float) -> float:
            return left + width * (ms - low) / (high - low)

        lane = LANE * scale
        for row, (device, samples) in enumerate(self._lanes):
            middle = lane * (row + 0.5)
            painter.setPen(theme.colour("text"))
            painter.drawText(QRectF(0, lane * row, left - 6, lane), Qt.AlignmentFlag.AlignVCenter, device)
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(left, middle), QPointF(left + width, middle))
            painter.setPen(Qt.PenStyle.NoPen)
            colour = theme.device(device)
            colour.setAlphaF(0.55)
            painter.setBrush(colour)
            for place, ms in enumerate(samples):
                painter.drawEllipse(QPointF(x(ms), middle + ((place % 5) - 2) * 2.2 * scale), 2.6 * scale, 2.6 * scale)
            ordered = sorted(samples)
            median = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.drawLine(QPointF(x(median), middle - lane * 0.36), QPointF(x(median), middle + lane * 0.36))
        painter.setPen(theme.colour("muted"))
        bottom = QRectF(left, lane * len(self._lanes), width, AXIS * scale)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft, wording.ms(low, unit=False))
        painter.drawText(bottom, Qt.AlignmentFlag.AlignRight, wording.ms(high))
        painter.end()
