"""Refining: plan, run, learn and plan again on the board, as a job; and what came of it."""

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from layerswitch.errors import CancelledError, LayerSwitchError
from layerswitch.experiments.results import Comparison

from ..widgets import formatting
from .runner import Job, Progress, Report
from .workflow import BOARD, Workbench, kept

if TYPE_CHECKING:
    from layerswitch.experiments.refine import Refinement

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

    def start(self) -> Job | None:
        """Refine the plan of the open profile, around the pins, with all runs of it so far to learn from."""
        document, bench = self._document, self._bench
        model, entry, profile, pins = document.model, document.entry, document.profile, dict(document.pins)
        if model is None or entry is None or profile is None:
            document.notice.emit("Profile the network first (F5): refining begins with its plan")
            return None
        runs, rounds, seed = document.runs, bench.rounds, bench.seed
        compared: list[Comparison] = []

        def task(report: Report, cancel: threading.Event) -> Any:
            report(Progress(0, 0, f"connecting to {entry.title}"))
            options = {"pins": pins, "rounds": rounds, "limit": STEPS, "runs": runs, "seed": seed}
            with bench.services.connect(entry) as board:
                found, error = kept(
                    lambda: bench.services.refine(
                        board,
                        model,
                        profile,
                        keep=lambda _number, comparison: compared.append(comparison),
                        progress=report,
                        cancel=cancel,
                        **options,
                    )
                )
            return found, error, cancel.is_set()

        def show(result: "tuple[Refinement | Comparison, LayerSwitchError | None, bool]") -> None:
            found, error, stopped = result
            if isinstance(found, Comparison):  # lost in the first step: there is nothing to learn from yet
                document.set_comparison(found)
                bench.said(title, error, f"{formatting.counted(found.rounds, 'round')} kept")
                return
            self.comparisons = compared
            for comparison in compared[-1:]:
                document.set_comparison(comparison)
            document.keep_refined(found.plan.assignment)
            self.take(found)
            self.refined.emit()
            steps = f"{formatting.counted(len(found.steps), 'step')} kept"
            bench.said(title, error or (CancelledError("the refinement was stopped") if stopped else None), steps)

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
