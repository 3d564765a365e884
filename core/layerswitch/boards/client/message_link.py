"""Link: messages to and from one agent over a connection; a thread of its own reads them."""

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from ...agent import protocol
from ...agent.protocol import Bytes
from ...errors import BoardError, LostError, ProtocolError
from .channel import Connection

WAITING_FRAMES = 256  # read ahead of the one who asks; then the agent waits
WAITING_BYTES = 4 << 20  # of frames that are read ahead: as objects they are up to twenty times as large
AGAIN = "restart the board's agent"
MOST_TOLD = 500  # characters of the agent's in a message
LAST_WORDS = 3  # lines of the agent's log in the message about its end


class Received(NamedTuple):
    """A message of the agent's; `size` is how many bytes it came in."""

    header: dict[str, Any]
    payload: bytes
    size: int


def never() -> bool:
    """For what cannot be given up."""
    return False


class Link:
    """One agent's messages. `send` and `receive` are for one thread at a time, `close` for any."""

    def __init__(self, connection: Connection, name: str) -> None:
        """`name` is the board's, for errors."""
        self._connection, self._name = connection, name
        self._inbox: queue.Queue[Received | Exception] = queue.Queue(WAITING_FRAMES)
        self._ahead, self._came, self._counting = 0, 0, threading.Lock()  # bytes in the inbox, of the frame being read
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"frames of {name}", daemon=True)
        self._reader.start()

    @property
    def closed(self) -> bool:
        """Whether it is of no use any more."""
        return self._closed.is_set()

    def send(self, header: dict[str, Any], payload: Bytes = b"", *, abort: Callable[[], bool] = never) -> None:
        """Send one message. Raises LostError when the agent or the link has ended, BoardError when it is too large."""
        try:
            pieces = protocol.pack(header, payload)
        except (ValueError, TypeError) as error:
            raise BoardError(f"the request cannot be sent: {error}", where=self._name) from error
        try:
            self._connection.write(pieces, abort)
        except OSError as error:
            raise self._gone(str(error)) from error

    def receive(self, seconds: float) -> Received | None:
        """The next message, None when there is none in time. Raises LostError when the agent or the link has ended,
        BoardError when it was closed, ProtocolError when what it sent is no frame."""
        try:
            found = self._inbox.get(timeout=seconds)
        except queue.Empty:
            if self.closed:
                raise self._gone("") from None
            return None
        if isinstance(found, Received):
            with self._counting:
                self._ahead -= found.size
            return found
        if isinstance(found, EOFError):
            raise self._gone("it closed its output")
        raise self.broken(str(found))

    def broken(self, what: str) -> ProtocolError:
        """The agent broke the protocol: end it, and say so."""
        self.close(force=True)
        error = ProtocolError(f"the agent broke the protocol: {what[:MOST_TOLD]}", where=self._name, hint=AGAIN)
        error.log = self._connection.log()
        return error

    def close(self, *, force: bool = False) -> None:
        """End the agent, by force or by itself, and the thread that reads from it."""
        self._closed.set()
        self._connection.close(force=force)
        if threading.current_thread() is not self._reader:
            self._reader.join()
            self._connection.release()

    def _gone(self, how: str) -> BoardError:
        if self.closed:
            return BoardError("the connection was closed", where=self._name)
        how, lost = self._connection.ended() or how, self._connection.link_lost
        self.close()
        if lost:
            error = LostError("the link was lost", where=self._name, hint="is the board still there?")
            error.link, error.log = True, self._connection.log()
            return error
        log = self._connection.log()
        said = " / ".join(log[-LAST_WORDS:])[-MOST_TOLD:]
        error = LostError(f"the agent ended: {how}{f'; it said: {said}' if said else ''}", where=self._name, hint=AGAIN)
        error.log = log
        return error

    def _read(self) -> None:
        last: Exception | None = None
        while last is None:
            try:
                self._came = 0
                frame = protocol.read(self._piece)
                self._put(Received(frame.header, frame.payload, self._came))
            except (EOFError, protocol.FrameError, protocol.HeaderError) as error:
                last = error
            except OSError:
                last = EOFError()
        with contextlib.suppress(EOFError):
            self._put(last)

    def _piece(self, size: int) -> bytes:
        self._came += size
        return self._connection.read(size)

    def _put(self, found: Received | Exception) -> None:
        size = found.size if isinstance(found, Received) else 0
        while not self.closed:
            if self._ahead and self._ahead + size > WAITING_BYTES:
                self._closed.wait(0.01)
                continue
            with contextlib.suppress(queue.Full):
                self._inbox.put(found, timeout=0.05)
                with self._counting:
                    self._ahead += size
                return
        raise EOFError
