"""Waiting for what cannot be interrupted, without having to wait for it."""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
POLL_SECONDS = 0.05


def without_waiting(call: Callable[[], T], check: Callable[[], None], drop: Callable[[T], None]) -> T:
    """The value of `call()`, which a thread of its own makes; raises what that raises.

    `check` is called all the while, and may raise: `call` is then left to itself, and its value given to `drop`.
    """
    found: queue.SimpleQueue[T] = queue.SimpleQueue()
    failed: list[BaseException] = []
    ended, left, turn = threading.Event(), threading.Event(), threading.Lock()

    def work() -> None:
        try:
            value = call()
            with turn:
                if not left.is_set():
                    found.put(value)
                    return
            drop(value)
        except BaseException as error:  # handed to the one who waits, if there still is one
            failed.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=work, name="connecting", daemon=True)
    thread.start()
    try:
        while not ended.wait(POLL_SECONDS):
            check()
    except BaseException:
        with turn:
            left.set()
        with suppress(queue.Empty):
            drop(found.get_nowait())
        raise
    thread.join()
    if failed:
        raise failed[0]
    return found.get_nowait()
