"""Connections: an agent process, the bytes to and from it, and its log."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Protocol

from .. import agent
from ..agent.protocol import Bytes

LOG_LINES, LINE_LENGTH = 200, 2000
STALL_SECONDS = 30.0  # an agent that takes no bytes for so long is lost
POLL_MS = 50  # how often a blocked read or write looks whether it is still wanted
END_SECONDS = 2.0  # how long an agent may take to end once its input is closed


class Connection(Protocol):
    """Bytes to and from one agent. `read` is called from one thread, `close` from any, as often as one likes."""

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end of the stream."""

    def write(self, pieces: Sequence[Bytes], abort: Callable[[], bool]) -> None:
        """Send all pieces. Raises OSError when the agent is gone, takes nothing, or `abort()` turns true."""

    @property
    def link_lost(self) -> bool:
        """Whether the way to the agent broke, rather than the agent."""

    def close(self, *, force: bool = False) -> None:
        """End the agent, by force at once or if it does not go by itself, and wait for it."""

    def ended(self) -> str:
        """How the agent ended, e.g. "exit code 3" or "signal SIGKILL"; "" while it runs."""

    def log(self) -> tuple[str, ...]:
        """The last lines the agent logged."""

    def release(self) -> None:
        """Close what `read` reads from, after the thread that reads has ended."""


def agent_folder() -> Path:
    """The folder that `python` runs as the agent."""
    return Path(agent.__file__).resolve().parent


class LocalConnection:
    """An agent that is a process of this computer, run by the Python that runs the app."""

    def __init__(self, command: Sequence[str] | None = None, *, arguments: Sequence[str] = ()) -> None:
        """Start `command`, or the agent of this installation with `arguments`. Raises OSError."""
        command = command or [sys.executable, str(agent_folder()), *arguments]
        # a session of its own: Ctrl-C in the terminal is for the app, which then ends the agent in its own way
        self._process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._input, self._output, self._errors = self._process.stdin, self._process.stdout, self._process.stderr
        os.set_blocking(self._input.fileno(), False)
        self._readable, self._log_readable, self._writable = select.poll(), select.poll(), select.poll()
        self._readable.register(self._output, select.POLLIN)
        self._log_readable.register(self._errors, select.POLLIN)
        self._writable.register(self._input, select.POLLOUT)
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._closing = threading.Event()
        self._writing, self._ending = threading.Lock(), threading.Lock()
        self._closed = False
        self._logger = threading.Thread(target=self._keep_log, name="agent log", daemon=True)
        self._logger.start()

    link_lost = False

    @property
    def pid(self) -> int:
        """The agent's process."""
        return self._process.pid

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end of the stream."""
        found = bytearray()
        while len(found) < size:
            piece = self._read_some(self._output, self._readable, min(size - len(found), 1 << 20))
            if not piece:
                break
            found += piece
        return bytes(found)

    def write(self, pieces: Sequence[Bytes], abort: Callable[[], bool]) -> None:
        """Send all pieces. Raises OSError when the agent is gone, takes nothing, or `abort()` turns true."""
        with self._writing:
            for piece in pieces:
                rest = memoryview(piece)
                patience = time.monotonic() + STALL_SECONDS
                while rest:
                    if self._closing.is_set():
                        raise BrokenPipeError("the connection was closed")
                    if abort():
                        raise InterruptedError("sending was given up")
                    if not self._writable.poll(POLL_MS):
                        if time.monotonic() > patience:
                            raise TimeoutError("the agent takes no more bytes")
                        continue
                    with contextlib.suppress(BlockingIOError):
                        rest = rest[os.write(self._input.fileno(), rest[: 1 << 16]) :]
                        patience = time.monotonic() + STALL_SECONDS

    def close(self, *, force: bool = False) -> None:
        """End the agent, by force at once or if it does not go by itself, and wait for it."""
        self._closing.set()
        with self._ending:
            if self._closed:
                return
            with self._writing, contextlib.suppress(OSError):
                self._input.close()
            try:
                self._process.wait(0.0 if force else END_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._logger.join(END_SECONDS)
            self._closed = True

    def kill(self) -> None:
        """End the agent by force, with whatever it started, and wait for it."""
        with contextlib.suppress(ProcessLookupError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def release(self) -> None:
        """Close what `read` reads from; only after the reading thread has ended."""
        self._output.close()
        self._errors.close()

    def ended(self) -> str:
        """How the agent ended; "" while it runs. Waits a moment for one that is just ending."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(0.5)
            if code >= 0:
                return f"exit code {code}"
            with contextlib.suppress(ValueError):
                return f"signal {signal.Signals(-code).name}"
            return f"signal {-code}"
        return ""

    def log(self) -> tuple[str, ...]:
        """The last lines the agent logged."""
        if self._process.poll() is not None:
            self._logger.join(0.5)  # what it wrote last is still on its way
        return tuple(self._lines)

    def _keep_log(self) -> None:
        rest = b""
        while piece := self._read_some(self._errors, self._log_readable, 1 << 14):
            *lines, rest = (rest + piece).split(b"\n")
            self._lines.extend(line.decode("utf-8", "replace")[:LINE_LENGTH] for line in lines)
            rest = rest[-(1 << 14) :]
        if rest:
            self._lines.append(rest.decode("utf-8", "replace")[:LINE_LENGTH])

    def _read_some(self, source: IO[bytes], readable: select.poll, size: int) -> bytes:
        """What there is, up to `size` bytes; nothing at the end."""
        while not readable.poll(POLL_MS):
            if self._process.poll() is not None:
                return b""  # someone the agent started still holds the pipe open
        return os.read(source.fileno(), size)
