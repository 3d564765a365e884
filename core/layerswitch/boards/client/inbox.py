"""Inbox: the messages of one agent, read ahead by a thread of its own within bounds."""

import contextlib
import queue
import threading
from typing import Any, NamedTuple

from ...agent import protocol
from .channel import Channel

WAITING_FRAMES = 256  # read ahead of the one who asks; then the agent waits
WAITING_BYTES = 4 << 20  # of frames that are read ahead: as objects they are up to twenty times as large


class Message(NamedTuple):
    """A message of the agent's; `size` is how many bytes it came in."""

    header: dict[str, Any]
    payload: bytes
    size: int


class Inbox:
    """Reads a channel until it ends. `take` is for one thread at a time, `close` for any."""

    def __init__(self, channel: Channel, name: str) -> None:
        """`name` is the board's, for the thread."""
        self._channel = channel
        self._queue: queue.Queue[Message | Exception] = queue.Queue(WAITING_FRAMES)
        self._ahead, self._came, self._counting = 0, 0, threading.Lock()  # bytes in the queue, of the frame being read
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"frames of {name}", daemon=True)
        self._reader.start()

    @property
    def closed(self) -> bool:
        """Whether nothing more is read."""
        return self._closed.is_set()

    def take(self, seconds: float) -> Message | None:
        """The next message, None when there is none in time.

        Raises EOFError at the end of the stream; FrameError, HeaderError where the agent sent something else.
        """
        try:
            came = self._queue.get(timeout=seconds)
        except queue.Empty:
            return None
        if not isinstance(came, Message):
            raise came
        with self._counting:
            self._ahead -= came.size
        return came

    def close(self, *, force: bool = False) -> None:
        """End the agent, by force or by itself, and the thread that reads from it."""
        self._closed.set()
        self._channel.close(force=force)
        if threading.current_thread() is not self._reader:
            self._reader.join()
            self._channel.release()

    def _read(self) -> None:
        last: Exception | None = None
        while last is None:
            try:
                self._came = 0
                frame = protocol.read(self._piece)
                self._put(Message(frame.header, frame.payload, self._came))
            except (EOFError, protocol.FrameError, protocol.HeaderError) as error:
                last = error
            except OSError:
                last = EOFError()
        with contextlib.suppress(EOFError):
            self._put(last)

    def _piece(self, size: int) -> bytes:
        self._came += size
        return self._channel.read(size)

    def _put(self, came: Message | Exception) -> None:
        size = came.size if isinstance(came, Message) else 0
        while not self.closed:
            if self._ahead and self._ahead + size > WAITING_BYTES:
                self._closed.wait(0.01)
                continue
            with contextlib.suppress(queue.Full):
                self._queue.put(came, timeout=0.05)
                with self._counting:
                    self._ahead += size
                return
        raise EOFError
