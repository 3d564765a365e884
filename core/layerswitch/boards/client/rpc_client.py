"""Client: requests to one agent over its channel, one at a time, with progress and cancelling."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar

from ...agent import protocol
from ...agent.protocol import Bytes
from ...errors import (
    BoardError,
    BusyError,
    CancelledError,
    LostError,
    NoRoomError,
    ProtocolError,
    UnsupportedLayerError,
)
from ..progress import Progress, Show
from .channel import Channel
from .inbox import Inbox, Message
from .responses import BadAnswerError, Failure, Step, read

POLL_SECONDS = 0.05
CANCEL_SECONDS = 0.6  # how long a cancelled request may take to answer before it is left to end by itself
ENDING_SECONDS = 5.0  # for an agent that is being ended to be gone
LEFT_SECONDS = 2.0  # after it was cancelled, until the agent counts as stuck in a request
SILENT_SECONDS = 2.0  # without an event of the agent's, until its last one is repeated every second with the time
EVENTS = 10_000  # more than any request sends that measures nothing
EVENT_BYTES = 1 << 12  # a larger event counts as several
MOST_TEXT = 500  # characters of the agent's in a message
LAST_LINES = 3  # of the agent's log, in the message about its end
RESTART = "restart the board's agent"
ERRORS = {"unsupported": UnsupportedLayerError, "busy": BusyError, "full": NoRoomError}

T = TypeVar("T")
Take = Callable[[str, dict[str, Any]], None]


class Client:
    """One agent's requests, for one thread at a time; `close` may come from any thread at any time.

    Whoever uses it holds the board's lock (agent_connection.py).
    """

    def __init__(self, channel: Channel, name: str) -> None:
        """`name` is the board's, for errors."""
        self.channel, self._name = channel, name
        self._inbox = Inbox(channel, name)
        self._numbers = itertools.count(1)
        # requests that have not ended, and when each was cancelled: those are left to end by themselves
        self._open: dict[int, float] = {}
        self._cut = False  # half a message was sent: the agent is of no use any more

    @property
    def closed(self) -> bool:
        """Whether the agent is gone."""
        return self._inbox.closed

    def close(self, *, force: bool = False) -> None:
        """End the agent, by force or by itself. A request that is waiting raises BoardError."""
        self._inbox.close(force=force)

    def drained(self, cancel: Event | None = None) -> bool:
        """Wait until what was cancelled earlier has ended; false when the agent has not left it `LEFT_SECONDS` later.

        False as well when cancelling cut a message in two. Raises CancelledError, BoardError.
        """
        with self.checking():
            while self._open and not self._cut:
                self._check(cancel)
                if time.monotonic() > max(self._open.values()) + LEFT_SECONDS:
                    return False
                self._receive()
        return not self._cut

    def request(
        self,
        operation: str,
        payload: Bytes = b"",
        *,
        cancel: Event | None = None,
        progress: Show | None = None,
        take: Take | None = None,
        events: int = EVENTS,
        seconds: float | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """The result's fields of one request. `take` gets the events other than progress.

        Raises CancelledError, BoardError (the agent refused, failed or ended, or took more than `seconds`),
        UnsupportedLayerError, and BadAnswerError (also on more than `events` events): see `checking`.
        """
        number, last = next(self._numbers), time.monotonic() + seconds if seconds else None
        cancelled = 0.0  # when the agent was asked to stop
        waiting = _Waiting(progress)
        self._check(cancel)
        self._send({"id": number, "op": operation, **fields}, payload, cancel)
        self._open[number] = 0.0  # until it has ended
        try:
            while True:
                if cancel and cancel.is_set():
                    if cancelled and time.monotonic() - cancelled > CANCEL_SECONDS:
                        raise CancelledError("cancelled", where=self._name)
                    cancelled = cancelled or self._cancel(number)
                if last and time.monotonic() > last:
                    self.close()
                    raise BoardError(f"the agent did not answer {operation!r} in {seconds:g} s", where=self._name)
                received = self._receive()
                if received is None:
                    if not cancelled:
                        waiting.repeat()
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
                    unasked = failure.kind == "cancelled" and not cancelled
                    raise self._ending() if unasked else self._refusal(failure)
                if event == "progress":
                    step = read(answer, Step)
                    if not cancelled:
                        waiting.take(Progress(step.done, step.total, step.text))
                elif event in ("sample", "transfer") and take:
                    take(event, answer)
                else:
                    raise BadAnswerError(f"an unknown event {event!r:.40}")
        except BadAnswerError:
            raise
        except BaseException:  # cancelled, the caller's progress failed, Ctrl-C: the agent must not work on
            if number in self._open and not (cancelled or self.closed):
                self._cancel(number)
            raise

    def ask(self, kind: type[T], operation: str, **fields: Any) -> T:
        """As `request`, the result read as a value. Raises ProtocolError when it does not fit."""
        with self.checking():
            return read(self.request(operation, **fields), kind)

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Turn a BadAnswerError inside into the end of the agent and a ProtocolError."""
        try:
            yield
        except BadAnswerError as error:
            raise self._broken(str(error)) from error

    def _send(self, header: dict[str, Any], payload: Bytes = b"", cancel: Event | None = None) -> None:
        try:
            pieces = protocol.pack(header, payload)
        except (ValueError, TypeError) as error:
            raise BoardError(f"the request cannot be sent: {error}", where=self._name) from error
        try:
            self.channel.write(pieces, cancel.is_set if cancel else lambda: False)
        except InterruptedError as error:
            self._cut = True
            raise CancelledError("cancelled", where=self._name) from error
        except OSError as error:
            raise self._gone(str(error)) from error

    def _cancel(self, number: int) -> float:
        """Ask the agent to stop a request; when that was."""
        self._open[number] = time.monotonic()
        self._send({"op": "cancel", "target": number})
        return self._open[number]

    def _receive(self) -> Message | None:
        """The next answer, of this or an earlier request, or None.

        Raises LostError when the agent or the link has ended, BoardError when it was closed, ProtocolError on what is
        no frame, BadAnswerError on an answer that nobody waits for.
        """
        try:
            received = self._inbox.take(POLL_SECONDS)
        except EOFError:
            raise self._gone("it closed its output") from None
        except (protocol.FrameError, protocol.HeaderError) as error:
            raise self._broken(str(error)) from error
        if received is None:
            if self.closed:
                raise self._gone("")
            return None
        answer, number = received.header, received.header.get("id")
        if received.payload:
            raise BadAnswerError("an answer with a payload")
        if type(number) is not int or number not in self._open:
            raise BadAnswerError(f"an answer to request {number!r:.40}, which nobody made")
        if answer.get("event") in ("result", "error"):
            self._open.pop(number)
        return received

    def _check(self, cancel: Event | None) -> None:
        if cancel and cancel.is_set():
            raise CancelledError("cancelled", where=self._name)
        if self.closed:
            raise BoardError("the agent is not running", where=self._name, hint="restart it")

    def _broken(self, what: str) -> ProtocolError:
        """The agent broke the protocol: end it."""
        self.close(force=True)
        error = ProtocolError(f"the agent broke the protocol: {what[:MOST_TEXT]}", where=self._name, hint=RESTART)
        error.log = self.channel.log()
        return error

    def _gone(self, how: str) -> BoardError:
        """The agent, or the way to it, has ended: by whom and how."""
        if self.closed:
            return BoardError("the connection was closed", where=self._name)
        how, link = self.channel.ended() or how, self.channel.link_lost
        self.close()
        log = self.channel.log()
        last = " / ".join(log[-LAST_LINES:])[-MOST_TEXT:]
        what = "the link was lost" if link else f"the agent ended: {how}{f'; it said: {last}' if last else ''}"
        error = LostError(what, where=self._name, hint="is the board still there?" if link else RESTART)
        error.link, error.log = link, log
        return error

    def _ending(self) -> BoardError:
        """An agent cancels unasked where its input has ended, because it is being ended: wait for that, to say how."""
        until = time.monotonic() + ENDING_SECONDS
        while time.monotonic() < until:
            try:
                self._receive()
            except BoardError as error:
                return error
        return self._broken("it cancelled what nobody asked it to")

    def _refusal(self, failure: Failure) -> BoardError | CancelledError:
        if failure.kind == "cancelled":
            return CancelledError("cancelled", where=self._name)
        kind = ERRORS.get(failure.kind, BoardError)
        where = f"{self._name}, {failure.where}" if failure.where not in ("", self._name) else self._name
        return kind(failure.what[:MOST_TEXT], where=where[:MOST_TEXT], hint=failure.hint[:MOST_TEXT])


class _Waiting:
    """Shows the agent's progress, and during minutes without any (native code compiles) for how long it has lasted."""

    def __init__(self, show: Show | None) -> None:
        self._show, self._last = show, Progress(0, 1, "waiting for the board")
        self._since = time.monotonic()
        self._shown = self._since + SILENT_SECONDS - 1.0

    def take(self, step: Progress) -> None:
        """The agent's own progress."""
        self._last, self._since = step, time.monotonic()
        self._shown = self._since + SILENT_SECONDS - 1.0
        if self._show:
            self._show(step)

    def repeat(self) -> None:
        """Nothing has come: show the last progress once a second."""
        now = time.monotonic()
        if self._show and now - self._shown >= 1.0:
            self._shown = now
            self._show(self._last._replace(text=f"{self._last.text} ({now - self._since:.0f} s)"))
