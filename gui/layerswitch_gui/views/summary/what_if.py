"""The what-if slider: scales what switching costs, so that people see the plan change. Nothing of it is measured."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from ...document.document import Document
from ...widgets import formatting
from ...widgets.makers import button

STEPS = 10  # of the slider, per unit of the factor
HIGHEST = 4.0
SETTLE_MS = 30


class WhatIf(QWidget):
    """A slider from free switches to four times the measured cost, its value, and a way back to the measured one."""

    asked = Signal(float)  # the factor on every transfer's cost

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.label = QLabel()
        self.badge = QLabel(formatting.WHAT_IF)
        self.badge.setProperty("role", "badge")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, round(HIGHEST * STEPS))
        self.slider.setPageStep(STEPS // 2)
        self.slider.setFixedWidth(110)
        self.slider.setAccessibleName("What if transfers cost more or less")
        self.slider.setToolTip("What if every transfer cost this many times what it does? Plan and predictions follow.")
        self.back = button("Reset", "Back to the transfer cost of the profile", lambda: self.asked.emit(1.0))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        for widget in (self.badge, self.label, self.slider, self.back):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            layout.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)  # dragging asks for the last value only
        self._soon.timeout.connect(lambda: self.asked.emit(self.factor))
        self.slider.valueChanged.connect(self._moved)
        for signal in (document.prediction_changed, document.graph_changed):
            signal.connect(self.refresh)
        self.refresh()

    @property
    def factor(self) -> float:
        """What the slider stands at."""
        return self.slider.value() / STEPS

    def refresh(self) -> None:
        """Show the document's factor."""
        factor = self._document.transfer_factor
        self._soon.stop()
        self.setVisible(self._document.profile is not None)
        self.slider.blockSignals(True)
        self.slider.setValue(round(factor * STEPS))
        self.slider.blockSignals(False)
        self._say(factor)

    def _moved(self) -> None:
        self._say(self.factor)
        self._soon.start()

    def _say(self, factor: float) -> None:
        self.label.setText(f"Transfer cost ×{factor:.1f}")
        self.badge.setVisible(factor != 1)
        self.back.setVisible(factor != 1)
