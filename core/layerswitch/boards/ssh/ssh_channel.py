"""SshChannel: an agent on a board, its bytes in a channel, its log, and watching whether the link still stands."""

import contextlib
import select
import socket
import threading
import time

import paramiko

from ...agent import protocol
from ..client.channel import POLL_MS, STALL_SECONDS, Channel, exit_text
from ..client.local_channel import END_SECONDS
from .client import Login

PULSE_SECONDS = 10.0  # how often each side is shown that the other is there
LOST_SECONDS = 30.0  # without an answer of the board's SSH server, the link is lost
PING = protocol.pack({"op": "ping"})
BROKEN = (OSError, EOFError, paramiko.SSHException)


class SshChannel(Channel):
    """An agent that is a process of another machine; it owns the login."""

    stall = 2.0 * STALL_SECONDS  # by then a wire that takes nothing counts as lost, rather than the agent

    def __init__(self, login: Login, command: str) -> None:
        """Run `command`, which must be the agent. Raises ReachError."""
        super().__init__()
        self._login = login
        self._channel = login.channel(command)
        self._channel.settimeout(POLL_MS / 1000.0)
        self._released = threading.Event()
        self.lost, self._status = False, ""
        self._asked = 0.0  # since when the board's server owes an answer
        self._pulse = threading.Thread(target=self._keep_alive, name="pulse of the link", daemon=True)
        self._logger.start()
        self._pulse.start()

    def ended(self) -> str:
        """How the agent ended; "" while it runs, and where the link broke. Waits a moment for one just ending."""
        self._channel.status_event.wait(0.5)
        self._note_status()
        return self._status

    @property
    def link_lost(self) -> bool:
        """Whether the way to the agent broke, rather than the agent."""
        return self.lost or (not self._status and not self._login.transport.is_active())

    def _end(self, force: bool) -> None:
        """Hang up. The agent's input closes either way, and what watches over it there ends it by force."""
        # over a wire that takes nothing, not even the end can be told: whoever tries waits until it is cut
        if self._writing.acquire(timeout=END_SECONDS):
            with contextlib.suppress(*BROKEN):
                if self._takes(0):
                    self._channel.shutdown_write()
            self._writing.release()
            if not force and not self.lost and self._takes(0):
                self._channel.status_event.wait(END_SECONDS)
        self._note_status()
        self._login.close()
        self._released.set()
        for thread in (self._logger, self._pulse):
            if thread is not threading.current_thread():
                thread.join()

    def _note_status(self) -> None:
        if self._status or not self._channel.exit_status_ready():
            return
        code = self._channel.recv_exit_status()
        if code != -1:  # the link broke, or the server sent a signal's name, which paramiko leaves out
            self._status = exit_text(code)

    def _some(self, size: int) -> bytes | None:
        try:
            return self._channel.recv(size)
        except TimeoutError:
            return b"" if self._released.is_set() else None
        except BROKEN:  # receiving also sends: that there is room again
            return b""

    def _some_log(self, size: int) -> bytes | None:
        if self._asked and time.monotonic() - self._asked > LOST_SECONDS and not self.lost:
            self.lost = True
            self._login.cut()  # wakes whoever waits; the transport then ends
        try:
            piece = self._channel.recv_stderr(size)
        except TimeoutError:
            return b"" if self._released.is_set() else None
        except BROKEN:
            return b""
        if piece or self._released.is_set() or self._channel.closed or not self._login.transport.is_active():
            return piece
        time.sleep(POLL_MS / 1000.0)  # standard error was closed, the agent lives on
        return None

    def _pass_on(self, piece: memoryview) -> int:
        if not self._takes(POLL_MS):  # paramiko would wait for a silent wire, and hear of no cancelling
            return 0
        try:
            sent = self._channel.send(bytes(piece))
        except TimeoutError:
            return 0
        except (EOFError, paramiko.SSHException) as error:
            raise BrokenPipeError("the link broke") from error
        if not sent:
            raise BrokenPipeError("the agent takes no more bytes")
        return sent

    def _takes(self, milliseconds: int) -> bool:
        """Whether the wire takes bytes within that time, as far as that can be seen."""
        sock, writable = self._login.transport.sock, select.poll()
        if isinstance(sock, socket.socket):
            with contextlib.suppress(ValueError, OSError):  # it is being closed: whoever sends is told
                writable.register(sock, select.POLLOUT)
                return bool(writable.poll(milliseconds))
        return True

    def _keep_alive(self) -> None:
        """Shows the agent that its client lives, and asks the board's server for an answer."""
        transport = self._login.transport
        while not self._closing.wait(PULSE_SECONDS) and transport.is_active():
            self._asked = time.monotonic()
            try:
                transport.global_request("keepalive@openssh.com", wait=True)
            except BROKEN:
                return
            self._asked = 0.0
            # while somebody writes, that shows it as well
            if time.monotonic() - self._wrote >= PULSE_SECONDS / 2 and self._writing.acquire(blocking=False):
                with contextlib.suppress(*BROKEN):
                    self._send(PING, self._closing.is_set)
                self._writing.release()
