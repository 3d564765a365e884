"""AgentConnection: one board's agent, started, replaced where it is stuck, and reached again where it is lost.

It has the board's one lock: whoever calls holds it until the call has ended, whatever happens in between.
"""

import contextlib
import getpass
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple, TypeVar

import msgspec

from ..agent.protocol import PROTOCOL
from ..errors import BoardError, BusyError, CancelledError, LostError, ProtocolError, ReachError
from ..measurement.profile import BoardDescription
from .client import responses
from .client.abandonable_call import abandonable
from .client.channel import Channel
from .client.responses import Hello, Opened
from .client.rpc_client import Client
from .progress import Progress, Show
from .registry import BoardEntry

START_SECONDS = 120.0  # for an agent to start and its engine to open: trying a backend may compile its first kernel
POLL_SECONDS = 0.05
STUCK = "the agent is stuck in what was cancelled: starting a new one"
AGAIN = "connect again, and measure what is missing"

Connect = Callable[[BoardEntry], Channel]
T = TypeVar("T")


class RetryPolicy(NamedTuple):
    """How long, and how often, a call goes on by itself after its agent or the link to it was lost."""

    first_seconds: float = 1.0  # between two tries: 1, 2, 4 ... 30 s
    longest_seconds: float = 30.0
    patience_seconds: float = 600.0  # for the board to come back
    most_deaths: int = 1  # of agents within one call: one that dies again has a defect, which is worth knowing
    most_barren: int = 4  # losses in a row without anything measured in between
    most_refusals: int = 5  # logins in a row that a machine which is just starting may hang up on
    busy_seconds: float = 60.0  # the agent behind a lost link may hold the board so long: it ends after 45 s of silence


class AgentConnection:
    """Calls to one agent, or to those that follow it. `close` may come from any thread at any time.

    Without a `retry` policy a lost agent is an error until `restart`; an agent that is stuck in what was cancelled is
    replaced either way.
    """

    client: Client
    description: BoardDescription
    needs_constants: bool

    def __init__(self, entry: BoardEntry, connect: Connect, retry: RetryPolicy | None) -> None:
        """Start the agent and open its engine. Raises BoardError, ProtocolError."""
        self.entry, self._connect, self.retry = entry, connect, retry
        self._lock, self._owner = threading.Lock(), 0
        self._closed = threading.Event()
        self._replace = False  # an agent was to be replaced, and cancelling came between
        self._lost_at = -math.inf  # when the last agent was lost
        self._start(None)

    @property
    def alive(self) -> bool:
        """Whether the agent can be asked."""
        return not self._closed.is_set() and (self._replace or not self.client.closed)

    def close(self) -> None:
        """End the agent, and start no other; a call at work raises BoardError."""
        self._closed.set()
        self.client.close()

    def restart(self) -> None:
        """End the agent, if it has not ended by itself, and start a new one. Raises BoardError."""
        self._refuse_nested()
        self.close()
        with self._lock:
            self._closed.clear()
            self._replace = False
            self._start(None)

    def call(
        self,
        attempt: Callable[[Client], T],
        progress: Show | None,
        cancel: threading.Event | None,
        count: Callable[[], int] = lambda: 0,
    ) -> T:
        """What `attempt` makes of an agent that is free, tried again with another one after each loss.

        `count` is how many samples there are: a loss that brought some is not barren. Raises CancelledError,
        BoardError, and what `attempt` does.
        """
        with self._turn(cancel):
            barren, deaths = 0, 0
            while True:
                before = count()
                try:
                    self._ready(progress, cancel)
                    return attempt(self.client)
                except LostError as lost:
                    barren, deaths = 0 if count() > before else barren + 1, deaths + (not lost.link)
                    policy = self.retry
                    if policy is None or self._closed.is_set():
                        raise
                    if deaths > policy.most_deaths or barren > policy.most_barren:
                        raise
                    self._reconnect(policy, lost, progress, cancel)
                except BusyError as busy:
                    # with what the agent behind the lost link measures, which does not know it yet
                    if self.retry is None or time.monotonic() - self._lost_at >= self.retry.busy_seconds:
                        raise
                    self._sleep(self.retry.first_seconds, busy.what, progress, cancel)

    @contextmanager
    def _turn(self, cancel: threading.Event | None) -> Iterator[None]:
        self._refuse_nested()
        while not self._lock.acquire(timeout=POLL_SECONDS):
            self._check(cancel)
        try:
            self._owner = threading.get_ident()
            yield
        finally:
            self._owner = 0
            self._lock.release()

    def _refuse_nested(self) -> None:
        if self._owner == threading.get_ident():
            raise BoardError("a call was made from within another one, as from its progress", where=self.entry.name)

    def _check(self, cancel: threading.Event | None) -> None:
        if cancel and cancel.is_set():
            raise CancelledError("cancelled", where=self.entry.name)
        if self._closed.is_set():
            raise BoardError("the connection was closed", where=self.entry.name)

    def _ready(self, progress: Show | None, cancel: threading.Event | None) -> None:
        """Have an agent that is free: another one where the last was lost, or cannot leave what was cancelled."""
        if self._closed.is_set() or (self.retry is None and not self.alive):
            raise BoardError("the agent is not running", where=self.entry.name, hint="restart it")
        if not self.alive and self.retry:
            self._reconnect(self.retry, LostError("the link was lost", where=self.entry.name), progress, cancel)
        elif self._replace or not self.client.drained(cancel):
            if progress:
                progress(Progress(0, 1, STUCK))
            self._replace = False
            self.client.close(force=True)
            try:
                self._start(cancel)
            except CancelledError:
                self._replace = True
                raise

    def _start(self, cancel: threading.Event | None) -> None:
        """Start an agent and open its engine. Raises BoardError, CancelledError."""
        engine, settings = self.entry.engine_settings()
        connect = partial(self._connect, self.entry)
        if self._lost_at < 0.0:
            channel = connect()
        else:  # nobody who cancels or closes waits for a machine that does not answer any more
            channel = abandonable(connect, lambda: self._check(cancel), lambda late: late.close())
        self.client = client = Client(channel, self.entry.name)
        try:
            self._check(cancel)
            hello = client.ask(Hello, "hello", cancel=cancel, seconds=START_SECONDS)
            if hello.protocol != PROTOCOL:
                what = f"the agent speaks protocol {hello.protocol}, not {PROTOCOL}"
                raise ProtocolError(what, where=self.entry.name)
            asked = {"engine": engine, "settings": settings, "client": client_name()}
            opened = client.ask(Opened, "open", cancel=cancel, seconds=START_SECONDS, **asked)
            with client.checking():
                responses.check_description(opened.description)
        except BaseException:
            client.close()
            raise
        self.description = msgspec.structs.replace(opened.description, name=self.entry.name)
        self.needs_constants = opened.needs_constants

    def _reconnect(
        self, policy: RetryPolicy, lost: LostError, progress: Show | None, cancel: threading.Event | None
    ) -> None:
        """Start another agent, trying as long as the board may come back. Raises BoardError, CancelledError."""
        self._lost_at, refusals = time.monotonic(), 0
        end, pause, last = self._lost_at + policy.patience_seconds, policy.first_seconds, lost.what
        self.client.close()
        while True:
            try:
                self._start(cancel)
                return
            except (ReachError, LostError) as error:
                refusals = refusals + 1 if isinstance(error, ReachError) and error.step == "login" else 0
                if refusals > policy.most_refusals or (isinstance(error, ReachError) and not error.again):
                    raise
                last = error.what
            if time.monotonic() + pause > end:
                minutes = f"{policy.patience_seconds / 60:.0f} minutes"
                what = f"{lost.what}, and the board did not come back in {minutes}: {last}"
                gone = LostError(what, where=self.entry.name, hint=AGAIN)
                gone.link = lost.link
                raise gone from lost
            self._sleep(pause, lost.what, progress, cancel)
            pause = min(2.0 * pause, policy.longest_seconds)

    def _sleep(self, seconds: float, what: str, progress: Show | None, cancel: threading.Event | None) -> None:
        """Wait, and say so every second."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if progress:
                progress(Progress(0, 1, f"{what}, trying again in {left:.0f} s"))
            until = time.monotonic() + min(1.0, left)
            while time.monotonic() < until:
                self._closed.wait(min(POLL_SECONDS, max(0.0, until - time.monotonic())))
                self._check(cancel)


def client_name() -> str:
    """Who this is, as other people who want the board are shown."""
    with contextlib.suppress(OSError, KeyError):
        return f"{getpass.getuser()} on {socket.gethostname()}"
    return socket.gethostname()
