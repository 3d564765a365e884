"""Background work: one runner, jobs with an id, throttled progress, cancel, and results on the interface thread."""

import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from layerswitch.errors import CancelledError

VIEWS, AUTOSAVE, EXPLAIN = "views", "autosave", "explain"
ANSWERS = "answers"  # which boards answer
STABILITY = "stability"  # shown and stopped like people's own work, but nothing is lost with it
QUIET = (VIEWS, AUTOSAVE, EXPLAIN, ANSWERS)
"""Lanes of the window's own work: not shown, not stopped by people, not asked about when the window closes."""

TICK_MS = 50  # progress reaches the window at most 20 times a second


class Progress(NamedTuple):
    """How far a job is: the same three fields as `layerswitch.boards.board.Progress`."""

    done: float
    total: float
    text: str


Report = Callable[[Any], None]
Task = Callable[[Report, threading.Event], Any]
"""What a job does, on a thread of its own: (progress, cancel) -> result."""


class Job:
    """One piece of work; `state` is "waiting", "running", "cancelling" or "ended". For the interface thread only."""

    _numbers = count(1)

    def __init__(self, title: str, task: Task, lane: str, wanted: Callable[[], bool], keeps: bool) -> None:
        self.id = next(self._numbers)
        self.title, self.task, self.lane, self.wanted, self.keeps = title, task, lane, wanted, keeps
        self.state = "waiting"
        self.progress = Progress(0, 0, "")
        self.cancel_event = threading.Event()
        self.started = 0.0
        self.on_result: Callable[[Any], None] = lambda _result: None
        self.on_error: Callable[[BaseException], None] = lambda _error: None

    @property
    def seconds_left(self) -> float | None:
        """An estimate from how long the part done so far took; None when nothing is known yet."""
        done, total = self.progress.done, self.progress.total
        if self.state != "running" or not 0 < done <= total:
            return None
        elapsed = time.monotonic() - self.started
        return elapsed * (total - done) / done if elapsed > 0.5 else None


class _Worker(QThread):
    ended = Signal(int)

    def __init__(self, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self.job = job
        self.latest: Progress | None = None  # written by the thread, read by the runner's clock
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.job.task(self._report, self.job.cancel_event)
        except BaseException as error:  # delivered to the interface thread, whatever it is
            self.error = error
        self.ended.emit(self.job.id)

    def _report(self, progress: Any) -> None:
        self.latest = Progress(*progress)


class JobRunner(QObject):
    """Runs jobs. In each lane one job at a time runs, later ones wait; a job's result is dropped when not wanted.

    `changed` says that some job started, went on, or ended: `jobs` are the ones that have not ended.
    """

    changed = Signal()
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []
        self._workers: dict[int, _Worker] = {}
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)

    def submit(
        self,
        title: str,
        task: Task,
        *,
        on_result: Callable[[Any], None] | None = None,
        on_error: Callable[[BaseException], None] | None = None,
        lane: str = "",
        replace: bool = False,
        wanted: Callable[[], bool] = lambda: True,
        keeps: bool = False,
    ) -> Job:
        """Queue a job; its callbacks are called on the interface thread. `replace` cancels the lane's earlier jobs.

        What a cancelled job still returns is dropped, unless it `keeps` what it had done by then.
        """
        if replace:
            for earlier in [job for job in self.jobs if job.lane == lane]:
                self.cancel(earlier)
        job = Job(title, task, lane, wanted, keeps)
        job.on_result = on_result or job.on_result
        job.on_error = on_error or job.on_error
        self.jobs.append(job)
        self._start_waiting()
        self.changed.emit()
        return job

    @property
    def work(self) -> list[Job]:
        """The jobs that people asked for."""
        return [job for job in self.jobs if job.lane not in QUIET]

    def busy(self, lane: str) -> bool:
        """Whether a job of the lane has not ended."""
        return any(job.lane == lane for job in self.jobs)

    def cancel(self, job: Job) -> None:
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
        cancelled, result, error = job.state == "cancelling", worker.result, worker.error
        worker.deleteLater()
        job.state = "ended"
        self.jobs.remove(job)
        self._start_waiting()
        if not self._workers:
            self._clock.stop()
        self.changed.emit()
        if job.wanted() and error is None and (job.keeps or not cancelled):
            job.on_result(result)
        elif job.wanted() and error is not None and not cancelled and not isinstance(error, CancelledError):
            job.on_error(error)
        if not self.jobs:
            self.idle.emit()
