"""Refining: plan, run, learn and plan again on the board, as a job; and what came of it."""

import threading
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from layerswitch.boards.progress import Progress
from layerswitch.experiments.results import Comparison

from ..widgets import formatting
from .runner import AnyJob, Report
from .workflow import BOARD, Workbench

if TYPE_CHECKING:
    from layerswitch.experiments.refine import Refinement
    from layerswitch.outcome import Outcome

STEPS = 6  # at most


class Refining(QObject):
    """Holds the last refinement of the open network. A stopped one has the steps it completed."""

    changed = Signal()
    refined = Signal()  # there is a new one to look at

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._document = workbench, workbench.document
        self.refinement: Refinement | None = None
        self.comparisons: list[Comparison] = []  # of each step
        self._document.graph_changed.connect(lambda: self.take(None))

    def take(self, refinement: "Refinement | None") -> None:
        """Show another refinement, or none."""
        if refinement is not self.refinement:
            self.refinement = refinement
            self.changed.emit()

    def start(self) -> AnyJob | None:
        """Refine the plan of the open profile, around the pins, with all runs of it so far to learn from."""
        document, bench = self._document, self._bench
        model, entry, profile, pins = document.model, document.entry, document.profile, dict(document.pins)
        if model is None or entry is None or profile is None:
            document.notice.emit("Profile the network first (F5): refining begins with its plan")
            return None
        runs, rounds, seed = document.runs, bench.rounds, bench.seed
        compared: list[Comparison] = []

        def task(report: Report, cancel: threading.Event) -> "Outcome[Refinement]":
            report(Progress(0, 0, f"connecting to {entry.title}"))
            with bench.services.connect(entry) as board:
                outcome = bench.services.refine(
                    board,
                    model,
                    profile,
                    pins=pins,
                    rounds=rounds,
                    limit=STEPS,
                    runs=runs,
                    seed=seed,
                    keep=lambda _number, comparison: compared.append(comparison),
                    progress=report,
                    cancel=cancel,
                )
            if not compared:  # there is nothing to show
                outcome.part()
            return outcome

        def show(outcome: "Outcome[Refinement]") -> None:
            found, error = outcome.value, outcome.error
            if found is None:  # lost in the first step: there is nothing to learn from yet
                document.set_comparison(compared[0])
                bench.say_incomplete(title, error, f"{formatting.counted(compared[0].rounds, 'round')} kept")
                return
            self.comparisons = compared
            for comparison in compared[-1:]:
                document.set_comparison(comparison)
            document.keep_refined(found.plan.assignment)
            self.take(found)
            self.refined.emit()
            steps = f"{formatting.counted(len(found.steps), 'step')} kept"
            bench.say_incomplete(title, error, steps)

        title = f"Refine the plan on {entry.title}"
        generation = document.generation
        return bench.runner.submit(
            title,
            task,
            on_result=show,
            on_error=partial(bench.failed.emit, title),
            lane=BOARD,
            wanted=lambda: document.generation == generation,
            keeps=True,
        )
