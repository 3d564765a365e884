"""Whether boards answer: asked of all of them at once, within a few seconds, without logging in."""

import os
import queue
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from select import select
from typing import Literal, NamedTuple

from ..errors import BoardError
from ..serialization import Value
from .registry import BoardEntry

SECONDS = 3.0  # for a board in the same house; one that needs longer is said not to answer in time
POLL_SECONDS = 0.05
MOST_BANNER = 8192  # bytes a server may say before it says that it is an SSH server (RFC 4253, 4.2)
TRY = "`layerswitch board check` tries it"

State = Literal["answers", "does not answer", "not checked"]


class Answer(Value, frozen=True):
    """Whether a board answers; `why` it does not, or why nobody knows."""

    name: str
    state: State = "not checked"
    why: str = ""

    @property
    def text(self) -> str:
        """As lists show it."""
        return f"{self.state}: {self.why}" if self.why else self.state


class _Patience(NamedTuple):
    """How long an answer is waited for: `seconds`, until `end`, or until nobody wants to know any more."""

    seconds: float
    end: float
    stop: threading.Event

    @property
    def late(self) -> str:
        return f"nothing was heard within {self.seconds:g} s"


class _StoppedError(Exception):
    """Nobody waits for the answer any more."""


class _OtherServerError(OSError):
    """Something else than an SSH server listens there."""


def ask(
    entries: Sequence[BoardEntry], *, seconds: float = SECONDS, cancel: threading.Event | None = None
) -> Iterator[Answer]:
    """Each board's answer as it comes, within `seconds` for all of them together; nothing more once `cancel` is set.

    A board over SSH answers when its server says that it is one: nothing is sent, and nobody logs in. Of a board behind
    other machines only the first one on the way is asked.
    """
    patience = _Patience(seconds, time.monotonic() + seconds, threading.Event())
    answers: queue.Queue[Answer] = queue.Queue()
    left = {entry.name: entry for entry in entries}

    def work(entry: BoardEntry) -> None:
        with suppress(_StoppedError):
            answers.put(_answer(entry, patience))

    try:
        for entry in left.values():  # daemons: a name server may be silent for longer than anybody waits
            threading.Thread(target=work, args=(entry,), name=f"does {entry.name} answer", daemon=True).start()
        while left and time.monotonic() < patience.end + POLL_SECONDS:
            if cancel and cancel.is_set():
                return
            with suppress(queue.Empty):
                answer = answers.get(timeout=POLL_SECONDS)
                del left[answer.name]
                yield answer
        for name in left:
            yield Answer(name, "does not answer", patience.late)
    finally:
        patience.stop.set()


def _answer(entry: BoardEntry, patience: _Patience) -> Answer:
    try:
        entry.engine_settings()
        return _over_ssh(entry, patience) if entry.kind == "ssh" else Answer(entry.name, "answers")
    except BoardError as error:
        return Answer(entry.name, "does not answer", error.what)


def _over_ssh(entry: BoardEntry, patience: _Patience) -> Answer:
    from .ssh.failures import failure
    from .ssh.ssh_config import route  # paramiko takes a quarter of a second to import

    first, *others = route(entry)
    if first.proxy_command:
        return Answer(entry.name, "not checked", f"a ProxyCommand leads there; {TRY}")
    try:
        _hear(first.host, first.port, patience)
    except TimeoutError:
        return Answer(entry.name, "does not answer", patience.late)
    except _OtherServerError:
        what = f"what listens at {first.host} port {first.port} is no SSH server"
        return Answer(entry.name, "does not answer", what)
    except (OSError, UnicodeError) as error:
        return Answer(entry.name, "does not answer", failure(error, first, entry.name).what)
    if others:
        return Answer(entry.name, "not checked", f"it is behind {first.name}, which answers; {TRY}")
    return Answer(entry.name, "answers")


def _hear(host: str, port: int, patience: _Patience) -> None:
    """Return when a server at one of the host's addresses says that it speaks SSH. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    last: OSError = TimeoutError()
    for number, (family, kind, protocol, _, address) in enumerate(found):
        now = time.monotonic()
        until = now + (patience.end - now) / (len(found) - number)  # a silent address leaves time for the next
        try:
            with socket.socket(family, kind, protocol) as sock:
                sock.setblocking(False)
                with suppress(BlockingIOError):
                    sock.connect(address)
                _wait(sock, until, patience.stop, writing=True)
                if code := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(code, os.strerror(code))
                _read_banner(sock, until, patience.stop)
                return
        except OSError as error:
            last = error
    raise last


def _read_banner(sock: socket.socket, until: float, stop: threading.Event) -> None:
    said = b""
    while not any(line.startswith(b"SSH-") for line in said.splitlines()):
        _wait(sock, until, stop)
        piece = sock.recv(1024)
        said += piece
        if not piece or len(said) > MOST_BANNER:
            raise _OtherServerError


def _wait(sock: socket.socket, until: float, stop: threading.Event, *, writing: bool = False) -> None:
    while time.monotonic() < until:
        if stop.is_set():
            raise _StoppedError
        readable, writable, _ = select([] if writing else [sock], [sock] if writing else [], [], POLL_SECONDS)
        if readable or writable:
            return
    raise TimeoutError
