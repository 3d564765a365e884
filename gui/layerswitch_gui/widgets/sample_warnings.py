"""Warm-up, drift and outliers beside what was measured: the library's sentences, of the samples as they were taken.

A profile's own come last: runs and comparisons are what a person has just asked for.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from layerswitch.boards import condition_warnings
from layerswitch.experiments.results import Run
from layerswitch.measurement import profile_diagnostics
from layerswitch.measurement.statistics import Note, notes
from layerswitch.network.assignment import Assignment

from ..document.document import Document
from . import formatting
from .text_safety import wrapped

STEADY = "The samples are steady: no warm-up, drift or outliers seen"


class SteadinessNote(QLabel):
    """One line; all of it stands in the tooltip and the accessible description."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("Warm-up, drift and outliers")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for signal in (
            document.graph_changed,
            document.comparison_changed,
            document.runs_changed,
            document.profile_changed,
        ):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say what is known of the comparison's and the last run's samples."""
        lines = warning_lines(self._document)
        self.setText(
            lines[0] + (f" (and {len(lines) - 1} more: hover for them)" if len(lines) > 1 else "") if lines else ""
        )
        self.setToolTip(wrapped("\n".join(lines)))
        self.setAccessibleDescription(". ".join(lines))
        self.setVisible(bool(lines) and self.parentWidget() is not None)


def warning_lines(document: Document) -> list[str]:
    """How far measuring until decided came, and what was odd about the samples, drift first; [] if nothing was."""
    comparison = document.comparison
    said: list[Note] = []
    decided: list[str] = []
    for entry in comparison.entries if comparison else ():
        if entry.steadiness is not None:
            said += notes(entry.steadiness, len(entry.samples_ms), entry.name)
    if comparison is not None and comparison.decided is not None:
        end = "Decided" if comparison.decided else "Not decided"
        rounds = formatting.counted(comparison.rounds, "round")
        decided = [f"{end} after {rounds}, of {comparison.max_rounds} at most"]
    for run in document.runs[-1:]:
        said += of_run(run)
    checked = any(entry.steadiness for entry in comparison.entries) if comparison else False
    checked = checked or any(run.steadiness for run in document.runs[-1:])
    lines = _sorted(said) or ([STEADY] if checked else [])
    return decided + of_board(document) + lines + of_profile(document)


def of_profile(document: Document) -> list[str]:
    """What is odd about the profile: drift first, and what an imported one had to do without before all."""
    if document.profile is None:
        return []
    found = profile_diagnostics.unknown(document.profile) + _sorted(profile_diagnostics.unsteady(document.profile))
    return [f"Profile, {line}" for line in found]


def of_board(document: Document) -> list[str]:
    """What the board's state around comparison, profile and last run warns of: throttling, heat, other work."""
    rounds = document.comparison.conditions if document.comparison else ()
    measured = [("Profile", document.profile.conditions)] if document.profile else []
    measured += [(f"Run of {run.name}", run.conditions) for run in document.runs[-1:]]
    said = [f"Comparison: {warning.text}" for warning in condition_warnings.warnings_of_rounds(rounds)]
    return said + [
        f"{what}: {warning.text}"
        for what, conditions in measured
        for warning in condition_warnings.warnings(conditions)
    ]


def of_run(run: Run) -> tuple[Note, ...]:
    """What is odd about a run's samples."""
    return notes(run.steadiness, len(run.samples_ms), f"run of {run.name}") if run.steadiness else ()


def of_assignment(document: Document, assignment: Assignment) -> tuple[str, ...]:
    """What is odd about the samples last shown of an assignment: of the comparison if it is in it, else of its run."""
    for entry in document.comparison.entries if document.comparison else ():
        if assignment == entry.assignment:  # in this order nothing is copied: it is asked with every edit
            found = notes(entry.steadiness, len(entry.samples_ms), entry.name) if entry.steadiness else ()
            return tuple(note.text for note in found)
    last = next((run for run in reversed(document.runs) if assignment == run.assignment), None)
    return tuple(note.text for note in of_run(last)) if last else ()


def _sorted(found: list[Note]) -> list[str]:
    """The sentences: drift matters most, then warm-up; outliers are always kept."""
    return [note.text for note in sorted(found, key=lambda note: ("drift", "warm-up", "outliers").index(note.kind))]
