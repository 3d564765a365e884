"""A strip plot: the samples of one layer on each device, on one axis in ms."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from layerswitch.measurement.statistics import outliers

from ...document.document import Document
from ...platform.theme import Theme
from ...widgets import formatting
from ...widgets.text_safety import one_line

LANE, AXIS, GAP, RIGHT = 26, 22, 8, 14
NAMES = 0.35  # of the width that devices' names take at most
TIP = "Each dot is a sample, the bar their median."
FAR = "A ring marks a sample far from the rest: it is kept."


class SampleStrip(QWidget):
    """One lane a device, one dot a sample, a bar at the median, a ring around each outlier."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._lanes: list[tuple[str, tuple[float, ...]]] = []
        self.far: dict[str, tuple[int, ...]] = {}  # device -> places of its outliers
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
        self.far = {device: outliers(samples) for device, samples in self._lanes}
        self.setVisible(bool(self._lanes))
        self.setFixedHeight(round((LANE * len(self._lanes) + AXIS) * max(1.0, self._theme.scale)))
        self.setAccessibleDescription("; ".join(self._said(device, samples) for device, samples in self._lanes))
        self.setToolTip(f"{TIP} {FAR}" if any(self.far.values()) else TIP)
        self.update()

    def _said(self, device: str, samples: tuple[float, ...]) -> str:
        far = f", {formatting.counted(len(self.far[device]), 'outlier')}" if self.far[device] else ""
        return f"{device}: {formatting.ms(min(samples))} to {formatting.ms(max(samples))}{far}"

    def margin(self) -> float:
        """Where lanes begin, in pixels: after the devices' names, which take no more than their share."""
        metrics = QFontMetricsF(self._theme.font(0.85))
        widest = max((metrics.horizontalAdvance(one_line(device)) for device, _ in self._lanes), default=0.0)
        return min(widest, NAMES * self.width()) + GAP * max(1.0, self._theme.scale)

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
        metrics = QFontMetricsF(painter.font())
        left = self.margin()
        width = self.width() - left - RIGHT * scale

        def x(ms: float) -> float:
            return left + width * (ms - low) / (high - low)

        lane = LANE * scale
        for row, (device, samples) in enumerate(self._lanes):
            middle = lane * (row + 0.5)
            painter.setPen(theme.colour("text"))
            name = metrics.elidedText(one_line(device), Qt.TextElideMode.ElideMiddle, left - GAP * scale + 1)
            painter.drawText(QRectF(0, lane * row, left, lane), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(left, middle), QPointF(left + width, middle))
            colour = theme.device(device)
            colour.setAlphaF(0.55)
            far = {*self.far[device]}
            for place, ms in enumerate(samples):
                spot = QPointF(x(ms), middle + ((place % 5) - 2) * 2.2 * scale)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawEllipse(spot, 2.6 * scale, 2.6 * scale)
                if place in far:
                    painter.setPen(QPen(theme.colour("text"), 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawEllipse(spot, 4.6 * scale, 4.6 * scale)
            ordered = sorted(samples)
            median = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.drawLine(QPointF(x(median), middle - lane * 0.36), QPointF(x(median), middle + lane * 0.36))
        painter.setPen(theme.colour("muted"))
        bottom = QRectF(left, lane * len(self._lanes), width, AXIS * scale)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft, formatting.ms(low, unit=False))
        painter.drawText(bottom, Qt.AlignmentFlag.AlignRight, formatting.ms(high))
        painter.end()
