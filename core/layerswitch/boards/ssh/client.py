"""Login: reaching a machine over any number of others, and running commands there."""

import contextlib
import shlex
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import paramiko

from ...errors import ReachError
from ..registry import BoardEntry
from . import known_hosts
from .authentication import authenticate
from .failures import failure, made
from .prompts import Ask, Nobody
from .proxy_command import ProxySocket
from .ssh_config import Hop, route

CONNECT_SECONDS = 15.0  # for an address to answer, and for each step of the handshake
CHANNEL_SECONDS = 15.0
ANSWER_SECONDS = 30.0  # for what was sent to be acknowledged, and for each answer while logging in
MOST_OUTPUT = 1 << 20  # bytes a command's output may have


MOST_BANNER = 1 << 16  # bytes before a server has said which SSH it speaks: lines of greeting are allowed there

WEAK = {
    "kex": ("diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1"),
    "ciphers": ("3des-cbc", "blowfish-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"),
    "macs": ("hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-96"),
}
"""What paramiko offers last: a server that has nothing better is not reached. OpenSSH has had better since 2014."""


class Finished(NamedTuple):
    """How a command ended: its exit status (-1: by a signal, or the link broke), its output and errors."""

    status: int
    output: str
    errors: str


class Login:
    """A machine one is logged in to; a context manager."""

    def __init__(self, transports: Sequence[paramiko.Transport], where: str) -> None:
        """Use `log_in`. The last transport is the machine's, those before lead there."""
        self.transport, self.where = transports[-1], where
        self._transports = tuple(transports)
        self._closing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; from any thread, as often as one likes."""
        with self._closing:
            self.cut()  # first: over a wire that takes nothing, the others could not say that they hang up
            for transport in self._transports:
                with contextlib.suppress(Exception):  # a transport that is breaking at this moment
                    transport.packetizer.complete_handshake()  # or a timer of paramiko's waits for its end
                    transport.close()
                with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                    transport.sock.close()
                transport.join(CHANNEL_SECONDS)

    def cut(self) -> None:
        """Cut the wire that all goes through, saying nothing; whoever waits for something is woken."""
        for transport in self._transports:
            # those that go through it then do not try to say that they end
            transport.active = False  # type: ignore[attr-defined]  # which its stubs leave out
        sock = self._transports[0].sock
        with contextlib.suppress(OSError):
            if isinstance(sock, socket.socket):
                sock.shutdown(socket.SHUT_RDWR)
        for transport in self._transports:
            with contextlib.suppress(OSError):
                transport.stop_thread()

    def channel(self, command: str) -> paramiko.Channel:
        """A channel in which the user's shell runs `command`. Raises ReachError."""
        try:
            channel = self.transport.open_session(timeout=CHANNEL_SECONDS)
            channel.settimeout(CHANNEL_SECONDS)
            channel.exec_command(command)
        except (paramiko.SSHException, OSError, EOFError) as error:
            what = f"no command can be run: {error or type(error).__name__}"
            refused = isinstance(error, paramiko.ChannelException)
            raise made("lost", what, self.where, "", again=not refused) from error
        return channel

    def run(self, words: Sequence[str], *, seconds: float = 30.0, content: bytes = b"") -> Finished:
        """Run a program with arguments, each word as it is (a first "~/" is the home folder), `content` as its input.

        Raises ReachError when the link breaks or it takes longer than `seconds`.
        """
        channel, end = self.channel(quoted(words)), time.monotonic() + seconds
        output, errors = bytearray(), bytearray()
        try:
            channel.settimeout(0.05)
            rest = memoryview(content)
            while not (channel.exit_status_ready() and channel.eof_received and not channel.recv_ready()):
                if rest:
                    with contextlib.suppress(TimeoutError):
                        rest = rest[channel.send(bytes(rest[: 1 << 15])) :]
                    if not rest:
                        channel.shutdown_write()
                elif not content and not channel.eof_sent:
                    channel.shutdown_write()
                with contextlib.suppress(TimeoutError):
                    output += channel.recv(1 << 15) if channel.recv_ready() or not rest else b""
                if channel.recv_stderr_ready():
                    errors += channel.recv_stderr(1 << 15)
                if len(output) + len(errors) > MOST_OUTPUT:
                    what = f"{words[0]} says more than {MOST_OUTPUT >> 20} MB, and does not stop"
                    raise made("python", what, self.where, "is it what it should be?", again=False)
                if time.monotonic() > end:
                    what = f"{words[0]} did not end within {seconds:g} s"
                    raise made("timeout", what, self.where, "is the board very busy?", again=True)
                if channel.closed or not self.transport.is_active():
                    break
            while channel.recv_stderr_ready() and len(errors) <= MOST_OUTPUT:
                errors += channel.recv_stderr(1 << 15)
            status = channel.recv_exit_status() if channel.exit_status_ready() else -1
        except (OSError, EOFError, paramiko.SSHException) as error:
            what = f"the connection broke: {error or type(error).__name__}"
            raise made("lost", what, self.where, "", again=True) from error
        finally:
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                channel.close()
        return Finished(status, output.decode("utf-8", "replace"), errors.decode("utf-8", "replace"))


def quoted(words: Sequence[str]) -> str:
    """A command for the user's shell in which no word means anything but itself; only a first "~/" is the home."""
    found = []
    for word in words:
        if word.startswith("~/"):
            found.append('"$HOME"/' + shlex.quote(word[2:]))
        else:
            found.append(shlex.quote(word))
    return " ".join(found)


def log_in(entry: BoardEntry, ask: Ask | None = None, *, config: Path | None = None) -> Login:
    """Reach a board of kind "ssh" and log in to it. Raises ReachError, which says the step that failed."""
    ask = ask or Nobody()
    transports: list[paramiko.Transport] = []
    accepted, hops = getattr(ask, "accepted", lambda: None), route(entry, config)
    try:
        for number, hop in enumerate(hops):
            where = entry.name if hop is hops[-1] else f"{entry.name}, on the way at {hop.name}"
            remember = entry.remember_password and hop is hops[-1]
            transports.append(_transport(hop, transports[-1] if number else None, where))
            _shake_hands(transports[-1], hop, where)
            person = Nobody() if hop.batch else ask
            known_hosts.check(hop, transports[-1].get_remote_server_key(), Nobody() if hop.strict else person, where)
            try:
                authenticate(transports[-1], hop, person, where, remember=remember)
            except (paramiko.SSHException, OSError, EOFError) as error:
                raise failure(error, hop, where) from error
    except BaseException as error:
        if transports:
            Login(transports, entry.name).close()
        if isinstance(error, ReachError) and error.again:
            accepted()  # the way broke: nobody said that the answers were wrong
        raise
    accepted()
    return Login(transports, entry.name)


def _transport(hop: Hop, before: paramiko.Transport | None, where: str) -> paramiko.Transport:
    try:
        sock: socket.socket | paramiko.Channel
        if before is not None:
            target, source = (hop.host, hop.port), ("127.0.0.1", 0)
            sock = before.open_channel("direct-tcpip", target, source, timeout=CONNECT_SECONDS)
        elif hop.proxy_command:
            sock = ProxySocket(hop.proxy_command)
        else:
            sock = socket.create_connection((hop.host, hop.port), CONNECT_SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # a wire that goes silent in the middle of logging in
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(ANSWER_SECONDS * 1000))
        transport = paramiko.Transport(sock, disabled_algorithms=WEAK)
    except (OSError, paramiko.SSHException, EOFError, UnicodeError) as error:
        raise failure(error, hop, where) from error
    transport.banner_timeout = transport.handshake_timeout = CONNECT_SECONDS
    transport.auth_timeout = ANSWER_SECONDS
    transport.daemon = True
    _bound_banner(transport)
    return transport


def _bound_banner(transport: paramiko.Transport) -> None:
    """paramiko reads the first line of a server however long it is, and waits for each piece of it."""
    packetizer: Any = transport.packetizer  # its stubs leave out what is not public
    read, end, left = packetizer._read_timeout, time.monotonic() + CONNECT_SECONDS, MOST_BANNER

    def bounded(timeout: float) -> bytes:
        nonlocal left
        piece: bytes = read(timeout)
        left -= len(piece)
        if left < 0 or time.monotonic() > end:
            raise paramiko.SSHException("its banner does not end")
        return piece

    packetizer._read_timeout = bounded


def _shake_hands(transport: paramiko.Transport, hop: Hop, where: str) -> None:
    options = transport.get_security_options()
    known = {kind: None for one in known_hosts.kinds(hop) for kind in _algorithms(one)}
    wanted = [kind for kind in known if kind in options.key_types]
    options.key_types = [*wanted, *(kind for kind in options.key_types if kind not in wanted)]
    try:
        transport.start_client(timeout=3 * CONNECT_SECONDS)
        if not transport.initial_kex_done:  # paramiko returns as if nothing were wrong
            raise TimeoutError
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise failure(error, hop, where) from error


def _algorithms(kind: str) -> tuple[str, ...]:
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
