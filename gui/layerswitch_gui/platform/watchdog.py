"""A watchdog: a thread that notices when the interface thread does not answer, and writes down where it is.

The thread sends the interface thread a ping that goes before everything else in its queue, so that the answer comes as
soon as the event in hand is done. An event is a stall when it keeps the thread from answering for `limit_ms`. Tests
count the processor time that the interface thread itself used meanwhile (`cpu_ms`), which a busy machine does not
lengthen as it does the time on the wall. Set LAYERSWITCH_WATCHDOG to a number of ms to have stalls logged.
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt

LIMIT_MS = 100.0
PING_S = 0.004  # between an answer and the next ping
LOOK_S = 0.01  # between looks at a ping that is not answered

log = logging.getLogger(__name__)


class Stall(NamedTuple):
    """An event that took too long: ms on the wall, ms of the interface thread's own work, and its stack meanwhile."""

    wall_ms: float
    cpu_ms: float
    stack: str

    def __str__(self) -> str:
        return f"the window did not answer for {self.wall_ms:.0f} ms ({self.cpu_ms:.0f} ms of work):\n{self.stack}"


class _Ear(QObject):
    """Lives on the interface thread and answers."""

    KIND = QEvent.Type(QEvent.registerEventType())

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.Event()
        self.cpu = 0.0

    def event(self, event: QEvent) -> bool:
        if event.type() != self.KIND:
            return super().event(event)
        self.cpu = time.thread_time()
        self.heard.set()
        return True


class Watchdog:
    """Watches the thread that makes it, the interface thread. Use as a context manager, or `start` and `stop`.

    `stalls` are those seen so far. An event counts when it is longer than `limit_ms` on the wall, or with `cpu=True`
    when the interface thread itself worked for longer than that.
    """

    def __init__(
        self, limit_ms: float = LIMIT_MS, *, cpu: bool = False, on_stall: Callable[[Stall], None] | None = None
    ) -> None:
        self.limit_ms, self.cpu, self.on_stall = limit_ms, cpu, on_stall
        self.stalls: list[Stall] = []
        self._ear = _Ear()
        self._watched = threading.get_ident()
        has_clock = hasattr(time, "pthread_getcpuclockid")  # not on Windows or macOS: the wall serves there
        self._clock = time.pthread_getcpuclockid(self._watched) if has_clock else None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch; there must be a QCoreApplication."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching, and wait for the thread."""
        self._over.set()
        self._ear.heard.set()
        self._thread.join()
        QCoreApplication.removePostedEvents(self._ear)

    def __enter__(self) -> "Watchdog":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _work(self) -> float:
        """Seconds of processor time that the interface thread has used."""
        return time.clock_gettime(self._clock) if self._clock is not None else time.perf_counter()

    def _watch(self) -> None:
        while not self._over.wait(PING_S):
            self._ear.heard.clear()
            wall, work, stack = time.perf_counter(), self._work(), ""
            QCoreApplication.postEvent(self._ear, QEvent(_Ear.KIND), Qt.EventPriority.HighEventPriority.value)
            # `stop` may have set `heard` just before it was cleared above: so `_over` is looked at too.
            while not self._ear.heard.wait(LOOK_S) and not self._over.is_set():
                spent = self._work() - work if self.cpu else time.perf_counter() - wall
                if not stack and spent > 0.9 * self.limit_ms / 1000:
                    stack = self._stack()
            if self._over.is_set():
                return
            taken = (time.perf_counter() - wall) * 1000
            worked = (self._ear.cpu - work) * 1000 if self._clock is not None else taken
            if (worked if self.cpu else taken) > self.limit_ms:
                self._tell(Stall(taken, worked, stack or "(it ended before its stack could be read)\n"))

    def _tell(self, stall: Stall) -> None:
        self.stalls.append(stall)
        if self.on_stall is not None:
            self.on_stall(stall)
        else:
            log.warning("%s", stall)

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._watched)
        return "".join(traceback.format_stack(frame)) if frame is not None else ""
