"""SshConnection: an agent on a board, its bytes in a channel, its log, and watching whether the link still stands."""

import contextlib
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import paramiko

from ...agent import protocol
from ...agent.protocol import Bytes
from ..connection import END_SECONDS, LINE_LENGTH, LOG_LINES, POLL_MS, STALL_SECONDS
from .login import Login

PULSE_SECONDS = 10.0  # how often each side is shown that the other is there
LOST_SECONDS = 30.0  # without an answer of the board's SSH server, the link is lost
PING = protocol.pack({"op": "ping"})


class SshConnection:
    """An agent that is a process of another machine; see connection.Connection. It owns the login."""

    def __init__(self, login: Login, command: str) -> None:
        """Run `command`, which must be the agent. Raises ReachError."""
        self._login = login
        self._channel = login.channel(command)
        self._channel.settimeout(POLL_MS / 1000.0)
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._closing, self._released = threading.Event(), threading.Event()
        self._writing, self._ending = threading.Lock(), threading.Lock()
        self._closed, self.lost, self._status = False, False, ""
        self._wrote = time.monotonic()
        self._asked = 0.0  # since when the board's server owes an answer
        self._logger = threading.Thread(target=self._keep_log, name="agent log", daemon=True)
        self._pulse = threading.Thread(target=self._keep_alive, name="pulse of the link", daemon=True)
        self._logger.start()
        self._pulse.start()

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end of the stream."""
        found = bytearray()
        while len(found) < size:
            try:
                piece = self._channel.recv(min(size - len(found), 1 << 20))
            except TimeoutError:
                if self._released.is_set():
                    break
                continue
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
                    try:
                        sent = self._channel.send(bytes(rest[: 1 << 15]))
                    except TimeoutError:
                        if time.monotonic() > patience:
                            raise TimeoutError("the agent takes no more bytes") from None
                        continue
                    if not sent:
                        raise BrokenPipeError("the agent takes no more bytes")
                    rest = rest[sent:]
                    patience = self._wrote = time.monotonic()
                    patience += STALL_SECONDS

    def close(self, *, force: bool = False) -> None:
        """End the agent and hang up. Its input closes either way, and what watches over it there ends it by force."""
        self._closing.set()
        with self._ending:
            if self._closed:
                return
            with self._writing, contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                self._channel.shutdown_write()
            if not force and not self.lost:
                self._channel.status_event.wait(END_SECONDS)
            self._note_status()
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                self._channel.close()
            self._login.close()
            self._released.set()
            for thread in (self._logger, self._pulse):
                if thread is not threading.current_thread():
                    thread.join()
            self._closed = True

    def release(self) -> None:
        """Nothing: the channel is closed with the connection."""

    def ended(self) -> str:
        """How the agent ended; "" while it runs, and where the link broke. Waits a moment for one just ending."""
        self._channel.status_event.wait(0.5)
        self._note_status()
        return self._status

    @property
    def link_lost(self) -> bool:
        """Whether the way to the agent broke, rather than the agent."""
        return self.lost or (not self._status and not self._login.transport.is_active())

    def log(self) -> tuple[str, ...]:
        """The last lines the agent logged."""
        return tuple(self._lines)

    def _note_status(self) -> None:
        if self._status or not self._channel.exit_status_ready():
            return
        code = self._channel.recv_exit_status()
        if code == -1:
            return  # the link broke, or the server sent a signal's name, which paramiko leaves out
        self._status = f"exit code {code}"
        if code > 128:  # as shells do, and what watches over the agent
            with contextlib.suppress(ValueError):
                self._status = f"signal {signal.Signals(code - 128).name}"

    def _keep_log(self) -> None:
        rest = b""
        while not self._released.is_set():
            if self._asked and time.monotonic() - self._asked > LOST_SECONDS and not self.lost:
                self.lost = True
                self._login.transport.sock.close()  # wakes whoever waits; the transport then ends
            try:
                piece = self._channel.recv_stderr(1 << 14)
            except TimeoutError:
                continue
            if not piece:
                if self._channel.closed or not self._login.transport.is_active():
                    break
                time.sleep(POLL_MS / 1000.0)  # standard error was closed, the agent lives on
                continue
            *lines, rest = (rest + piece).split(b"\n")
            self._lines.extend(line.decode("utf-8", "replace")[:LINE_LENGTH] for line in lines)
            rest = rest[-(1 << 14) :]
        if rest:
            self._lines.append(rest.decode("utf-8", "replace")[:LINE_LENGTH])

    def _keep_alive(self) -> None:
        """Shows the agent that its client lives, and asks the board's server for an answer."""
        transport = self._login.transport
        while not self._closing.wait(PULSE_SECONDS) and transport.is_active():
            if time.monotonic() - self._wrote >= PULSE_SECONDS / 2:
                with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                    self.write(PING, self._closing.is_set)
            self._asked = time.monotonic()
            try:
                transport.global_request("keepalive@openssh.com", wait=True)
            except (OSError, EOFError, paramiko.SSHException):
                return
            self._asked = 0.0
