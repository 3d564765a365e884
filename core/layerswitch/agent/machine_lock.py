"""One agent at a time measures on a board: a lock of the machine, which a dead holder does not keep."""

import contextlib
import fcntl
import json
import os
import stat
import sys
import threading
import time
from typing import Optional, Tuple

from .engines.base import Cancelled, EngineError, never

PATH = "/tmp/layerswitch-board.lock"  # the same for every user of the machine, whatever TMPDIR says
IDLE_SECONDS = 10.0  # after a measurement, until others may measure: a comparison is many runs in a row


def hold(path: str) -> None:
    """Keep others from removing our own file as an old one, for as long as this process lives."""
    with contextlib.suppress(OSError):
        if os.path.isfile(path):
            fcntl.flock(os.open(path, os.O_RDONLY | os.O_CLOEXEC), fcntl.LOCK_SH | fcntl.LOCK_NB)


class _BusyError(EngineError):
    def __init__(self, who: str, since: str, resting: bool) -> None:
        text = "%s is measuring on this board%s" % (who, since)
        super().__init__(text, hint="wait until that has ended, and try again", kind="busy")
        self.resting = resting


class BoardLock:
    """Held while this agent measures, and for `IDLE_SECONDS` after that. The file says who holds it, and since when.

    Where the file cannot be had (no such folder, something planted in its place) there is no lock, and the log says so.
    """

    def __init__(self, path: str = PATH) -> None:
        self.path, self.holder = path, "somebody"
        self._handle: Optional[int] = None
        self._since = 0.0
        self._timer: Optional[threading.Timer] = None
        self._guard = threading.Lock()

    def take(self, cancelled: Cancelled = never) -> None:
        """Take or keep the lock; one whose holder only rests is waited for. Raises EngineError that says who has it."""
        until = time.monotonic() + IDLE_SECONDS + 1.0
        while True:
            try:
                self._take()
                return
            except _BusyError as error:
                if not error.resting or cancelled() or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _take(self) -> None:
        with self._guard:
            self._stop()
            if self._handle is not None:
                self._tell(resting=False)
                return
            handle = self._open()
            if handle is None:
                return
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                error = _BusyError(*_said(handle))
                os.close(handle)
                raise error from None
            self._handle, self._since = handle, time.monotonic()  # no clock that anybody can set; one for all processes
            self._tell(resting=False)

    def rest(self) -> None:
        """A measurement has ended: let others have the board unless the next one follows soon."""
        with self._guard:
            if self._handle is not None:
                self._stop()
                self._timer = threading.Timer(IDLE_SECONDS, self.release)
                self._timer.daemon = True
                self._timer.start()
                self._tell(resting=True)

    def release(self) -> None:
        """Let others have the board."""
        with self._guard:
            self._stop()
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _tell(self, resting: bool) -> None:
        record = json.dumps({"who": self.holder, "since": self._since, "resting": resting}).encode("utf-8")
        with contextlib.suppress(OSError, TypeError):  # a disk that is full keeps nobody from measuring
            os.ftruncate(self._handle or -1, 0)
            os.pwrite(self._handle or -1, record, 0)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _open(self) -> Optional[int]:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            try:
                # not created in one step: Linux lets nobody open another's file in /tmp with O_CREAT
                handle = os.open(self.path, flags)
            except FileNotFoundError:
                handle = os.open(self.path, flags | os.O_CREAT, 0o666)
                with contextlib.suppress(OSError):
                    os.fchmod(handle, 0o666)  # for other users, whatever the mask says
            if stat.S_ISREG(os.fstat(handle).st_mode):
                return handle
            os.close(handle)
            why = "it is no file"
        except OSError as error:
            why = str(error.strerror)
        sys.stderr.write("no lock on the board: %s: %s\n" % (self.path, why))
        return None


def _said(handle: int) -> Tuple[str, str, bool]:
    """Who holds the lock, since when, and whether that one rests; another user may have written anything there."""
    try:
        record = json.loads(os.pread(handle, 1000, 0).decode("utf-8"))
        who = "".join(one for one in str(record["who"])[:80] if one.isprintable())
        resting = record.get("resting") is True
        seconds = time.monotonic() - float(record["since"])
        minutes = int(seconds / 60.0)
        if not 0 <= minutes < 100000:  # of another start of the machine
            return who or "somebody", "", resting
        clock = time.strftime("%H:%M", time.localtime(time.time() - seconds))
        since = " since %s, %d min ago" % (clock, minutes) if minutes else " since a moment ago"
        return who or "somebody", since, resting
    except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        return "somebody", "", False
