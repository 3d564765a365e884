"""Workbench: what people can have done (open, profile, plan, rerun, compare), as jobs that feed the document."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from layerswitch.boards.progress import Progress
from layerswitch.errors import CancelledError, LayerSwitchError
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.session import is_session

from ..document import session_files
from ..document.document import Document
from ..widgets import formatting
from .lazy_library import Services
from .runner import AnyJob, Job, JobRunner, Report, T, Task

if TYPE_CHECKING:
    from layerswitch.boards.registry import BoardEntry
    from layerswitch.experiments.results import Comparison, Run
    from layerswitch.measurement.profile import Profile
    from layerswitch.measurement.sample_summary import Interval
    from layerswitch.network.assignment import Assignment
    from layerswitch.network.graph import Level
    from layerswitch.network.model import Model
    from layerswitch.planner.plan import Plan
    from layerswitch.planner.switch_curve import CurvePoint

    Measured = tuple[Run, Interval, LayerSwitchError | None]

BOARD, OPEN, PLAN, CURVE = "board", "open", "plan", "curve"  # lanes: a board measures one thing at a time


class Workbench(QObject):
    """Runs the work people ask for. Nothing here blocks; results reach the document, errors `failed`."""

    failed = Signal(str, object)  # title of the work, the exception
    opened = Signal()
    profiled = Signal()
    planned = Signal()
    compared = Signal()

    def __init__(self, document: Document, services: Services | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.services = services or Services()
        self.runner = JobRunner(self)
        self.level: Level = "layer"  # what the next network's layers are
        self.profile_runs, self.runs, self.rounds, self.seed = 20, 20, 20, 0

    @property
    def measuring(self) -> bool:
        """Whether the board has something to do."""
        return self.runner.busy(BOARD)

    def choose_board(self, entry: "BoardEntry") -> None:
        """Measure on this board from now on; stops what the last one is doing."""
        if entry != self.document.entry:
            self._stop_measuring()
            self.document.choose_board(entry)

    def open_model(self, source: str | Path, input_shapes: Mapping[str, tuple[int, ...]] | None = None) -> AnyJob:
        """Open a bundled network or a model file; the last one asked for wins."""
        name = Path(source).name if isinstance(source, Path) or Path(source).suffix else str(source)

        level = self.level

        def task(report: Report, _cancel: threading.Event) -> "Model":
            report(Progress(0, 0, f"reading {name}"))
            return self.services.open_model(source, input_shapes=input_shapes).regrouped(level)

        def show(model: "Model") -> None:
            self._stop_measuring()
            self.document.open(model, source=str(source))
            self._next_turn(title, self.opened.emit)

        title = f"Open {name}"
        return self._work_out(title, task, show, OPEN)

    def regroup(self, level: "Level") -> AnyJob | None:
        """Show the open network, and those opened later, at another level; its profile goes: it was of other layers."""
        document, self.level = self.document, level
        model, source = document.model, document.source
        if model is None or model.graph.level == level:
            return None
        generation, title = document.generation, f"Group {model.graph.name} by {level}"

        def task(report: Report, _cancel: threading.Event) -> "Model":
            report(Progress(0, 0, "regrouping"))
            return model.regrouped(level)

        def show(regrouped: "Model") -> None:
            measured = document.profile is not None
            self._stop_measuring()
            document.open(regrouped, source=source)
            self._next_turn(title, self.opened.emit)
            if measured:
                document.notice.emit(f"Profile again (F5): times are taken {level} by {level}")

        return self._work_out(title, task, show, OPEN, lambda: document.generation == generation)

    def recover_session(self, path: str) -> AnyJob:
        """Open what a crash left, as unsaved work without a file of its own."""
        return self.open_session(path, recovered=True)

    def open_session(self, path: str, *, recovered: bool = False) -> AnyJob:
        """Open a session or a profile; what it refers to and cannot be found is said, the rest is shown."""
        title = "Recover the last session" if recovered else f"Open {Path(path).name}"

        def task(report: Report, _cancel: threading.Event) -> tuple[dict[str, Any], LayerSwitchError | None]:
            report(Progress(0, 0, f"reading {Path(path).name}"))
            return session_files.read(path, self.services)

        def show(result: tuple[dict[str, Any], LayerSwitchError | None]) -> None:
            state, trouble = result
            self._stop_measuring()
            self.level = state["graph"].level
            self.document.restore(path=path if is_session(path) and not recovered else "", **state)
            if recovered:
                self.document.mark_recovered()
            self._next_turn(title, self.opened.emit)
            if trouble is not None:
                self.failed.emit(title, trouble)
            elif state["model"] is None:
                self.document.notice.emit("Shown as measured: without the model file nothing can be measured again")
            if state["plan"] is None and state["profile"] is not None:
                self.plan(first=True)

        return self._work_out(title, task, show, OPEN)

    def profile(self) -> AnyJob | None:
        """Measure every layer on every device of the board, then plan."""
        document = self.document
        model, entry = document.model, document.entry
        if model is None or entry is None:
            return None
        settings = ProfileSettings(runs=self.profile_runs, seed=self.seed)

        def task(report: Report, cancel: threading.Event) -> "tuple[Profile, LatencyModel]":
            report(Progress(0, 0, f"connecting to {entry.title}"))
            with self.services.connect(entry) as board:
                profile = board.profile(model, settings, progress=report, cancel=cancel).whole()
            return profile, LatencyModel.from_profile(profile)

        def show(result: "tuple[Profile, LatencyModel]") -> None:
            document.set_profile(*result)
            self.profiled.emit()
            self.plan(first=True)

        return self._measure(f"Profile {model.graph.name} on {entry.title}", task, show)

    def plan(self, *, first: bool = False) -> AnyJob | None:
        """Find the optimum of the open profile around the pins."""
        document = self.document
        latency, profile, pins = document.latency, document.profile, dict(document.pins)
        if latency is None or profile is None:
            return None

        def task(report: Report, _cancel: threading.Event) -> "tuple[Plan, Assignment]":
            report(Progress(0, 0, "finding the best assignment"))
            return self.services.plan(latency, profile.board, pins=pins), self.services.greedy(latency)

        def show(found: "tuple[Plan, Assignment]") -> None:
            document.set_plan(*found, undoable=not first)
            self.planned.emit()

        return self._work_out("Plan", task, show, PLAN, lambda: document.latency is latency)

    def what_if(self, factor: float) -> AnyJob | None:
        """Predict and plan as if every transfer cost `factor` times what the profile says; 1 goes back to that."""
        document = self.document
        profile, pins = document.profile, dict(document.pins)
        if profile is None:
            return None

        def task(report: Report, _cancel: threading.Event) -> "tuple[LatencyModel, Plan]":
            report(Progress(0, 0, f"transfer cost ×{factor:g}"))
            latency = LatencyModel.from_profile(profile, transfer_factor=factor)
            return latency, self.services.plan(latency, profile.board, pins=pins)

        def show(found: "tuple[LatencyModel, Plan]") -> None:
            if factor == 1:
                document.end_what_if()
            else:
                document.ask_what_if(factor, *found)

        return self._work_out(
            "What if", task, show, PLAN, lambda: document.profile is profile and document.actual_plan is not None
        )

    def curve(self, show: "Callable[[tuple[CurvePoint, ...]], None]") -> AnyJob | None:
        """Work out the best plan for each number of switches, around the pins, and show it."""
        document = self.document
        latency, pins = document.latency, dict(document.pins)
        if latency is None:
            return None

        def task(report: Report, _cancel: threading.Event) -> "tuple[CurvePoint, ...]":
            report(Progress(0, 0, "one plan for each number"))
            return self.services.switch_curve(latency, pins=pins)

        return self._work_out("Best plan by switches", task, show, CURVE, lambda: document.latency is latency)

    def rerun(self) -> AnyJob | None:
        """Run the current assignment on the board."""
        document = self.document
        model, entry, assignment = document.model, document.entry, document.assignment
        if model is None or entry is None:
            return None
        known, created = document.known_as(assignment), document.profile.created if document.profile else ""
        name = known.name

        def task(report: Report, cancel: threading.Event) -> "Measured":
            report(Progress(0, 0, f"connecting to {entry.title}"))
            with self.services.connect(entry) as board:
                outcome = board.run(
                    model, assignment, runs=self.runs, seed=self.seed, name=name, progress=report, cancel=cancel
                )
            run = replace(outcome.part(), kind=known.kind, profile_created=created)
            run, summary = self.services.steadied(run)
            return run, summary, outcome.error

        def show(result: "Measured") -> None:
            run, summary, error = result
            document.add_run(run, summary)
            self.say_incomplete(title, error, f"{formatting.counted(len(run.samples_ms), 'run')} kept")

        title = f"Run {name} {self.runs} times on {entry.title}"

        return self._measure(title, task, show, keeps=True)

    def compare(self, limit: int | None = None) -> AnyJob | None:
        """Measure the baselines, the optimum and the current assignment against each other, interleaved.

        With a `limit`, until it is decided which are faster, in at most that many rounds.
        """
        document = self.document
        model, entry, latency = document.model, document.entry, document.actual_latency
        if model is None or entry is None:
            return None
        assignments, created = self.candidates(), document.profile.created if document.profile else ""

        def task(report: Report, cancel: threading.Event) -> "tuple[Comparison, LayerSwitchError | None]":
            report(Progress(0, 0, f"connecting to {entry.title}"))
            with self.services.connect(entry) as board:
                outcome = self.services.compare(
                    board,
                    model,
                    assignments,
                    predicted=latency,
                    rounds=limit or self.rounds,
                    seed=self.seed,
                    until_decided=limit is not None,
                    profile_created=created,
                    progress=report,
                    cancel=cancel,
                )
            return outcome.part(), outcome.error

        def show(result: "tuple[Comparison, LayerSwitchError | None]") -> None:
            comparison, error = result
            document.set_comparison(comparison)
            self.compared.emit()
            self.say_incomplete(title, error, f"{formatting.counted(comparison.rounds, 'round')} kept")

        title = f"Compare assignments on {entry.title}"
        return self._measure(title, task, show, keeps=True)

    def candidates(self) -> list[NamedAssignment]:
        """What a comparison measures beside the baselines: every named assignment, and the current one if new."""
        document = self.document
        every = dict.fromkeys([*(one.assignment for one in document.named), document.assignment])
        alone = [dict.fromkeys(document.assignment, device) for device in document.devices]
        return [document.known_as(assignment) for assignment in every if assignment not in alone]

    def _work_out(
        self, title: str, task: Task[T], show: Callable[[T], None], lane: str, wanted: Callable[[], bool] = lambda: True
    ) -> Job[T]:
        """What needs no board, in a lane of which the last one asked for wins."""
        failed = partial(self.failed.emit, title)
        return self.runner.submit(title, task, on_result=show, on_error=failed, lane=lane, replace=True, wanted=wanted)

    def _measure(self, title: str, task: Task[T], show: Callable[[T], None], *, keeps: bool = False) -> Job[T]:
        generation = self.document.generation
        return self.runner.submit(
            title,
            task,
            on_result=show,
            on_error=partial(self.failed.emit, title),
            lane=BOARD,
            wanted=lambda: self.document.generation == generation,
            keeps=keeps,
        )

    def _next_turn(self, title: str, call: Callable[[], None]) -> None:
        """Go on in the event loop's next turn, as a part of the opening: what comes before may take its whole turn."""
        self.runner.submit(title, lambda _report, _cancel: None, on_result=lambda _none: call(), lane=OPEN)

    def say_incomplete(self, title: str, error: LayerSwitchError | None, kept: str) -> None:
        """After a measurement that did not come to its end: say why, and what there is all the same."""
        if isinstance(error, CancelledError):
            self.document.notice.emit(f"Stopped: {kept}")
        elif error is not None:
            self.failed.emit(title, error)

    def _stop_measuring(self) -> None:
        for job in [job for job in self.runner.jobs if job.lane in (BOARD, PLAN)]:
            self.runner.cancel(job)


def explain(error: BaseException) -> tuple[str, str, str]:
    """What, where and hint of an exception, for people; an unforeseen one says so and asks for a report."""
    if isinstance(error, LayerSwitchError):
        return error.what, error.where, error.hint
    text = f"{type(error).__name__}: {error}"
    return "Unexpected error", text, "copy the details and report them; your work is kept"
