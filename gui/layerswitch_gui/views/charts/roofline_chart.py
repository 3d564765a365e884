"""RooflineChart: what each layer reaches on each device, under what the device could give at the layer's intensity."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...document.document import Document
from ...jobs.analysis import Analysis
from ...platform.theme import Theme
from ...widgets import formatting
from ...widgets.commands import Command, Commands
from ...widgets.deferred_panel import DeferredPanel
from ...widgets.picture import Picture, of_copy
from ...widgets.text_safety import one_line, wrapped
from .chart_style import LOWEST
from .roofline_plot import ROOM, RoofPlot

if TYPE_CHECKING:
    from layerswitch.explain import Roofline

NO_PROFILE = "Profile a network (F5) to see what each layer reaches on each device."
WORKING = "Working out what each layer has to do…"
NO_POINTS = "This profile does not tell what its layers have to do: no multiply-accumulates are known."
EVERY, ASSIGNED = "Every layer on each device", "As assigned"


class RooflineChart(DeferredPanel):
    """One plot for each device, on the same axes. `commands` are its actions by name, for the menus."""

    def __init__(self, document: Document, theme: Theme, analysis: Analysis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Roofline")
        self.setMinimumHeight(LOWEST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._document, self._theme, self._analysis = document, theme, analysis
        self.plots: list[RoofPlot] = []
        self._made: list[RoofPlot] = []  # until there is one for each device
        self.commands = Commands(self, "roofline", (
            Command("every", EVERY, "E", "Show every layer on each device", lambda: self.show_assigned(False),
                    group="layers"),
            Command("assigned", "Layers as assigned", "A", "Show each layer on its assigned device, the others pale",
                    lambda: self.show_assigned(True), group="layers"),
            Command("next", "Next layer by intensity", "Right", "Select the layer of the next higher intensity",
                    lambda: self.step(1)),
            Command("previous", "Previous layer by intensity", "Left", "Select the layer of the next lower intensity",
                    lambda: self.step(-1)),
            Command("fit", "Whole roofline", "F", "Show all layers and roofs", self.fit),
        ))  # fmt: skip
        self.which = QComboBox()
        self.which.addItems([EVERY, ASSIGNED])
        self.which.setAccessibleName("Which layers")
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.which.setToolTip("Every layer on each device, or each on its assigned device and the others pale")
        self.which.activated.connect(lambda place: self.show_assigned(place == 1))
        self.says = QLabel(NO_PROFILE)
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.setWordWrap(True)
        self.says.setAccessibleName("What the roofs are")
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.which, alignment=Qt.AlignmentFlag.AlignTop)
        bar.addWidget(self.says, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 2)
        column.setSpacing(2)
        column.addLayout(bar)
        column.addLayout(self._row, 1)
        self.commands["every"].setChecked(True)
        for signal in (document.graph_changed, document.profile_changed, analysis.explained, theme.changed):
            signal.connect(self.outdated)
        document.assignment_changed.connect(self._take_edit)  # a method: it goes with a chart made for export
        document.selection_changed.connect(self.selected)
        self.refresh()

    @property
    def rooflines(self) -> "tuple[Roofline, ...]":
        """Those of the profile; () until they are worked out."""
        return self._analysis.explanation.rooflines if self._analysis.explanation else ()

    def refresh(self) -> None:
        """Draw everything again."""
        if self.isVisible():
            self._analysis.want()
        rooflines = [one for one in self.rooflines if one.points]
        self.which.setEnabled(bool(rooflines))
        self.says.setText(self._sentence())
        more = self._details()
        self.says.setToolTip(wrapped("\n".join(more)))
        self.setAccessibleDescription("\n".join((self.says.text(), *more)))
        for plot in self.plots:
            plot.setVisible(bool(rooflines))
        if not rooflines or not self._make([one.device for one in rooflines]):
            return  # plots are kept for the next profile, or still to be made
        spans = _spans(rooflines)
        for plot, roofline in zip(self.plots, rooflines, strict=True):
            plot.show_roofline(roofline, spans)
        self._take_assignment()
        self.mark()

    def _make(self, devices: list[str]) -> bool:
        """Whether there is a plot for each device. Each takes long to make: where somebody looks, one a turn."""
        if [plot.device for plot in self.plots] == devices:
            return True
        for plot in self.plots:
            self._row.removeWidget(plot)
            plot.hide()
            plot.deleteLater()
        self.plots = []
        if [plot.device for plot in self._made] != devices[: len(self._made)]:
            self._made = []
        while len(self._made) < len(devices):
            self._made.append(RoofPlot(self._document, self._theme, devices[len(self._made)]))
            if self.isVisible():
                self.outdated()
                return False
        self.plots, self._made = self._made, []
        for plot in self.plots:
            self._row.addWidget(plot, 1)
            if plot is not self.plots[0]:
                plot.setXLink(self.plots[0])
                plot.setYLink(self.plots[0])
        return True

    def show_assigned(self, only: bool) -> None:
        """Pale the layers that are not assigned to a plot's device, or show all alike."""
        self.which.setCurrentIndex(int(only))
        self.commands["assigned" if only else "every"].setChecked(True)
        self._take_assignment()

    @property
    def only_assigned(self) -> bool:
        """Whether layers on other devices are pale."""
        return self.which.currentIndex() == 1

    def _take_edit(self, _names: tuple[str, ...]) -> None:
        """An edit changes only what is paled; a chart that nobody sees takes it when it is shown."""
        if self.only_assigned and self.isVisible():
            self._take_assignment()
        elif self.only_assigned:
            self.outdated()

    def _take_assignment(self) -> None:
        for plot in self.plots:
            plot.pale(self.only_assigned)

    def mark(self) -> None:
        """Ring the selected layers."""
        for plot in self.plots:
            plot.mark(self._document.selection)

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) layer in the order of intensity."""
        found = {point.layer: point.intensity for one in self.rooflines for point in one.points}
        order = sorted(found, key=lambda layer: found[layer])
        if not order:
            return
        here = [order.index(layer) for layer in self._document.selection if layer in found]
        place = (here[-1] if by > 0 else here[0]) + by if here else (0 if by > 0 else len(order) - 1)
        self._document.select([order[min(max(place, 0), len(order) - 1)]])

    def fit(self) -> None:
        """Show all layers and roofs."""
        if self.plots:
            self.plots[0].fit()

    def picture(self) -> Picture | None:
        """A chart like this one, wide enough for every device; None while there is nothing to show."""
        if not any(one.points for one in self.rooflines):
            return None
        return of_copy(self.copy(), QSize(700 * max(1, len(self.plots) or len(self.rooflines)), 620))

    def copy(self) -> "RooflineChart":
        """A chart that shows the same and has nothing to press."""
        copy = RooflineChart(self._document, self._theme, self._analysis)
        copy.show_assigned(self.only_assigned)
        copy.which.hide()
        return copy

    def _sentence(self) -> str:
        if self._document.profile is None:
            return NO_PROFILE
        if self._analysis.explanation is None:
            return WORKING
        if not any(one.points for one in self.rooflines):
            return NO_POINTS
        sources: dict[str, list[str]] = {}
        for one in self.rooflines:
            sources.setdefault(one.source, []).append(one.device)
        roofs = "; ".join(
            f"{source}" if len(sources) == 1 else f"{' and '.join(devices)}: {source}"
            for source, devices in sources.items()
        )
        over = (
            " Layers over a roof run as Winograd, which multiplies less than their MACs say."
            if self._winograd()
            else ""
        )
        starts = [f"{formatting.ms(one.launch_ms)} on the {one.device}" for one in self.rooflines if one.launch_ms]
        launches = f" Starting a kernel takes {' and '.join(starts)}." if starts else ""
        return f"Attainable: {roofs}. Times {formatting.origin(self._document.origin)}.{launches}{over}"

    def _details(self) -> list[str]:
        """Each device's roofs in numbers, and what the profile does not hold."""
        found = self._analysis.explanation
        unknown = [f"Not known: {text}." for text in found.unknown] if found else []
        return [numbers(one) for one in self.rooflines if one.ridge] + unknown

    def _winograd(self) -> bool:
        """Whether there are layers over measured roofs, and all of them run as Winograd."""
        from layerswitch.explain.correlations import way

        over = [
            on
            for roofline in self.rooflines
            for point in roofline.points
            if roofline.measured
            and point.gflops > (roofline.roof(point.intensity) or point.gflops)
            and (found := self._analysis.layer(point.layer)) is not None
            for on in found.devices
            if on.device == roofline.device
        ]
        return bool(over) and all(way(on) == "Winograd" for on in over)


def numbers(roofline: "Roofline") -> str:
    """A device's roofs in numbers: what the command line says of them."""
    gflops, width, ridge = roofline.gflops, roofline.gb_per_s, roofline.ridge
    if not (gflops and width and ridge):
        return f"{one_line(roofline.device)}: roofs not known."
    least = "" if roofline.measured else "at least "
    launch = f"; a kernel takes {formatting.ms(roofline.launch_ms)} to start" if roofline.launch_ms else ""
    return (
        f"{one_line(roofline.device)}: {least}{formatting.number(gflops)} GFLOP/s and "
        f"{least}{formatting.number(width)} GB/s, meeting at "
        f"{formatting.number(ridge)} FLOP/byte{launch} ({roofline.source})."
    )


def _spans(rooflines: "list[Roofline]") -> tuple[float, float, float, float]:
    """The lowest and highest intensity (FLOP/byte) and GFLOP/s to show, the same for all devices."""
    points = [point for one in rooflines for point in one.points]
    if not points:
        return 0.1, 1.0, 0.1, 1.0
    ridges = [ridge for one in rooflines if (ridge := one.ridge)]
    roofs = [one.gflops for one in rooflines if one.gflops]
    left = min([point.intensity for point in points] + ridges) / 1.6
    right = max([point.intensity for point in points] + ridges) * 1.6
    low, high = min(point.gflops for point in points) / 1.6, max([point.gflops for point in points] + roofs) * ROOM
    return left, right, low, high
