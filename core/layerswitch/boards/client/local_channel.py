"""LocalChannel: an agent that is a process of this computer."""

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ... import agent
from ..python_command import run_file
from .channel import POLL_MS, Channel, exit_text

END_SECONDS = 2.0  # how long an agent may take to end once its input is closed
WATCHED = ("--silence", "0")  # a process of its own ends the agent with its client, even out of native code


def agent_folder() -> Path:
    """The folder that `python` runs as the agent."""
    return Path(agent.__file__).resolve().parent


class LocalChannel(Channel):
    """An agent that is a process of this computer, run by the Python that runs the app."""

    def __init__(self, command: Sequence[str] | None = None, *, arguments: Sequence[str] = ()) -> None:
        """Start `command`, or the agent of this installation with `arguments`. Raises OSError."""
        super().__init__()
        command = command or run_file(sys.executable, str(agent_folder()), (*WATCHED, *arguments))
        # a session of its own: Ctrl-C in the terminal is for the app, which then ends the agent in its own way
        self._process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
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
        self._logger.start()

    @property
    def link_lost(self) -> bool:
        """Never: nothing lies between."""
        return False

    @property
    def pid(self) -> int:
        """The process that was started: the one that watches over the agent."""
        return self._process.pid

    def kill(self) -> None:
        """End the agent by force, with whatever it started, and wait for it."""
        for how in (signal.SIGTERM, signal.SIGKILL):  # the one that watches takes the agent along at the first
            with contextlib.suppress(ProcessLookupError):
                if self._process.poll() is None:
                    os.killpg(self._process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
        self._process.wait()

    def release(self) -> None:
        """Close what `read` reads from; only after the reading thread has ended."""
        self._output.close()
        self._errors.close()

    def ended(self) -> str:
        """How the agent ended; "" while it runs. Waits a moment for one that is just ending."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(0.5)
            return exit_text(code if code >= 0 else 128 - code)
        return ""

    def log(self) -> tuple[str, ...]:
        """The last lines the agent logged."""
        if self._process.poll() is not None:
            self._logger.join(0.5)  # what it wrote last is still on its way
        return super().log()

    def _end(self, force: bool) -> None:
        with self._writing, contextlib.suppress(OSError):
            self._input.close()
        try:
            self._process.wait(0.0 if force else END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._logger.join(END_SECONDS)

    def _some(self, size: int) -> bytes | None:
        return self._piece(self._output, self._readable, size)

    def _some_log(self, size: int) -> bytes | None:
        return self._piece(self._errors, self._log_readable, size)

    def _piece(self, source: IO[bytes], readable: select.poll, size: int) -> bytes | None:
        if readable.poll(POLL_MS):
            return os.read(source.fileno(), size)
        if self._process.poll() is None:
            return None
        # it may have written before it ended; where it has not, someone it started still holds the pipe open
        return os.read(source.fileno(), size) if readable.poll(0) else b""

    def _pass_on(self, piece: memoryview) -> int:
        if self._writable.poll(POLL_MS):
            with contextlib.suppress(BlockingIOError):
                return os.write(self._input.fileno(), piece)
        return 0
