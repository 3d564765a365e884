"""Timeline: CPU and GPU lanes with the execution in order and the transfers between; predicted above measured."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from layerswitch.experiments.results import Run
from layerswitch.measurement.statistics import summarize

from ...document.document import Document
from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets import formatting, hover_card
from ...widgets.commands import Command, Commands
from ...widgets.device_letters import letter
from ...widgets.picture import Picture, of_copy
from .chart_style import LOWEST, make_plot, tint
from .timeline_lanes import HIGH, Lanes
from .timeline_layout import Block, Schedule, measured, predicted

NO_GRAPH = "Open a network to see when each layer runs."
NO_PROFILE = "Nothing is measured yet. Profile the network (F5) to see when each layer runs, and where it waits."
NO_RUN = "Measure the assignment (F7) to see its measured timeline here."
STEP = 1.5
TITLES = ("predicted", "measured")
PITCH, APART, LEAST = 1.15, 0.15, 0.6  # from lane to lane, between two executions, above each; in lanes
TITLE = 8  # pixels around a title


class Timeline(QWidget):
    """Reads prediction and runs of the document; a click selects the layers of a block."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Timeline")
        self.setMinimumHeight(LOWEST)
        self._document, self._theme = document, theme
        self.plot = make_plot("Timeline", "When each layer runs on each device, predicted above measured.")
        self.commands = Commands(self, "timeline", (
            Command("fit", "Show the whole execution", "F", "Show everything, from the first layer on", self.fit),
            Command("zoom_in", "Zoom in", "+", "Show a shorter time", lambda: self.zoom(1 / STEP)),
            Command("zoom_out", "Zoom out", "-", "Show a longer time", lambda: self.zoom(STEP)),
            Command("previous", "Previous layer", "Left", "Select the layer that runs before", lambda: self.step(-1)),
            Command("next", "Next layer", "Right", "Select the layer that runs next", lambda: self.step(1)),
        ))  # fmt: skip
        self.lanes: list[Lanes] = []
        self._titles: list[pg.TextItem] = []
        self._stale, self._whole = True, True  # drawn when next seen; then whole
        self._end, self._gap = 0.0, LEAST
        self._nothing = QLabel(NO_GRAPH)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot, 1)
        column.addWidget(self._nothing, 1)
        box = self.plot.getViewBox()
        box.setMouseEnabled(x=True, y=False)
        box.invertY(True)
        box.disableAutoRange()
        box.sigResized.connect(self._resized)
        self.plot.showGrid(x=True, alpha=0.25)
        self.plot.viewport().installEventFilter(self)
        self.plot.scene().sigMouseClicked.connect(self._click)
        document.graph_changed.connect(self._renew)
        document.profile_changed.connect(self._renew)
        document.prediction_changed.connect(self._show)
        document.assignment_changed.connect(self._take_edit)  # a method: it goes with a chart made for export
        document.runs_changed.connect(self._renew)
        document.selection_changed.connect(self._take_selection)
        theme.changed.connect(self._draw)
        self._renew()

    @property
    def run(self) -> Run | None:
        """The last run of the current assignment that tells its segments apart."""
        wanted = self._document.assignment
        return next(
            (run for run in reversed(self._document.runs) if wanted == run.assignment and run.segments_ms), None
        )

    def picture(self) -> Picture | None:
        """A timeline like this one: two lanes predicted, two measured."""
        return of_copy(Timeline(self._document, self._theme), QSize(1400, 290))

    def fit(self) -> None:
        """Show the whole execution."""
        end = max((lane.blocks.end for lane in self.lanes if lane.blocks), default=1.0)
        self.plot.getViewBox().setXRange(0, end or 1.0, padding=0.01)

    def zoom(self, factor: float) -> None:
        """Show `factor` times as long, around the selected layer or the middle."""
        low, high = self.plot.getViewBox().viewRange()[0]
        middle = (low + high) / 2
        for place in self._chosen():
            block = self._block_of(place)
            if block is not None and low <= (at := block.start + block.ms / 2) <= high:
                middle = at
        self.plot.getViewBox().setXRange(middle - (middle - low) * factor, middle + (high - middle) * factor, padding=0)

    def step(self, by: int) -> None:
        """Select the layer that runs before (-1) or after (1) the selected one, and bring it into view."""
        graph, chosen = self._document.graph, self._chosen()
        if graph is None or not self.lanes:
            return
        at = (min(chosen) if by < 0 else max(chosen)) + by if chosen else 0
        at = min(max(at, 0), len(graph.layers) - 1)
        self._document.select([graph.layers[at].name])
        low, high = self.plot.getViewBox().viewRange()[0]
        block = self._block_of(at)
        if block is not None and not low <= block.start <= block.end <= high:
            middle, half = block.start + block.ms / 2, (high - low) / 2
            self.plot.getViewBox().setXRange(middle - half, middle + half, padding=0)

    def _block_of(self, layer: int) -> Block | None:
        """The predicted block of the layer at a place of the execution order."""
        blocks = self.lanes[0].blocks if self.lanes else None
        found = np.flatnonzero((blocks.first == layer) & (blocks.sources < 0)) if blocks else np.zeros(0)
        return blocks[int(found[0])] if blocks and len(found) else None

    def _chosen(self) -> frozenset[int]:
        graph = self._document.graph
        return frozenset(graph.index[name] for name in self._document.selection) if graph else frozenset()

    def _renew(self) -> None:
        self._whole = True
        self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while it was hidden."""
        super().showEvent(event)
        if self._stale:
            self._draw()

    def _draw(self) -> None:
        """Draw lanes, titles and axes again: for another network, profile or theme."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        document, look = self._document, Look.of(self._theme)
        tint(self.plot, look, self._theme)
        for item in (*self.lanes, *self._titles):
            self.plot.removeItem(item)
        self.lanes, self._titles, self._end = [], [], 0.0
        ready = document.prediction is not None
        self.plot.setVisible(ready)
        self._nothing.setVisible(not ready)
        self._nothing.setText(NO_GRAPH if document.graph is None else NO_PROFILE)
        if not ready:
            return
        ticks = []
        self._gap = self._room()
        group = len(document.devices) * PITCH + APART + self._gap
        for title in TITLES:
            top = self._gap + len(self.lanes) * group
            tops = {device: top + number * PITCH for number, device in enumerate(document.devices)}
            lanes = Lanes(self._theme, tops, edges=title == "predicted")
            self.lanes.append(lanes)
            self.plot.addItem(lanes, ignoreBounds=True)
            ticks += [(y + HIGH / 2, f"{letter(device, document.devices)} {device}") for device, y in tops.items()]
            self._add_title(top - 0.08, look)
        left = self.plot.getAxis("left")
        left.setTicks([ticks])
        metrics = QFontMetrics(self._theme.font(0.9))
        left.setWidth(max(metrics.horizontalAdvance(text) for _, text in ticks) + 16)
        self.plot.getAxis("bottom").setLabel(f"Time (ms, {formatting.origin(document.origin)})", color=look.text.name())
        self.plot.getViewBox().setYRange(-0.05, 2 * group - 0.1, padding=0)
        self._show()
        if self._whole:
            self._whole = False
            self.fit()
        self._take_selection()

    def _room(self) -> float:
        """What a title needs above its lanes, in lanes: more where many lanes share a low panel."""
        high, title = float(self.plot.getViewBox().height()), QFontMetrics(self._theme.font(0.9)).height() + TITLE
        lanes = len(self._document.devices) * PITCH + APART
        if high < 4 * title:
            return LEAST
        return max(LEAST, (0.08 * high + 2 * title * lanes) / (high - 2 * title))

    def _resized(self) -> None:
        """Another size leaves the titles less room, or more."""
        if self.lanes and abs(self._room() - self._gap) > 0.05:
            self._draw()
        elif self.lanes:
            self._show()

    def _take_edit(self, _names: tuple[str, ...]) -> None:
        self._show()

    def _show(self) -> None:
        """Show the assignment as it is in the lanes that are there; axes and lanes stay."""
        prediction, run = self._document.prediction, self.run
        self._stale = self._stale or not self.isVisible()
        if self._stale or prediction is None or not self.lanes:
            return
        found = predicted(prediction), measured(run) if run else Schedule.nothing()
        expected = (f"{formatting.ms(found[0].end)}, {self._document.times_are}",)
        texts = expected, run_titles(run, found[1].end) if run else (NO_RUN,)
        for title, wordings, said, lanes, blocks in zip(TITLES, texts, self._titles, self.lanes, found, strict=True):
            lanes.show_blocks(blocks)
            text = self._fitting(tuple(f"{title}: {one}" for one in wordings))
            if said.toPlainText() != text:
                said.setText(text)
        end = max(lane.blocks.end for lane in self.lanes if lane.blocks)
        if not 0.95 * self._end <= end <= 1.05 * self._end:  # other limits have the axis worked out again
            self._end = end
            self.plot.getViewBox().setLimits(xMin=-0.03 * end, xMax=1.25 * end)

    def _fitting(self, texts: tuple[str, ...]) -> str:
        """The first that fits over the lanes, or what fits of the last."""
        room, metrics = self.plot.getViewBox().width() - 2 * TITLE, QFontMetrics(self._theme.font(0.9))
        found = next((text for text in texts if metrics.horizontalAdvance(text) <= room), texts[-1])
        return metrics.elidedText(found, Qt.TextElideMode.ElideRight, max(round(room), 40))

    def _add_title(self, y: float, look: Look) -> None:
        item = pg.TextItem("", color=look.muted, anchor=(0, 1))
        item.setFont(self._theme.font(0.9))
        item.setPos(0, y)
        self._titles.append(item)
        self.plot.addItem(item, ignoreBounds=True)

    def _take_selection(self) -> None:
        places = self._chosen()
        for lanes in self.lanes:
            lanes.choose(places)

    def block_at(self, spot: QPointF) -> Block | None:
        """The block under a point of the plot's widget."""
        at = self.plot.getViewBox().mapSceneToView(self.plot.mapToScene(spot.toPoint()))
        return next((block for lanes in self.lanes if (block := lanes.block_at(at.x(), at.y()))), None)

    def describe(self, block: Block) -> str:
        """What the hover card of a block says, as rich text."""
        graph = self._document.graph
        if graph is None:
            return ""
        if block.source:
            ms = f"{formatting.number(block.ms, 4)} ms"
            way, before = f"{block.source} → {block.device}", graph.layers[block.first].name
            return (
                f"<p><b>{hover_card.plain(way)}</b></p><p>{hover_card.plain(block.title)}: {ms}, "
                f"before {hover_card.plain(before)}</p>"
            )
        if block.first == block.last:
            return hover_card.layer_card(self._document, graph.layers[block.first].name)
        layers = formatting.counted(len(block.places), "layer")
        said = f"{layers} on {hover_card.plain(block.device)}: {formatting.number(block.ms, 4)} ms"
        return f"<p><b>{hover_card.plain(block.title)}</b></p><p>{said}</p>"

    def _click(self, event: object) -> None:
        if event.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        block = self.block_at(QPointF(self.plot.mapFromScene(event.scenePos())))  # type: ignore[attr-defined]
        graph = self._document.graph
        if block is not None and graph is not None:
            self._document.select(graph.layers[place].name for place in block.places)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the hover card of the block under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            block = self.block_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.describe(block) if block else "", self.plot)
            return True
        return super().eventFilter(watched, event)


def run_titles(run: Run, end: float) -> tuple[str, ...]:
    """A run's median within its interval, and what its segments' medians add up to, if not to that; longest first."""
    start = run.steadiness.warmup if run.steadiness else 0
    whole = summarize(run.samples_ms[start:] or run.samples_ms or (end,))
    runs = f"{formatting.counted(whole.samples, 'run')} alone"
    sure = f"{formatting.covering(whole.samples)} {formatting.interval(whole.low, whole.high)}, "
    span = f"{sure if whole.samples > 1 else ''}{runs}"
    same = formatting.ms(end) == formatting.ms(whole.median)
    sum_ = "" if same else f"; segments and switches add up to {formatting.ms(end)}"
    short = f"{formatting.ms(whole.median)}, {formatting.origin(run.board.origin)}"
    return f"{short} ({span}{sum_})", f"{short} ({span})", f"{short} ({runs})", short
