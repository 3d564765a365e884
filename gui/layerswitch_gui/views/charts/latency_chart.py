"""LatencyChart: CPU and GPU bars side by side per layer, with the assignment ribbon and the names under them."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QToolTip, QVBoxLayout, QWidget

from ...document.document import Document
from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets import formatting, hover_card
from ...widgets.collapsing_row import GivingRow
from ...widgets.commands import Command, Commands
from ...widgets.device_letters import chip, letter
from ...widgets.fitting_label import FittingLabel
from ...widgets.picture import Picture, discard, lay_out
from .chart_style import LOWEST, make_plot, tint
from .latency_bars import Bars
from .latency_data import ORDERS, Order, Readings
from .latency_snapshot import LatencyPicture
from .layer_axis import LayerAxis
from .layer_labels import NameStrip
from .ribbon import Ribbon

NO_GRAPH = "Open a network to see the time of each layer on the CPU and on the GPU."
NO_PROFILE = "Nothing is measured yet. Choose a board and profile the network (F5) to see each layer's times here."
STEP = 1.5
CELL = 22  # width of a layer in a picture, so that every name can be read


class LatencyChart(QWidget):
    """Reads profile, assignment and selection of the document. Its own state is order, scale and zoom."""

    def __init__(
        self, document: Document, theme: Theme, parent: QWidget | None = None, *, readings: Readings | None = None
    ) -> None:
        """`readings` are those of the document's profile, where somebody has them already."""
        super().__init__(parent)
        self.setAccessibleName("Latency of each layer")
        self.setMinimumHeight(LOWEST)
        self._document, self._theme = document, theme
        self._readings: Readings | None = None
        self._known = readings
        self.plot = make_plot("Latency bars", "CPU and GPU time of each layer. The layer table holds the same numbers.")
        self.axis = LayerAxis(self.plot.getViewBox(), self)
        self.bars = Bars(self.plot, theme)
        self.ribbon = Ribbon(document, theme, self.axis, self)
        self.names = NameStrip(theme, self.axis, self)
        self._make_controls()
        self._nothing = QLabel(NO_GRAPH, self)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._controls)
        column.addWidget(self.plot, 1)
        column.addWidget(self.ribbon)
        column.addWidget(self.names)
        column.addWidget(self._nothing, 1)
        self._prepare_plot()
        self._connect()
        self._take_theme()

    def _make_controls(self) -> None:
        self.order_choice = QComboBox()
        for key, text in ORDERS.items():
            self.order_choice.addItem(text, key)
        self.order_choice.setAccessibleName("Order of the layers")
        self.order_choice.setToolTip("How the bars are ordered")
        self.commands = Commands(self, "latency", (
            *(Command(key, f"Order: {_how(text)}", f"Alt+Shift+{number}", f"Draw the bars {_how(text)}",
                      lambda key=key: self.set_order(key), group="order")  # type: ignore[misc]
              for number, (key, text) in enumerate(ORDERS.items(), start=1)),
            Command("log", "Logarithmic", "L", "Draw times on a logarithmic scale", lambda: self._draw(),
                    checkable=True),
            Command("fit", "Show all layers", "F", "Show all layers; the wheel zooms, dragging moves", self.fit),
            Command("zoom_in", "Zoom in", "+", "Show fewer layers", lambda: self.zoom(1 / STEP)),
            Command("zoom_out", "Zoom out", "-", "Show more layers", lambda: self.zoom(STEP)),
        ))  # fmt: skip
        self.commands["execution"].setChecked(True)
        self.log_choice, self.fit_button = QToolButton(), QToolButton()
        for button, name in ((self.log_choice, "log"), (self.fit_button, "fit")):
            button.setDefaultAction(self.commands[name])
            button.setAccessibleName(self.commands[name].text())
            button.setAutoRaise(True)
        self.fit_button.setText("Fit")
        self._key = FittingLabel("Legend of the latency bars")
        self._controls = GivingRow()
        row = QHBoxLayout(self._controls)
        row.setContentsMargins(6, 3, 6, 3)
        for widget in (self.order_choice, self.log_choice, self.fit_button):
            row.addWidget(widget)
        row.addWidget(self._key, 1)
        self._controls.dispensable = (self.fit_button, self.log_choice)

    def _prepare_plot(self) -> None:
        box = self.plot.getViewBox()
        box.setMouseEnabled(x=True, y=False)
        box.setDefaultPadding(0)
        box.disableAutoRange()
        self.plot.hideAxis("bottom")
        self.plot.showGrid(y=True, alpha=0.25)
        self.plot.viewport().installEventFilter(self)
        self.plot.scene().sigMouseClicked.connect(self._click)

    def _connect(self) -> None:
        document = self._document
        document.graph_changed.connect(self._take_profile)
        document.profile_changed.connect(self._take_profile)
        document.assignment_changed.connect(self._take_edit)
        document.selection_changed.connect(self._take_selection)
        self._theme.changed.connect(self._take_theme)
        self.order_choice.activated.connect(lambda _index: self.set_order(self.order))
        self.axis.changed.connect(self._take_range)
        self.plot.getViewBox().sigResized.connect(self._take_range)

    # how it looks ----------------------------------------------------------------------------------------------------

    @property
    def order(self) -> Order:
        """How layers are ordered."""
        chosen: Order = self.order_choice.currentData()
        return chosen

    @property
    def readings(self) -> Readings | None:
        """What is drawn: of the document's profile; None without one."""
        return self._readings

    def picture(self) -> Picture | None:
        """The bars of a chart like this one, wide enough for every layer's name."""
        copy = LatencyChart(self._document, self._theme, readings=self._readings)
        size = QSize(max(1000, CELL * len(self._document.assignment)), 620)
        try:
            lay_out(copy, size)
            return Picture(size, copy.snapshot().paint, anywhere=True)
        finally:
            discard(copy)

    def snapshot(self) -> LatencyPicture:
        """The chart as it is now, for any thread to paint; the chart itself is left without bars."""
        return LatencyPicture(self, Look.of(self._theme))

    def set_order(self, order: Order) -> None:
        """Order the layers another way."""
        self.order_choice.setCurrentIndex(self.order_choice.findData(order))
        self.commands[order].setChecked(True)
        self._draw()

    def zoom(self, factor: float) -> None:
        """Show `factor` times as many layers, around the selected one or the middle."""
        low, high = self.plot.getViewBox().viewRange()[0]
        chosen = [
            p for p, place in enumerate(self.axis.order) if self.axis.names[int(place)] in self._document.selection
        ]
        seen = [position + 0.5 for position in chosen if low <= position < high]
        middle = seen[0] if seen else (low + high) / 2
        self.axis.show(middle - (middle - low) * factor, middle + (high - middle) * factor)

    def fit(self) -> None:
        """Show all layers."""
        self.axis.show(0, max(len(self.axis.order), 1))

    # following the document ------------------------------------------------------------------------------------------

    def _take_profile(self) -> None:
        profile, latency = self._document.profile, self._document.latency
        self._readings, self._known = self._known, None
        if profile is None or latency is None:
            self._readings = None
        elif self._readings is None:
            self._readings = Readings.of(profile, latency)
        fresh = self._readings is not None
        for widget in (self._controls, self.plot, self.ribbon, self.names):
            widget.setVisible(fresh)
        self._nothing.setVisible(not fresh)
        self._nothing.setText(NO_GRAPH if self._document.graph is None else NO_PROFILE)
        self._draw()
        count = len(self._readings.names) if self._readings else 1
        self.plot.getViewBox().setLimits(xMin=-0.5, xMax=count + 0.5, minXRange=min(3, count), maxXRange=count + 1)
        self.fit()

    def _choice(self) -> np.ndarray:
        prediction = self._document.prediction
        return prediction.choice if prediction else np.arange(0)

    def _draw(self) -> None:
        readings, choice = self._readings, self._choice()
        order = readings.order(self.order, choice) if readings is not None else np.arange(0)
        log = self.commands["log"].isChecked()
        self.plot.getAxis("left").setLogMode(False, log)
        self.bars.show(readings, order, choice, log)
        self.axis.set_layers(readings.names if readings else (), order)
        self._tell_key()
        self._take_selection()
        self._take_range()

    def _take_edit(self, names: tuple[str, ...]) -> None:
        if self._readings is not None and names:
            if self.order == "time":
                self._draw()
            else:
                self.bars.assign(self._choice())

    def _take_selection(self) -> None:
        graph, chosen = self._document.graph, self._document.selection
        if graph is None or self._readings is None:
            return
        at = {int(place): position for position, place in enumerate(self.axis.order)}
        positions = tuple(at[graph.index[name]] for name in chosen)
        self.bars.mark(positions)
        if len(positions) == 1 and not (self.underMouse() or self.ribbon.hasFocus()):
            self.axis.reveal(positions[0])

    def _take_range(self) -> None:
        """The y axis follows what is in view, so that short layers can be read when looked at closely."""
        seen = self.axis.visible()
        self.bars.bar_pixels(self.axis.cell * self.bars.width)
        top = self.bars.top(seen.start, seen.stop)
        floor = self.bars.floor
        bars = 1.0 - self.bars.lettering_px / max(self.plot.getViewBox().height(), 1.0)  # the part left for them
        reach = (top - floor) * max(1.06, 1.0 / max(bars, 0.5)) if top > floor else 1.0
        self.plot.getViewBox().setYRange(floor, floor + reach, padding=0)

    def _take_theme(self) -> None:
        look = Look.of(self._theme)
        tint(self.plot, look, self._theme)
        self.bars.tint(look)
        self._take_profile()

    def _tell_key(self) -> None:
        document = self._document
        chips = " ".join(
            f"{chip(self._theme.device(d), letter(d, document.devices))} {hover_card.plain(d)}"
            for d in document.devices
        )
        word = formatting.origin(document.origin)
        parts = (chips, "solid: assigned", "whiskers: 95 % interval of the median")
        self._key.offer([" &nbsp; ".join((*parts[:count], f"<b>{word}</b>")) for count in (3, 2, 1, 0)])
        look = Look.of(self._theme)
        self.plot.getAxis("left").setLabel(f"Time (ms, {word})", color=look.text.name())
        self._show_label()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The label of the y axis goes where it would be cut; the legend says the same."""
        super().resizeEvent(event)
        self._show_label()

    def _show_label(self) -> None:
        axis = self.plot.getAxis("left")
        room = self.height() - self._controls.height() - self.ribbon.height() - self.names.height()
        shown = bool(axis.labelText) and axis.label.boundingRect().width() < room
        if shown != axis.label.isVisible():
            axis.showLabel(shown)

    # the mouse -------------------------------------------------------------------------------------------------------

    def position_at(self, spot: QPointF) -> int | None:
        """The position under a point of the plot's widget."""
        box = self.plot.getViewBox()
        if not box.sceneBoundingRect().contains(self.plot.mapToScene(spot.toPoint())):
            return None
        return self.axis.position(spot.x())

    def _click(self, event: object) -> None:
        if event.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        spot = self.plot.mapFromScene(event.scenePos())  # type: ignore[attr-defined]
        position = self.position_at(QPointF(spot))
        held, modifiers = list(self._document.selection), event.modifiers()  # type: ignore[attr-defined]
        if position is None:
            return
        name = self.axis.name(position)
        if event.double():  # type: ignore[attr-defined]
            self._document.flip(name)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._document.select([one for one in held if one != name] + [name] * (name not in held))
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and held:
            last = next(p for p in range(len(self.axis.order)) if self.axis.name(p) == held[-1])
            self._document.select([*held, *self.axis.between(last, position)])
        else:
            self._document.select([name])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the hover card of the layer under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            position = self.position_at(QPointF(event.pos()))
            text = hover_card.layer_card(self._document, self.axis.name(position)) if position is not None else ""
            QToolTip.showText(event.globalPos(), text, self.plot)
            return True
        return super().eventFilter(watched, event)


def _how(text: str) -> str:
    return text[0].lower() + text[1:]
