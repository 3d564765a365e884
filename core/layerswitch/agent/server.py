"""The loop: one thread reads frames, the main thread carries out requests, `cancel` is answered at once."""

import contextlib
import os
import queue
import sys
import threading
import traceback
from typing import Any, BinaryIO, Dict, Iterator, Optional

from . import protocol
from .engines.base import Cancelled, EngineError, JobCancelled
from .machine_lock import BoardLock
from .protocol import Frame
from .requests import Operations

MOST_WAITING = 16  # requests; more are refused
GRACE_SECONDS = 1.0  # how long a job has to end by itself when the input closes
BAD_STREAM, GONE = 3, 4  # exit codes: the input broke the protocol; nobody reads the output


class Server:
    """Serves one client over two streams until the input closes."""

    def __init__(
        self, source: BinaryIO, sink: BinaryIO, operations: Operations, lock: Optional[BoardLock] = None
    ) -> None:
        """Without a `lock` any number of agents may measure at once."""
        self.source, self.sink, self.operations, self.lock_of_board = source, sink, operations, lock
        self.waiting: "queue.Queue[Optional[Frame]]" = queue.Queue()
        self.cancels: Dict[int, threading.Event] = {}  # requests accepted and not ended
        self.lock = threading.Lock()  # one frame at a time goes out
        self.ended = threading.Event()
        self.exit_code = 0
        self.real = False  # whether the engine that is open measures, rather than computes times

    def serve(self) -> int:
        """Work until the input closes; the exit code."""
        threading.Thread(target=self._read, name="frames", daemon=True).start()
        while True:
            frame = self.waiting.get()
            if frame is None:
                break
            self._work(frame)
        self.operations.close()
        self.operations.store.drop()
        self.ended.set()
        return self.exit_code

    def _read(self) -> None:
        try:
            while True:
                try:
                    self._accept(protocol.read(self.source.read))
                except protocol.HeaderError as error:
                    self._error(None, EngineError(str(error), where="request", kind="request"))
        except EOFError:
            pass
        except (protocol.FrameError, OSError) as error:
            self._error(None, EngineError(str(error), where="request", kind="protocol"))
            self.exit_code = BAD_STREAM
        except BaseException:
            traceback.print_exc()
            self.exit_code = BAD_STREAM
        for event in list(self.cancels.values()):
            event.set()
        self.waiting.put(None)
        if not self.ended.wait(GRACE_SECONDS):
            os._exit(self.exit_code)  # a job that cannot be stopped must not outlive its client

    def _accept(self, frame: Frame) -> None:
        header = frame.header
        if header.get("op") == "ping":
            return  # its bytes have shown that the client is there
        if header.get("op") == "cancel":
            target = header.get("target")
            if type(target) is int and target in self.cancels:
                self.cancels[target].set()
            return  # the target's own end is the answer; one that has already ended needs none
        number = header.get("id")
        if type(number) is not int or number < 0:
            self._error(None, EngineError("'id' must be a whole number", where="request", kind="request"))
        elif number in self.cancels:
            self._error(None, EngineError("id %d is in use" % number, where="request", kind="request"))
        elif len(self.cancels) >= MOST_WAITING:
            self._error(number, EngineError("too many requests are waiting", where="request", kind="request"))
        else:
            self.cancels[number] = threading.Event()
            self.waiting.put(frame)

    def _work(self, frame: Frame) -> None:
        number = frame.header["id"]
        cancelled = self.cancels[number].is_set

        def emit(event: str, **fields: Any) -> None:
            if event in ("result", "error"):
                raise ValueError("an engine may not emit %r" % event)
            self._send(dict(fields, id=number, event=event))

        try:
            if cancelled():
                raise JobCancelled
            with self._alone(frame.header, cancelled):
                result = self.operations.call(frame, emit, cancelled)
            if cancelled():
                raise JobCancelled
            self.cancels.pop(number)
            self._send(dict(result, id=number, event="result"))
        except JobCancelled:
            self._error(number, EngineError("cancelled", kind="cancelled"))
        except EngineError as error:
            self._error(number, error)
        except Exception as error:  # a defect of an engine: reported, logged, survived
            traceback.print_exc()
            self._error(number, EngineError("%s: %s" % (type(error).__name__, error)))

    @contextlib.contextmanager
    def _alone(self, header: Dict[str, Any], cancelled: Cancelled) -> Iterator[None]:
        """Hold the board's lock while something is measured there, be it by this request or one soon after it."""
        lock, operation = self.lock_of_board, header.get("op")
        if lock is None:
            yield
        elif operation in ("profile", "run") and self.real:
            lock.take(cancelled)
            try:
                yield
            finally:
                lock.rest()
        else:
            yield
            if operation == "open":
                self.real, lock.holder = header.get("engine") != "simulated", str(header.get("client", "somebody"))[:80]
            if operation in ("open", "close"):
                lock.release()

    def _error(self, number: Optional[int], error: EngineError) -> None:
        if number is not None:
            self.cancels.pop(number, None)
        fields = {"kind": error.kind, "what": error.what[:2000], "where": error.where[:500], "hint": error.hint[:500]}
        self._send(dict(fields, id=number, event="error"))

    def _send(self, header: Dict[str, Any]) -> None:
        pieces = protocol.pack(header)
        with self.lock:
            try:
                for piece in pieces:
                    self.sink.write(piece)
                self.sink.flush()
            except (OSError, ValueError):
                with contextlib.suppress(OSError):
                    sys.stderr.write("the client is gone\n")
                os._exit(GONE)
