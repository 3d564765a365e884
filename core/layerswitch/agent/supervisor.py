"""A process that stands between the client and the agent: it ends the agent when the client is gone.

The agent itself cannot promise that: native code that compiles for minutes lets no other Python thread run. The agent
is the child; its input passes through here, its output and log do not.
"""

import contextlib
import os
import select
import signal
import sys
import time
from typing import Optional

END_SECONDS = 2.0  # for the agent to end by itself once its input is closed
MOST_WAITING = 64 << 20  # bytes that the agent has not taken yet


def split(silence: float) -> Optional[int]:
    """Fork. In the agent: None, its input is a pipe. In the watcher, once the agent has ended: the exit code.

    The agent is ended when the input closes, when nothing comes for `silence` seconds (0: however long that is), or on
    SIGHUP; on SIGTERM at once.
    """
    source, sink = os.pipe()
    watcher = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(sink)
        os.dup2(source, 0)
        os.close(source)
        os.setpgid(0, 0)  # the watcher ends it with whatever it started
        _die_with(watcher)
        return None
    os.close(source)
    with open(os.devnull, "wb") as nowhere:  # the output ends with the agent
        os.dup2(nowhere.fileno(), 1)
    return _Watch(child, sink, silence).until_the_end()


def _die_with(watcher: int) -> None:
    """Have the kernel end this process when the watcher dies, where it can (Linux)."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    except (OSError, AttributeError):
        return
    if os.getppid() != watcher:
        os._exit(1)


class _Watch:
    def __init__(self, child: int, sink: int, silence: float) -> None:
        self.child, self.sink, self.silence = child, sink, silence
        self.waiting = bytearray()
        self.status: Optional[int] = None
        self.ending, self.patience = False, END_SECONDS
        self.woken, wake = os.pipe()
        for one in (self.woken, wake, sink):
            os.set_blocking(one, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._tell)

    def _tell(self, number: int, _: object) -> None:
        self.ending = True
        if number == signal.SIGTERM:
            self.patience = 0.0

    def until_the_end(self) -> int:
        """Pass bytes on until the client or the agent is gone; the agent's exit code, 128 + its signal."""
        heard = time.monotonic()
        while not self.ended() and not self.ending:
            rest = heard + self.silence - time.monotonic() if self.silence else None
            if rest is not None and rest <= 0:
                self.log("nothing was heard of the client for %g s: the agent ends" % self.silence)
                break
            reading = [0, self.woken] if len(self.waiting) < MOST_WAITING else [self.woken]
            readable, writable, _ = select.select(reading, [self.sink] if self.waiting else [], [], rest)
            if self.woken in readable:
                os.read(self.woken, 512)
            if 0 in readable:
                piece = os.read(0, 1 << 16)
                if not piece:
                    break
                heard = time.monotonic()
                self.waiting += piece
            if writable or (self.waiting and not readable):
                self.pass_on()
        return self.end()

    def pass_on(self) -> None:
        """Write what the agent takes now."""
        try:
            sent = os.write(self.sink, self.waiting[: 1 << 16])
            del self.waiting[:sent]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self.waiting.clear()

    def ended(self) -> bool:
        """Whether the agent has ended."""
        if self.status is None:
            found, status = os.waitpid(self.child, os.WNOHANG)
            if found:
                self.status = status
        return self.status is not None

    def end(self) -> int:
        """Close the agent's input, and end it by force where that does not."""
        os.close(self.sink)
        begun = time.monotonic()
        while not self.ended() and time.monotonic() - begun < self.patience:
            select.select([self.woken], [], [], 0.05)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child, signal.SIGKILL)  # also what it started and left behind
        if self.status is None:
            self.status = os.waitpid(self.child, 0)[1]
        if os.WIFSIGNALED(self.status):
            return 128 + os.WTERMSIG(self.status)
        return os.WEXITSTATUS(self.status)

    def log(self, text: str) -> None:
        """Write into the agent's log, which nobody may be reading any more."""
        with contextlib.suppress(OSError):
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
