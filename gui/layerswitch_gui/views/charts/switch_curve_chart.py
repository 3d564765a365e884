"""SwitchCurve: the best plan with at most k switches, for every k; clicking a point loads its assignment."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPen, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from layerswitch.network.assignment import executed_switches

from ...document.document import Document
from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets import formatting
from ...widgets.commands import Command, Commands
from ...widgets.picture import Picture, of_copy
from .chart_style import LOWEST, make_plot, tint

if TYPE_CHECKING:
    from layerswitch.planner.simplest_plan import Simplest
    from layerswitch.planner.switch_curve import CurvePoint

NO_PROFILE = "Profile a network (F5) to see what each further switch gains."
WORKING = "Working out the best plan for each number of switches…"
FEW = 24  # switches up to which each has a number at the axis


class SwitchCurve(QWidget):
    """Draws points that a job of the window works out: it emits `wanted` when it is on show without current ones.

    The window answers with `show_points(layerswitch.planner.switch_curve(document.latency, pins=document.pins))`.
    """

    wanted = Signal()

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Latency by number of switches")
        self.setMinimumHeight(LOWEST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._document, self._theme = document, theme
        self.points: tuple[CurvePoint, ...] = ()
        self.current: int | None = None  # the point the keyboard is at
        self._asked = False
        self._behind = False  # edits were made while nobody saw it
        self.commands = Commands(self, "curve", (
            Command("previous", "Fewer switches", "Left", "Go to the plan with fewer switches", lambda: self.step(-1)),
            Command("next", "More switches", "Right", "Go to the plan with more switches", lambda: self.step(1)),
            Command("load", "Load this plan", "Return", "Edit the plan of the chosen point", self.load_current),
        ))  # fmt: skip
        self.plot = make_plot("Latency by number of switches", "Arrow keys choose a point, Return loads it.")
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.getViewBox().setMouseEnabled(x=False, y=False)
        self.plot.showGrid(x=True, y=True, alpha=0.25)
        self._line = pg.PlotCurveItem(stepMode="right")
        self._dots = pg.ScatterPlotItem(size=10, hoverable=True, tip=self._tip)
        self._here = pg.ScatterPlotItem(size=17, symbol="star")
        self._ring = pg.ScatterPlotItem(size=18, symbol="o", brush=None)
        self._fewest = pg.ScatterPlotItem(size=19, symbol="d", brush=None)  # under which more switches are shown to pay
        for item in (self._line, self._fewest, self._dots, self._ring, self._here):
            self.plot.addItem(item)
        self._dots.sigClicked.connect(lambda _item, dots, _event: self.load(int(dots[0].data())) if len(dots) else None)
        self._says = QLabel(NO_PROFILE)
        self._says.setWordWrap(True)
        self._says.setMargin(6)
        self._says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.plot, 1)
        column.addWidget(self._says)
        for signal in (document.prediction_changed, document.pins_changed, document.graph_changed):
            signal.connect(self._forget)
        document.trust.changed.connect(self._take_edit)
        document.assignment_changed.connect(self._take_edit)  # a method: it goes with a chart made for export
        theme.changed.connect(self._draw)
        self._draw()

    def show_points(self, points: "Sequence[CurvePoint]") -> None:
        """Draw the points of the document's latency model and pins."""
        self.points = tuple(points)
        self.current = None
        self._draw()

    def picture(self) -> Picture | None:
        """A chart of the same points; None while there are none."""
        if not self.points:
            return None
        copy = SwitchCurve(self._document, self._theme)
        copy.show_points(self.points)
        return of_copy(copy, QSize(1400, 620))

    def load(self, place: int) -> None:
        """Load the assignment of a point, as one undoable edit."""
        point = self.points[place]
        self.current = place
        self._document.load(point.assignment, f"Load best plan with {formatting.counted(point.switches, 'switch')}")
        self._draw_here()

    def _forget(self) -> None:
        self.points, self.current, self._asked = (), None, False
        self._draw()
        if self.isVisible():
            self._ask()

    def _ask(self) -> None:
        if not self._asked and not self.points and self._document.latency is not None:
            self._asked = True
            self._draw()
            self.wanted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for points when first seen; catch up with edits made meanwhile."""
        super().showEvent(event)
        if self._behind:
            self._draw_here()
        self._ask()

    def _tip(self, x: float, y: float, data: int) -> str:
        point = self.points[int(data)]
        word = self._document.times_are
        graph = self._document.graph
        executed = executed_switches(graph, point.assignment) if graph else point.switches
        fewer = f" ({executed} as Arm NN runs it)" if executed < point.switches else ""
        switches = formatting.counted(point.switches, "switch")
        return f"{switches}{fewer}: {formatting.number(point.predicted_ms, 4)} ms, {word}\nclick to load"

    def _draw(self) -> None:
        look = Look.of(self._theme)
        tint(self.plot, look, self._theme)
        xs = np.array([point.switches for point in self.points], dtype=float)
        ys = np.array([point.predicted_ms for point in self.points], dtype=float)
        self._line.setData(xs, ys, pen=QPen(look.muted, 0))
        self._dots.setData(
            x=xs, y=ys, data=list(range(len(xs))), brush=look.accent, pen=None, hoverBrush=look.text, hoverSize=13
        )
        word = formatting.origin(self._document.origin)
        what = "What if" if self._document.what_if else "Predicted"
        bottom = self.plot.getAxis("bottom")
        bottom.setLabel("Switches at most", color=look.text.name())
        few = not len(xs) or xs.max() <= FEW
        bottom.setTickSpacing(levels=[(1, 0)] if few else None)  # there is no half switch
        self.plot.getAxis("left").setLabel(f"{what} (ms, {word})", color=look.text.name())
        self.plot.setVisible(bool(self.points))
        self._says.setSizePolicy(self._says.sizePolicy().horizontalPolicy(), self._says.sizePolicy().Policy.Preferred)
        self._draw_here()

    def _take_edit(self, _names: tuple[str, ...] = ()) -> None:
        self._behind = not self.isVisible()
        if not self._behind:
            self._draw_here()

    def _draw_here(self) -> None:
        look, document = Look.of(self._theme), self._document
        self._behind = False
        self._says.setText(self._sentence())
        self.setAccessibleDescription(self._says.text())
        prediction = document.prediction
        if not self.points or prediction is None:
            for item in (self._here, self._ring, self._fewest):
                item.clear()
            return
        shown = self._shown
        self._here.setData(
            x=[prediction.switches] if shown else [], y=[prediction.total_ms] if shown else [],
            brush=look.warning, pen=pg.mkPen(look.text, width=1),
        )  # fmt: skip
        few = [one for one in self.points if self._few is not None and one.switches == self._few.switches]
        self._fewest.setData(
            x=[one.switches for one in few],
            y=[one.predicted_ms for one in few],
            pen=pg.mkPen(look.text, width=1.5),
            brush=QColor(0, 0, 0, 0),
        )
        at = [self.points[self.current]] if self.current is not None else []
        self._ring.setData(
            x=[one.switches for one in at],
            y=[one.predicted_ms for one in at],
            pen=pg.mkPen(look.text, width=2),
            brush=QColor(0, 0, 0, 0),
        )
        self._fit(float(prediction.total_ms) if shown else None)

    def _fit(self, here: float | None) -> None:
        assert self._document.prediction is not None
        xs = [point.switches for point in self.points]
        if here is not None:
            xs.append(self._document.prediction.switches)
        ys = [point.predicted_ms for point in self.points]
        low = min([*ys, here] if here is not None else ys)
        high = max([*ys, here] if here is not None else ys)
        room = (high - low) * 0.08 or 0.05 * high or 1.0
        self.plot.setXRange(min(xs) - 0.3, max(xs) + 0.3, padding=0.02)
        self.plot.setYRange(low - room, high + room, padding=0)

    def _sentence(self) -> str:
        if self._document.latency is None:
            return NO_PROFILE
        if not self.points:
            return WORKING
        asked = f"{formatting.WHAT_IF[0].upper()}{formatting.WHAT_IF[1:]}: " if self._document.what_if else ""
        first, best = self.points[0], min(self.points, key=lambda point: (point.predicted_ms, point.switches))
        star = "The star is the current assignment" if self._shown else "The current assignment is off this chart"
        if best.switches == first.switches:
            return f"{asked}No switch gains anything here. {star}."
        few = f" {self._few.sentence_about('The diamond')}" if self._few else ""
        gained = first.predicted_ms - best.predicted_ms
        part = formatting.percent(gained / first.predicted_ms)
        most = formatting.counted(best.switches, "switch")
        return (
            f"{asked}The best plan has {most}: {formatting.ms(gained)} ({part}) faster than with "
            f"{first.switches}.{few} {star}; click a point to load it."
        )

    @property
    def _few(self) -> "Simplest | None":
        """The fewest switches not shown to be slower; None while not known, and of a what-if: it has no samples."""
        return None if self._document.what_if else self._document.trust.simplest

    @property
    def _shown(self) -> bool:
        """Whether the current assignment is near enough to the curve to be drawn without flattening it."""
        prediction = self._document.prediction
        if prediction is None or not self.points or not np.isfinite(prediction.total_ms):
            return False
        most = max(point.switches for point in self.points)
        worst = max(point.predicted_ms for point in self.points)
        return prediction.switches <= 1.1 * most + 1 and prediction.total_ms <= 1.5 * worst

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose a point, Return loads it."""
        steps: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if step := steps.get(event.key()):
            self.step(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.load_current()
        else:
            super().keyPressEvent(event)

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) point."""
        if self.points:
            self.current = min(max((self.current if self.current is not None else -1) + by, 0), len(self.points) - 1)
            self._draw_here()

    def load_current(self) -> None:
        """Load the point the keyboard is at."""
        if self.current is not None:
            self.load(self.current)
