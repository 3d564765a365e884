"""Calls: requests to one agent, one at a time, with progress, cancelling, and what was asked for last left to end."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ...agent.protocol import Bytes
from ...errors import BoardError, BusyError, CancelledError, NoRoomError, UnsupportedLayerError
from ..progress import Progress, Show
from .message_link import MOST_TOLD, Link, Received, never
from .responses import BadAnswerError, Failure, Step, read

POLL_SECONDS = 0.05
CANCEL_SECONDS = 0.6  # how long a cancelled request may take to answer before it is left to end by itself
ENDING_SECONDS = 5.0  # for an agent that is being ended to be gone
LEFT_SECONDS = 2.0  # after being told, until the agent counts as stuck in what was cancelled
SILENT_SECONDS = 2.0  # without a word of the agent's, until its last one is repeated every second with the time
EVENTS = 10_000  # more than any request sends that measures nothing
EVENT_BYTES = 1 << 12  # a larger event counts as several
KINDS = {"unsupported": UnsupportedLayerError, "busy": BusyError, "full": NoRoomError}

T = TypeVar("T")
Take = Callable[[str, dict[str, Any]], None]


class Calls:
    """One agent's requests. `call` waits for its turn; `close` may come from any thread at any time."""

    def __init__(self, link: Link, board: str) -> None:
        """`board` is the board's name, for errors."""
        self._link, self._board = link, board
        self._numbers = itertools.count(1)
        self._turn, self._owner = threading.Lock(), 0
        # requests that have not ended, and when each was told to: those cancelled are left to end by themselves
        self._left: dict[int, float] = {}
        self._swapping, self._renewing, self._shut = threading.Lock(), False, False

    @property
    def closed(self) -> bool:
        """Whether the agent is gone, and no other one is on its way."""
        return self._shut or (self._link.closed and not self._renewing)

    def close(self) -> None:
        """End the agent. A call that is waiting raises BoardError."""
        with self._swapping:
            self._shut = True
            link = self._link
        link.close()

    def settled(self, cancel: threading.Event | None = None) -> bool:
        """Wait until what was cancelled earlier has ended; false when the agent is still at it, `LEFT_SECONDS` later.

        False as well when cancelling cut a message in two. Only within `turn`. Raises CancelledError, BoardError.
        """
        with self.checking():
            while self._left and not self._renewing:
                self._check(cancel)
                if time.monotonic() > max(self._left.values()) + LEFT_SECONDS:
                    return False
                self._receive()
        return not self._renewing

    def renew(self, connect: Callable[[], Link]) -> None:
        """End the agent by force and go on with another one; only within `turn`. Raises BoardError."""
        self._renewing = True
        try:
            self._link.close(force=True)
            self._left.clear()
            link = connect()
            with self._swapping:
                self._link = link
                shut = self._shut
        finally:
            self._renewing = False
        if shut:
            link.close()
            raise BoardError("the connection was closed", where=self._board)

    @contextmanager
    def turn(self, cancel: threading.Event | None = None) -> Iterator[None]:
        """Hold the board for several calls, waiting for the one who has it. Raises CancelledError, BoardError."""
        if self._owner == threading.get_ident():
            raise BoardError("a call was made from within another one, as from its progress", where=self._board)
        while not self._turn.acquire(timeout=POLL_SECONDS):
            self._check(cancel)
        try:
            self._owner = threading.get_ident()
            self._check(cancel)
            yield
        finally:
            self._owner = 0
            self._turn.release()

    def call(
        self,
        operation: str,
        payload: Bytes = b"",
        *,
        cancel: threading.Event | None = None,
        progress: Show | None = None,
        take: Take | None = None,
        events: int = EVENTS,
        seconds: float | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """The result's fields of one request; only within `turn`. `take` gets the events other than progress.

        Raises CancelledError, BoardError (the agent refused, failed or ended, or took more than `seconds`),
        UnsupportedLayerError, and BadAnswerError (also on more than `events` events): see `checking`.
        """
        number, last = next(self._numbers), time.monotonic() + seconds if seconds else None
        told = 0.0  # when the agent was told to stop
        waiting = _Waiting(progress)
        self._check(cancel)
        try:
            request = {"id": number, "op": operation, **fields}
            self._link.send(request, payload, abort=cancel.is_set if cancel else never)
        except BoardError as error:
            if not isinstance(error.__cause__, InterruptedError):
                raise
            self._renewing = True  # half a message makes the agent useless: the next call starts another one
            raise CancelledError("cancelled", where=self._board) from error
        self._left[number] = 0.0  # until it has ended
        try:
            while True:
                if cancel and cancel.is_set():
                    if told and time.monotonic() - told > CANCEL_SECONDS:
                        raise CancelledError("cancelled", where=self._board)
                    if not told:
                        told = self._left[number] = time.monotonic()
                        self._link.send({"op": "cancel", "target": number})
                if last and time.monotonic() > last:
                    self.close()
                    raise BoardError(f"the agent did not answer {operation!r} in {seconds:g} s", where=self._board)
                received = self._receive()
                if received is None:
                    if not told:
                        waiting.tell()
                    continue
                answer = received.header
                events -= 1 + received.size // EVENT_BYTES
                if events < 0:
                    raise BadAnswerError("it does not stop sending events")
                event = answer.get("event")
                if answer["id"] != number:
                    continue
                if event == "result":
                    return answer
                if event == "error":
                    failure = read(answer, Failure)
                    raise self._ending() if failure.kind == "cancelled" and not told else self._refusal(failure)
                if event == "progress":
                    step = read(answer, Step)
                    if not told:
                        waiting.take(Progress(step.done, step.total, step.text))
                elif event in ("sample", "transfer") and take:
                    take(event, answer)
                else:
                    raise BadAnswerError(f"an unknown event {event!r:.40}")
        except BadAnswerError:
            raise
        except BaseException:  # cancelled, the caller's progress failed, Ctrl-C: the agent must not work on
            if number in self._left and not (told or self.closed):
                self._left[number] = time.monotonic()
                self._link.send({"op": "cancel", "target": number})
            raise

    def _receive(self) -> Received | None:
        """The next answer, of this or an earlier request, or None. Raises BadAnswerError on one nobody waits for."""
        received = self._link.receive(POLL_SECONDS)
        if received is None:
            return None
        answer, number = received.header, received.header.get("id")
        if received.payload:
            raise BadAnswerError("an answer with a payload")
        if type(number) is not int or number not in self._left:
            raise BadAnswerError(f"an answer to request {number!r:.40}, which nobody made")
        if answer.get("event") in ("result", "error"):
            self._left.pop(number)
        return received

    def ask(self, kind: type[T], operation: str, **fields: Any) -> T:
        """As `call`, the result read as a value. Raises ProtocolError when it does not fit."""
        with self.checking():
            return read(self.call(operation, **fields), kind)

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Turn a BadAnswerError inside into the end of the agent and a ProtocolError."""
        try:
            yield
        except BadAnswerError as error:
            raise self._link.broken(str(error)) from error

    def _check(self, cancel: threading.Event | None) -> None:
        if cancel and cancel.is_set():
            raise CancelledError("cancelled", where=self._board)
        if self.closed:
            raise BoardError("the agent is not running", where=self._board, hint="restart it")

    def _ending(self) -> BoardError:
        """An agent cancels unasked where its input has ended, because it is being ended: wait for that, to tell how."""
        until = time.monotonic() + ENDING_SECONDS
        while time.monotonic() < until:
            try:
                self._link.receive(POLL_SECONDS)
            except BoardError as error:
                return error
        return self._link.broken("it cancelled what nobody asked it to")

    def _refusal(self, failure: Failure) -> BoardError | CancelledError:
        if failure.kind == "cancelled":
            return CancelledError("cancelled", where=self._board)
        kind = KINDS.get(failure.kind, BoardError)
        where = f"{self._board}, {failure.where}" if failure.where not in ("", self._board) else self._board
        return kind(failure.what[:MOST_TOLD], where=where[:MOST_TOLD], hint=failure.hint[:MOST_TOLD])


class _Waiting:
    """Shows the agent's progress, and during minutes without any (native code compiles) for how long it has lasted."""

    def __init__(self, show: Show | None) -> None:
        self._show, self._last = show, Progress(0, 1, "waiting for the board")
        self._since = time.monotonic()
        self._shown = self._since + SILENT_SECONDS - 1.0

    def take(self, step: Progress) -> None:
        """The agent's own word."""
        self._last, self._since = step, time.monotonic()
        self._shown = self._since + SILENT_SECONDS - 1.0
        if self._show:
            self._show(step)

    def tell(self) -> None:
        """Nothing has come: say so once a second."""
        now = time.monotonic()
        if self._show and now - self._shown >= 1.0:
            self._shown = now
            self._show(self._last._replace(text=f"{self._last.text} ({now - self._since:.0f} s)"))
