"""A Board that goes on by itself: after a lost link or a killed agent it reconnects, and measures what is missing."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ..errors import BoardError, BusyError, CancelledError, LostError, ReachError
from ..experiments.results import Run
from ..measurement.profile import Profile, ProfileSettings
from .board import Board, Connect, start_agent
from .client import merge_measurements
from .client.abandonable_call import without_waiting
from .client.message_link import Link
from .client.responses import Reasons
from .progress import Progress, Show
from .registry import BoardEntry

if TYPE_CHECKING:
    from ..network.model import Model
    from .ssh import Ask

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 30.0  # between two tries: 1, 2, 4 ... 30 s
RECONNECT_SECONDS = 600.0  # for the board to come back
MOST_DEATHS = 1  # of agents within one call: one that dies again has a defect, which is worth knowing
MOST_BARREN = 4  # sittings in a row that brought nothing
MOST_REFUSALS = 5  # logins in a row that a machine which is just starting may hang up on
BUSY_SECONDS = 60.0  # how long the agent behind a lost link may hold the board: it ends after 45 s of silence
AGAIN = "connect again, and measure anew what is missing"

T = TypeVar("T", Profile, Run)


def connect(entry: BoardEntry, *, ask: "Ask | None" = None) -> Board:
    """Reach a board, and go on by itself where its link is lost. Raises BoardError; ReachError over SSH.

    `ask` is whom to ask for passwords and unknown machines; what was answered is kept in memory to reconnect with.
    """
    if entry.kind != "ssh":
        return SteadyBoard(entry)
    from .ssh import Nobody, Remembering

    return SteadyBoard(entry, connect=partial(start_agent, ask=Remembering(ask or Nobody())))


class SteadyBoard(Board):
    """As Board; a call that loses the link, or the agent, goes on with another one as long as that gets it further.

    Progress tells what it waits for. Cancelling and `close` end the waiting at once. Whoever gives up raises the error
    of the last loss, with all that was measured as its `partial`.
    """

    def __init__(self, entry: BoardEntry, *, connect: Connect = start_agent) -> None:
        self._mine, self._stopped, self._asleep = threading.RLock(), False, threading.Event()
        self._lost = -math.inf  # when the last agent was
        self._cancel: threading.Event | None = None  # of the call at work
        super().__init__(entry, connect=connect)

    def close(self) -> None:
        """End the agent, and do not go on any more."""
        self._stopped = True
        self._asleep.set()
        super().close()

    def restart(self) -> None:
        """End the agent, if it has not ended by itself, and start a new one. Raises BoardError."""
        super().close()
        self._stopped = False
        self._asleep.clear()
        self._start()

    def unsupported(self, model: "Model", *, cancel: threading.Event | None = None) -> Reasons:
        """As Board's, with another agent where the first one is lost."""
        with self._turn(cancel):
            try:
                self._back(None)
                return super().unsupported(model, cancel=cancel)
            except LostError as lost:
                self._reconnect(lost, None)
                return super().unsupported(model, cancel=cancel)

    def profile(
        self,
        model: "Model",
        settings: ProfileSettings | None = None,
        *,
        progress: Show | None = None,
        cancel: threading.Event | None = None,
    ) -> Profile:
        """As Board's; `conditions` say where it was measured in several sittings."""
        asked = settings or ProfileSettings()

        def measure(had: Profile | None) -> Profile:
            wanted = msgspec.structs.replace(asked, runs=merge_measurements.missing(had)) if had else asked
            return super(SteadyBoard, self).profile(model, wanted, progress=progress, cancel=cancel)

        def join(had: Profile, more: Profile) -> Profile:
            return merge_measurements.joined(had, more, asked)

        return self._steadily(measure, join, progress, cancel)

    def run(
        self,
        model: "Model",
        assignment: Mapping[str, str],
        *,
        runs: int = 20,
        warmup: int = 3,
        seed: int = 0,
        name: str = "",
        progress: Show | None = None,
        cancel: threading.Event | None = None,
    ) -> Run:
        """As Board's; `conditions` say where it was measured in several sittings."""

        def measure(had: Run | None) -> Run:
            left = max(1, runs - len(had.samples_ms)) if had else runs
            fields: dict[str, Any] = {"warmup": warmup, "seed": seed, "name": name}
            return super(SteadyBoard, self).run(
                model, assignment, runs=left, progress=progress, cancel=cancel, **fields
            )

        return self._steadily(measure, merge_measurements.joined_runs, progress, cancel)

    def _steadily(
        self,
        measure: Callable[[T | None], T],
        join: Callable[[T, T], T],
        progress: Show | None,
        cancel: threading.Event | None,
    ) -> T:
        had: T | None = None
        with self._turn(cancel):
            barren, deaths = 0, 0  # sittings in a row that brought nothing; agents that ended by themselves
            while True:
                try:
                    self._back(progress)
                    more = measure(had)
                    return join(had, more) if had else more
                except (BoardError, CancelledError) as error:
                    more_of_it: T | None = error.partial
                    if more_of_it:
                        had = join(had, more_of_it) if had else more_of_it
                    error.partial = had
                    if isinstance(error, LostError):
                        deaths += not error.link
                        barren = 0 if more_of_it else barren + 1
                    if self._stopped or deaths > MOST_DEATHS or barren > MOST_BARREN:
                        raise
                    try:
                        if isinstance(error, LostError):
                            self._reconnect(error, progress)
                        elif isinstance(error, BusyError) and time.monotonic() - self._lost < BUSY_SECONDS:
                            # with what the agent behind the lost link measures, which does not know it yet
                            self._sleep(FIRST_SECONDS, error.what, progress)
                        else:
                            raise
                    except (BoardError, CancelledError) as later:
                        later.partial = had
                        raise

    def _link(self) -> Link:
        """As Board's; once an agent was lost, nobody who cancels or closes waits for a machine that does not answer."""
        if self._lost < 0.0:
            return super()._link()
        found = without_waiting(partial(self._connect, self.entry), self._check, lambda late: late.close())
        return Link(found, self.entry.name)

    def _open(self, cancel: threading.Event | None) -> None:
        super()._open(cancel or self._cancel)

    def _check(self) -> None:
        if self._cancel and self._cancel.is_set():
            raise CancelledError("cancelled", where=self.entry.name)
        if self._asleep.is_set():
            raise BoardError("the connection was closed", where=self.entry.name)

    def _back(self, progress: Show | None) -> None:
        """Have an agent, where the last one was lost since the last call."""
        if not (self.alive or self._stopped):
            self._reconnect(LostError("the link was lost", where=self.entry.name), progress)

    def _reconnect(self, lost: LostError, progress: Show | None) -> None:
        """Start another agent, trying again as long as the board may come back. Raises BoardError, CancelledError."""
        self._lost, refusals = time.monotonic(), 0
        end, pause, last = self._lost + RECONNECT_SECONDS, FIRST_SECONDS, lost.what
        super().close()
        while True:
            try:
                self._start()
            except (ReachError, LostError) as error:
                refusals = refusals + 1 if isinstance(error, ReachError) and error.step == "login" else 0
                if refusals > MOST_REFUSALS or (isinstance(error, ReachError) and not error.again):
                    raise
                last = error.what
            else:
                if self._stopped:
                    super().close()
                    raise BoardError("the connection was closed", where=self.entry.name)
                return
            if time.monotonic() + pause > end:
                minutes = f"{RECONNECT_SECONDS / 60:.0f} minutes"
                what = f"{lost.what}, and the board did not come back in {minutes}: {last}"
                error_ = LostError(what, where=self.entry.name, hint=AGAIN)
                error_.link = lost.link
                raise error_ from lost
            self._sleep(pause, lost.what, progress)
            pause = min(2.0 * pause, LONGEST_SECONDS)

    def _sleep(self, seconds: float, what: str, progress: Show | None) -> None:
        """Wait, and say so every second."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if progress:
                progress(Progress(0, 1, f"{what}, trying again in {left:.0f} s"))
            until = time.monotonic() + min(1.0, left)
            while time.monotonic() < until:
                self._asleep.wait(min(0.05, max(0.0, until - time.monotonic())))
                self._check()

    @contextmanager
    def _turn(self, cancel: threading.Event | None) -> Iterator[None]:
        while not self._mine.acquire(timeout=0.05):
            if cancel and cancel.is_set():
                raise CancelledError("cancelled", where=self.entry.name)
            if self._stopped:
                raise BoardError("the connection was closed", where=self.entry.name)
        before, self._cancel = self._cancel, cancel
        try:
            yield
        finally:
            self._cancel = before
            self._mine.release()
