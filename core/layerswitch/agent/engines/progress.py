"""Progress of a measurement, inference by inference, for engines that execute a network for real."""

import time
from typing import Any, Dict, Iterator, Protocol

from .base import Emit

REPEAT_SECONDS = 0.05  # between two events that say the same


class Executable(Protocol):
    """An assignment that is loaded and can be executed."""

    @property
    def uses_gpu(self) -> bool:
        """Whether a segment is on the GPU, where the first inference compiles kernels."""

    def infer(self, inputs: Dict[str, Any]) -> None:
        """One inference."""


class Steps:
    """Counts inferences out of a total, and emits how far the measurement is."""

    def __init__(self, emit: Emit, total: int) -> None:
        self.emit, self._total, self._done = emit, total, 0
        self.counted = 0
        self._text, self._at = "", 0.0

    def say(self, text: str) -> None:
        """Emit how far it is: at once when the text is new, else now and then."""
        now = time.monotonic()
        if text != self._text or now - self._at >= REPEAT_SECONDS:
            self._text, self._at = text, now
            self.emit("progress", done=min(self._done, self._total), total=self._total, text=text)

    def inferences(
        self, execution: Executable, inputs: Dict[str, Any], runs: int, warmup: int, text: str
    ) -> Iterator[bool]:
        """Infer, and yield whether it counts."""
        self._done += 1
        for number in range(warmup + runs):
            self.say("compiling kernels" if number == 0 and warmup and execution.uses_gpu else text)
            execution.infer(inputs)
            self._done += 1
            self.counted += number >= warmup
            yield number >= warmup
