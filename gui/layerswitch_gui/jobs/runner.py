"""Background work: one runner, jobs with an id, throttled progress, cancel, and results on the interface thread."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from layerswitch.boards.progress import Progress
from layerswitch.errors import CancelledError

VIEWS, AUTOSAVE, EXPLAIN = "views", "autosave", "explain"
ANSWERS = "answers"  # which boards answer
STABILITY = "stability"  # shown and stopped like people's own work, but nothing is lost with it
QUIET = (VIEWS, AUTOSAVE, EXPLAIN, ANSWERS)
"""Lanes of the window's own work: not shown, not stopped by people, not asked about when the window closes."""

TICK_MS = 50  # progress reaches the window at most 20 times a second


T = TypeVar("T")
Report = Callable[[Progress], None]
Task = Callable[[Report, threading.Event], T]
"""What a job does, on a thread of its own: (progress, cancel) -> result."""
NOT_BEGUN = Progress(0, 0, "")


@dataclass(eq=False)
class Job(Generic[T]):
    """One piece of work with a result of type T; for the interface thread only, but for `run`.

    `state` is "waiting", "running", "cancelling" or "ended".
    """

    title: str
    task: Task[T]
    on_result: Callable[[T], None]
    on_error: Callable[[BaseException], None]
    lane: str
    wanted: Callable[[], bool]
    keeps: bool
    id: int = field(default_factory=partial(next, count(1)))
    state: str = "waiting"
    progress: Progress = NOT_BEGUN
    cancel_event: threading.Event = field(default_factory=threading.Event)
    started: float = 0.0

    def run(self, report: Report) -> Callable[[], None]:
        """Do the work, on a thread of its own; what is returned hands the result over, on the interface thread."""
        result = self.task(report, self.cancel_event)
        return lambda: self.on_result(result)

    @property
    def seconds_left(self) -> float | None:
        """An estimate from how long the part done so far took; None when nothing is known yet."""
        done, total = self.progress.done, self.progress.total
        if self.state != "running" or not 0 < done <= total:
            return None
        elapsed = time.monotonic() - self.started
        return elapsed * (total - done) / done if elapsed > 0.5 else None


AnyJob = Job[Any]
"""A job of which only its course matters, not what comes of it."""


class _Worker(QThread):
    ended = Signal(int)

    def __init__(self, job: AnyJob, parent: QObject) -> None:
        super().__init__(parent)
        self.job = job
        self.latest: Progress | None = None  # written by the thread, read by the runner's clock
        self.deliver: Callable[[], None] | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.deliver = self.job.run(self._report)
        except BaseException as error:  # delivered to the interface thread, whatever it is
            self.error = error
        self.ended.emit(self.job.id)

    def _report(self, progress: Progress) -> None:
        self.latest = progress


class JobRunner(QObject):
    """Runs jobs. In each lane one job at a time runs, later ones wait; a job's result is dropped when not wanted.

    `changed` says that some job started, went on, or ended: `jobs` are the ones that have not ended.
    """

    changed = Signal()
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[AnyJob] = []
        self._workers: dict[int, _Worker] = {}
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)

    def submit(
        self,
        title: str,
        task: Task[T],
        *,
        on_result: Callable[[T], None] = lambda _result: None,
        on_error: Callable[[BaseException], None] = lambda _error: None,
        lane: str = "",
        replace: bool = False,
        wanted: Callable[[], bool] = lambda: True,
        keeps: bool = False,
    ) -> Job[T]:
        """Queue a job; its callbacks are called on the interface thread. `replace` cancels the lane's earlier jobs.

        What a cancelled job still returns is dropped, unless it `keeps` what it had done by then.
        """
        if replace:
            for earlier in [job for job in self.jobs if job.lane == lane]:
                self.cancel(earlier)
        job = Job(title, task, on_result, on_error, lane, wanted, keeps)
        self.jobs.append(job)
        self._start_waiting()
        self.changed.emit()
        return job

    @property
    def work(self) -> list[AnyJob]:
        """The jobs that people asked for."""
        return [job for job in self.jobs if job.lane not in QUIET]

    def busy(self, lane: str) -> bool:
        """Whether a job of the lane has not ended."""
        return any(job.lane == lane for job in self.jobs)

    def cancel(self, job: AnyJob) -> None:
        """Ask a job to stop; a waiting one ends at once."""
        job.cancel_event.set()
        if job.state == "waiting":
            job.state = "ended"
            self.jobs.remove(job)
        elif job.state == "running":
            job.state = "cancelling"
        self.changed.emit()

    def cancel_all(self) -> None:
        """Ask every job that people asked for to stop."""
        for job in self.work:
            self.cancel(job)

    def shut_down(self) -> None:
        """Stop everything and wait for the threads; their results are dropped. For the end of the window."""
        for job in list(self.jobs):
            self.cancel(job)
        for worker in self._workers.values():
            worker.ended.disconnect()
            worker.wait()
            worker.deleteLater()
        self._workers.clear()
        self.jobs.clear()
        self._clock.stop()

    def _start_waiting(self) -> None:
        active = {job.lane for job in self.jobs if job.state in ("running", "cancelling")}
        for job in self.jobs:
            if job.state == "waiting" and (not job.lane or job.lane not in active):
                active.add(job.lane)
                job.state, job.started = "running", time.monotonic()
                worker = _Worker(job, self)
                self._workers[job.id] = worker
                worker.ended.connect(self._end, Qt.ConnectionType.QueuedConnection)
                worker.start()
                if not self._clock.isActive():
                    self._clock.start()

    def _tick(self) -> None:
        for worker in self._workers.values():
            if worker.latest is not None:
                worker.job.progress, worker.latest = worker.latest, None
        self.changed.emit()

    def _end(self, number: int) -> None:
        worker = self._workers.pop(number, None)
        if worker is None:  # ended while the window was shutting down
            return
        job = worker.job
        worker.wait()
        cancelled, deliver, error = job.state == "cancelling", worker.deliver, worker.error
        worker.deleteLater()
        job.state = "ended"
        self.jobs.remove(job)
        self._start_waiting()
        if not self._workers:
            self._clock.stop()
        self.changed.emit()
        if job.wanted() and deliver is not None and (job.keeps or not cancelled):
            deliver()
        elif job.wanted() and error is not None and not cancelled and not isinstance(error, CancelledError):
            job.on_error(error)
        if not self.jobs:
            self.idle.emit()
