"""The refinement panel: what each step planned, measured, changed and learned; any step can be loaded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from layerswitch.experiments.comparison_sentences import of_profile
from layerswitch.experiments.results import other_profile
from layerswitch.measurement.statistics import FEWEST, sentence

from ...document.document import Document
from ...jobs.refinement import Refining
from ...widgets import formatting
from ...widgets.column_fitter import Narrow
from ...widgets.commands import Command, Commands
from ...widgets.deferred_panel import DeferredPanel
from ...widgets.makers import button
from ...widgets.text_safety import one_line, wrapped

if TYPE_CHECKING:
    from layerswitch.experiments.refine import Refinement, Step
    from layerswitch.experiments.results import Comparison

COLUMNS = (
    "Step",
    "Predicted",
    "Measured",
    "95 % interval",
    "Gain",
    "Gain, 95 %",
    "Changed",
    "Learned corrections",
)
NOTHING = (
    "Refine (F9) measures the plan, corrects transfer costs and layer times by it, and plans again until the plan "
    "no longer changes. It needs a profile (F5)."
)
CORRECTIONS = 150  # pixels that corrections need to be of use
NAMED, MOST = 1, 60  # changed layers listed by name, in the cell and in its tooltip


class RefiningPanel(DeferredPanel):
    """A row for each step. `commands` are its actions by name, for the menus."""

    def __init__(self, document: Document, refining: Refining, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Refinement")
        self._document, self._refining = document, refining
        self.says = QLabel(NOTHING)
        self.says.setWordWrap(True)
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.setAccessibleName("What refining came to")
        self.says.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.says.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setAccessibleName("Steps of the refinement")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        less = [COLUMNS.index(title) for title in ("95 % interval", "Gain, 95 %", "Predicted")]
        self._narrow = Narrow(self.table, (*less, len(COLUMNS) - 1), len(COLUMNS) - 1, CORRECTIONS)
        self.table.cellDoubleClicked.connect(lambda *_cell: self.load_step())
        self.table.itemSelectionChanged.connect(self._enable)
        self.load = button("Load the result", "Edit the fastest assignment measured", self.load_result)
        self.step = button(
            "Load the step", "Edit the chosen step's assignment (double-click does the same)", self.load_step
        )
        self.select = button(
            "Select what changed", "Select the layers the chosen step put elsewhere", self.select_changed
        )
        self.commands = Commands(self, "refinement", (
            Command("load", "Load the refined assignment", "Ctrl+Shift+Return", "Edit the fastest assignment measured",
                    self.load_result),
            Command("step", "Load the chosen step", "Ctrl+Return", "Edit the chosen step's assignment", self.load_step),
            Command("changed", "Select what the step changed", "Alt+Shift+S",
                    "Select the layers the chosen step put elsewhere than the one before", self.select_changed),
        ))  # fmt: skip
        buttons = QHBoxLayout()
        for one in (self.load, self.step, self.select):
            buttons.addWidget(one)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.says)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        refining.changed.connect(self.outdated)
        document.profile_changed.connect(self.outdated)
        self.refresh()

    def refresh(self) -> None:
        """Show the refinement as it is."""
        found = self._refining.refinement
        text = _sentence(found, self._refining.comparisons) if found else NOTHING
        beside = of_profile(other_profile(found, self._document.profile)) if found else ""
        self.says.setText(f"{text} {beside}".strip())
        steps = found.steps if found else ()
        self.table.setRowCount(len(steps))
        self.table.setVisible(bool(steps))
        for row, step in enumerate(steps):
            for column, text in enumerate(_cells(row, step)):
                item = QTableWidgetItem(text)
                tip = _tip(COLUMNS[column], step) or text or "–"
                item.setToolTip(wrapped(tip))
                self.table.setItem(row, column, item)
        if steps:
            self.table.selectRow(len(steps) - 1)
            self._narrow.fit()
        self._enable()

    def _enable(self) -> None:
        step, there = self._step(), self._refining.refinement is not None
        able = {"load": there, "step": step is not None, "changed": step is not None and bool(step.changed)}
        for name, one in (("load", self.load), ("step", self.step), ("changed", self.select)):
            one.setEnabled(able[name])
            self.commands[name].setEnabled(able[name])

    def _step(self) -> "Step | None":
        found, row = self._refining.refinement, self.table.currentRow()
        return found.steps[row] if found and 0 <= row < len(found.steps) else None

    def load_result(self) -> None:
        """Edit the fastest assignment measured; one undoable step."""
        if found := self._refining.refinement:
            self._document.load(found.plan.assignment, f"Load {found.plan.name}")

    def load_step(self) -> None:
        """Edit the chosen step's assignment; one undoable step."""
        if step := self._step():
            self._document.load(step.assignment, f"Load step {self.table.currentRow() + 1} of the refinement")

    def select_changed(self) -> None:
        """Select the layers that the chosen step put elsewhere than the one before."""
        if step := self._step():
            self._document.select(step.changed)


def _cells(row: int, step: "Step") -> tuple[str, ...]:
    ms = step.measured_ms
    moved = ", ".join(f"{one_line(layer)} → {step.assignment[layer]}" for layer in step.changed[:NAMED])
    if len(step.changed) > NAMED:
        moved = f"{formatting.counted(len(step.changed), 'layer')}: {moved} …"
    few = "" if ms.samples >= FEWEST else " (range)"
    return (
        str(row + 1),
        formatting.ms(step.predicted_ms),
        formatting.ms(ms.median),
        formatting.interval(ms.low, ms.high).removesuffix(" ms") + few,
        formatting.percent(step.gain.median, signed=True) if step.gain else "",
        formatting.between(step.gain.low, step.gain.high) if step.gain else "",
        moved or ("first plan" if row == 0 else "nothing"),
        _learnt(step),
    )


def _learnt(step: "Step") -> str:
    """What the profile's times are to be taken as."""
    devices = [f"{device} × {factor:.3f}" for device, factor in step.device_factors.items()]
    ways = [
        f"{way.replace(':', '→')} × {factor:.2f}{_added(step.transfer_added_ms.get(way, 0.0))}"
        for way, factor in step.transfer_factors.items()
    ]
    return ", ".join(devices + ways)


def _tip(column: str, step: "Step") -> str:
    """What a cell has no room for."""
    if column == "Changed":
        more = f" … and {len(step.changed) - MOST} more" if len(step.changed) > MOST else ""
        changed = ", ".join(step.changed[:MOST]) + more
        return f"{changed or 'nothing changed'}. Learned corrections: {_learnt(step)}"
    if column == "Measured":
        ms = step.measured_ms
        return f"{formatting.covering(ms.samples)} {formatting.interval(ms.low, ms.high)}"
    if column.startswith("Gain"):
        what = "over the better baseline of the same rounds; the step's intervals hold together with 95 %"
        return f"{formatting.gain(step.gain)} {what}" if step.gain else "The plan is the better baseline itself"
    return ""


def _added(ms: float) -> str:
    """What each transfer takes beside its cost; a thousandth of a ms is nothing."""
    return f" + {formatting.ms(ms)}" if ms >= 0.001 else ""


def _sentence(found: "Refinement", comparisons: "Sequence[Comparison]") -> str:
    """How it ended, what it came to, and whether that is faster than the better baseline."""
    ms, word = found.measured_ms, formatting.origin(found.board.origin)
    steps = f"{len(found.steps)} of at most {formatting.counted(found.limit, 'step')}"
    end = f"The plan no longer changes after {steps}" if found.stands else f"The plan still changes after {steps}"
    text = found.plan.letters
    shown = f" ({text})" if len(text) <= 40 else ""
    rounds = formatting.counted(ms.samples, "round")
    sure = f"{formatting.covering(ms.samples)} {formatting.interval(ms.low, ms.high)}, " if ms.samples > 1 else ""
    took = f"{formatting.ms(ms.median)} ({sure}{rounds}, {word})"
    whole = f"{end}. The fastest measured, kept as {found.plan.name}{shown}, takes {took}."
    return f"{whole} {_against(found, comparisons)}".strip()


def _against(found: "Refinement", comparisons: "Sequence[Comparison]") -> str:
    """What the last comparison it was in shows of the refined assignment, in the library's words."""
    for compared in reversed(comparisons):
        for entry in compared.entries:
            if entry.assignment == found.plan.assignment:
                if entry.verdict == "reference":
                    return f"It is {entry.name} alone, the better baseline itself."
                if entry.gain is None:
                    return ""
                said = sentence(found.plan.name, compared.reference, entry.gain, entry.verdict, entry.more_rounds)
                return f"{said[0].upper()}{said[1:]}."
    return f"Gain over the better baseline: {formatting.gain(found.gain)}." if found.gain else ""
