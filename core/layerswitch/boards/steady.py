"""A Board that goes on by itself: after a lost link or a killed agent it reconnects, and measures what is missing."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ..errors import BoardError, CancelledError, LostError, ReachError
from ..profile import Profile, ProfileSettings
from ..results import Run
from . import sittings
from .answers import Reasons
from .board import Board, Connect, start_agent
from .catalog import BoardEntry
from .progress import Progress, Show

if TYPE_CHECKING:
    from ..model import Model
    from .ssh import Ask

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 30.0  # between two tries: 1, 2, 4 ... 30 s
PATIENCE_SECONDS = 600.0  # for the board to come back
MOST_DEATHS = 1  # of agents within one call: one that dies again has a defect, which is worth knowing
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
                self._back(None, cancel)
                return super().unsupported(model, cancel=cancel)
            except LostError as lost:
                self._reconnect(lost, None, cancel)
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
            wanted = msgspec.structs.replace(asked, runs=sittings.missing(had)) if had else asked
            return super(SteadyBoard, self).profile(model, wanted, progress=progress, cancel=cancel)

        def join(had: Profile, more: Profile) -> Profile:
            return sittings.joined(had, more, asked)

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

        return self._steadily(measure, sittings.joined_runs, progress, cancel)

    def _steadily(
        self,
        measure: Callable[[T | None], T],
        join: Callable[[T, T], T],
        progress: Show | None,
        cancel: threading.Event | None,
    ) -> T:
        had: T | None = None
        with self._turn(cancel):
            stuck, deaths = False, 0  # whether the last sitting brought nothing; agents that ended by themselves
            while True:
                try:
                    self._back(progress, cancel)
                    more = measure(had)
                    return join(had, more) if had else more
                except (BoardError, CancelledError) as error:
                    more_of_it: T | None = error.partial
                    if more_of_it:
                        had = join(had, more_of_it) if had else more_of_it
                    error.partial = had
                    if self._stopped or not isinstance(error, LostError) or (stuck and not more_of_it):
                        raise
                    deaths += not error.link
                    if deaths > MOST_DEATHS:
                        raise
                    stuck = not more_of_it
                    try:
                        self._reconnect(error, progress, cancel)
                    except (BoardError, CancelledError) as later:
                        later.partial = had
                        raise

    def _back(self, progress: Show | None, cancel: threading.Event | None) -> None:
        """Have an agent, where the last one was lost since the last call."""
        if not (self.alive or self._stopped):
            self._reconnect(LostError("the link was lost", where=self.entry.name), progress, cancel)

    def _reconnect(self, lost: LostError, progress: Show | None, cancel: threading.Event | None) -> None:
        """Start another agent, trying again as long as the board may come back. Raises BoardError, CancelledError."""
        end, pause, last = time.monotonic() + PATIENCE_SECONDS, FIRST_SECONDS, lost.what
        super().close()
        while True:
            try:
                self._start()
            except (ReachError, LostError) as error:
                if isinstance(error, ReachError) and not error.again:
                    raise
                last = error.what
            else:
                if self._stopped:
                    super().close()
                    raise BoardError("the connection was closed", where=self.entry.name)
                return
            if time.monotonic() + pause > end:
                minutes = f"{PATIENCE_SECONDS / 60:.0f} minutes"
                what = f"{lost.what}, and the board did not come back in {minutes}: {last}"
                error_ = LostError(what, where=self.entry.name, hint=AGAIN)
                error_.link = lost.link
                raise error_ from lost
            self._sleep(pause, lost.what, progress, cancel)
            pause = min(2.0 * pause, LONGEST_SECONDS)

    def _sleep(self, seconds: float, what: str, progress: Show | None, cancel: threading.Event | None) -> None:
        """Wait, and say so every second."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if progress:
                progress(Progress(0, 1, f"{what}, trying again in {left:.0f} s"))
            until = time.monotonic() + min(1.0, left)
            while time.monotonic() < until:
                if cancel and cancel.is_set():
                    raise CancelledError("cancelled", where=self.entry.name)
                if self._asleep.wait(min(0.05, max(0.0, until - time.monotonic()))):
                    raise BoardError("the connection was closed", where=self.entry.name)

    @contextmanager
    def _turn(self, cancel: threading.Event | None) -> Iterator[None]:
        while not self._mine.acquire(timeout=0.05):
            if cancel and cancel.is_set():
                raise CancelledError("cancelled", where=self.entry.name)
            if self._stopped:
                raise BoardError("the connection was closed", where=self.entry.name)
        try:
            yield
        finally:
            self._mine.release()
