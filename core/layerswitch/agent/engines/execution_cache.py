"""Executions that stay loaded between calls, so that a comparison's rounds do not load every network anew."""

from collections import OrderedDict
from typing import Callable, Dict, Tuple

from .. import hardware
from .armnn.execution import Execution
from .armnn.pyarmnn_adapter import Library
from .base import EngineError

MOST = 16  # executions; a comparison of more loads them in turn
ROOM = 3  # times a network's weights must be free before another copy of them is loaded
Key = Tuple[Tuple[str, str], ...]


class Loaded:
    """The executions of one network, by assignment; those used least recently go first when memory is short.

    Each holds a copy of the weights: another is loaded beside them only while free memory is `ROOM` times the weights.
    """

    def __init__(self, library: Library, weights: int) -> None:
        """`weights` are the bytes of all constants of the network."""
        self._library, self._weights = library, weights
        self._kept: "OrderedDict[Key, Execution]" = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, assignment: Dict[str, str], load: Callable[[], Execution]) -> Tuple[Execution, bool]:
        """The assignment's execution, and whether it was loaded just now. Raises what `load` raises.

        When loading fails beside others, they are dropped and it is tried once more: it may have been for memory.
        """
        key = tuple(sorted(assignment.items()))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key], False
        while self._kept and (len(self._kept) >= MOST or self._short()):
            self._kept.popitem(last=False)[1].close()
        try:
            self._kept[key] = load()
        except EngineError:
            if not self._kept:
                raise
        if key not in self._kept:  # by now the error is gone, and the memory that its frames held
            self.drop()
            self._kept[key] = load()
        return self._kept[key], True

    def drop(self) -> None:
        """Let go of everything, and of the runtime."""
        for execution in self._kept.values():
            execution.close()
        self._kept.clear()
        self._library.drop()

    def _short(self) -> bool:
        free = hardware.free_memory()
        return free is not None and free < ROOM * self._weights
