"""Channel: the bytes to and from one agent process, and its log; local, emulated and over SSH alike."""

import abc
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from ...agent.protocol import Bytes

LOG_LINES, LINE_LENGTH = 200, 2000
STALL_SECONDS = 30.0  # an agent that takes no bytes for so long is lost
POLL_MS = 50  # how often a blocked read or write looks whether it is still wanted
PIECE = 1 << 15  # bytes that are passed on at once: what the largest packet of SSH holds
LOG_PIECE = 1 << 14


class Channel(abc.ABC):
    """One agent's bytes, both ways, and its log; subclasses move some bytes at a time.

    `read` is called from one thread, `close` from any, as often as one likes.
    """

    stall = STALL_SECONDS

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._closing = threading.Event()
        self._writing, self._ending = threading.Lock(), threading.Lock()
        self._closed = False
        self._wrote = time.monotonic()
        self._logger = threading.Thread(target=self._keep_log, name="agent log", daemon=True)

    @property
    @abc.abstractmethod
    def link_lost(self) -> bool:
        """Whether the way to the agent broke, rather than the agent."""

    @abc.abstractmethod
    def ended(self) -> str:
        """How the agent ended, e.g. "exit code 3" or "signal SIGKILL"; "" while it runs."""

    def release(self) -> None:  # noqa: B027 (most have nothing of the kind)
        """Close what `read` reads from, after the thread that reads has ended."""

    @abc.abstractmethod
    def _some(self, size: int) -> bytes | None:
        """What the agent has sent, up to `size` bytes; None when nothing comes within POLL_MS, b"" at the end."""

    @abc.abstractmethod
    def _some_log(self, size: int) -> bytes | None:
        """As `_some`, of what the agent logs."""

    @abc.abstractmethod
    def _pass_on(self, piece: memoryview) -> int:
        """Send the beginning of `piece`; how many bytes that were, 0 when none can be sent within POLL_MS."""

    @abc.abstractmethod
    def _end(self, force: bool) -> None:
        """End the agent and free all that is held; called once."""

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end of the stream."""
        came = bytearray()
        while len(came) < size:
            piece = self._some(min(size - len(came), 1 << 20))
            if piece == b"":
                break
            came += piece or b""
        return bytes(came)

    def write(self, pieces: Sequence[Bytes], abort: Callable[[], bool]) -> None:
        """Send all pieces. Raises OSError when the agent is gone, takes nothing, or `abort()` turns true."""
        with self._writing:
            self._send(pieces, abort)

    def close(self, *, force: bool = False) -> None:
        """End the agent, by force at once or if it does not go by itself, and wait for it."""
        self._closing.set()
        with self._ending:
            if not self._closed:
                self._end(force)
                self._closed = True

    def log(self) -> tuple[str, ...]:
        """The last lines the agent logged."""
        return tuple(self._lines)

    def _send(self, pieces: Sequence[Bytes], abort: Callable[[], bool]) -> None:
        for piece in pieces:
            rest = memoryview(piece)
            patience = time.monotonic() + self.stall
            while rest:
                if self._closing.is_set():
                    raise BrokenPipeError("the connection was closed")
                if abort():
                    raise InterruptedError("sending was given up")
                if sent := self._pass_on(rest[:PIECE]):
                    rest = rest[sent:]
                    self._wrote = time.monotonic()
                    patience = self._wrote + self.stall
                elif time.monotonic() > patience:
                    raise TimeoutError("the agent takes no more bytes")

    def _keep_log(self) -> None:
        rest = b""
        while (piece := self._some_log(LOG_PIECE)) != b"":
            *lines, rest = (rest + (piece or b"")).split(b"\n")
            self._lines.extend(line.decode("utf-8", "replace")[:LINE_LENGTH] for line in lines)
            rest = rest[-LOG_PIECE:]
        if rest:
            self._lines.append(rest.decode("utf-8", "replace")[:LINE_LENGTH])


def exit_text(code: int) -> str:
    """An exit code in words: "exit code 3", or "signal SIGKILL" for 128 + its number, as shells say it."""
    if code > 128:
        try:
            return f"signal {signal.Signals(code - 128).name}"
        except ValueError:
            pass
    return f"exit code {code}"
