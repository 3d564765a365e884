"""When to read what Arm NN's profiler has: seldom enough that it costs next to nothing beside the inferences.

Arm NN writes down every inference since the network was loaded each time it is asked, so that reading after each of
many costs more and more: all that came since the last reading are read at once.
"""

import time
from typing import List

from .execution import Execution, LayerTimes

SHARE = 0.05  # of the time between two readings, at most, that the reading takes


class Reading:
    """Reads the layers' times of an execution on a device, of a number of inferences in all."""

    def __init__(self, execution: Execution, device: str, inferences: int) -> None:
        self._execution, self._device, self._left = execution, device, inferences
        self._waiting = 0
        self._due = 0.0  # when it is worth reading again

    def after(self) -> List[LayerTimes]:
        """After an inference: what has been read now, of this one and those before it that were not; often nothing."""
        self._waiting, self._left = self._waiting + 1, self._left - 1
        began = time.perf_counter()
        if self._left and began < self._due:
            return []
        found = self._execution.layer_times(self._device, self._waiting)
        ended = time.perf_counter()
        self._waiting, self._due = 0, ended + (ended - began) * (1.0 - SHARE) / SHARE
        return found
