"""Waiting for what cannot be interrupted, without having to wait for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")
POLL_SECONDS = 0.05


def abandonable(call: Callable[[], T], check: Callable[[], None], discard: Callable[[T], None]) -> T:
    """The value of `call()`, which a thread of its own makes; raises what that raises.

    `check` is called all the while, and may raise: `call` is then left to itself, and its value given to `discard`.
    """
    future: Future[T] = Future()

    def work() -> None:
        try:
            value = call()
        except BaseException as error:  # for the one who waits, if there is one
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
            return
        if future.set_running_or_notify_cancel():
            future.set_result(value)
        else:
            discard(value)

    threading.Thread(target=work, name="connecting", daemon=True).start()
    try:
        while not wait([future], POLL_SECONDS).done:
            check()
    except BaseException:
        if not future.cancel() and future.exception() is None:
            discard(future.result())
        raise
    return future.result()
