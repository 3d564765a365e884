"""Executions that stay loaded between calls, so that a comparison's rounds do not load every network again."""

from collections import OrderedDict
from typing import Callable, Dict, Generic, Protocol, Tuple, TypeVar

from .. import hardware
from .base import EngineError

MOST = 16  # executions; a comparison of more loads them in turn
ROOM = 3  # times a network's weights must be free before another copy of them is loaded
Key = Tuple[Tuple[str, str], ...]


class Closable(Protocol):
    """What holds memory until it is closed: an engine's execution of one assignment."""

    def close(self) -> None:
        """Free what it holds."""


E = TypeVar("E", bound=Closable)


class ExecutionCache(Generic[E]):
    """The executions of one network, by assignment; those used least recently go first when memory is short.

    Each holds a copy of the weights: another is loaded beside them only while free memory is `ROOM` times the weights.
    """

    def __init__(self, drop_library: Callable[[], None], weights: int) -> None:
        """`weights` are the bytes of all constants; `drop_library` frees what the executions share."""
        self._drop_library, self._weights = drop_library, weights
        self._loaded: "OrderedDict[Key, E]" = OrderedDict()

    def __len__(self) -> int:
        return len(self._loaded)

    def get(self, assignment: Dict[str, str], load: Callable[[], E]) -> Tuple[E, bool]:
        """The assignment's execution, and whether it was loaded just now. Raises what `load` raises.

        When loading fails beside others, they are dropped and it is tried once more: it may have been for memory.
        """
        key = tuple(sorted(assignment.items()))
        if key in self._loaded:
            self._loaded.move_to_end(key)
            return self._loaded[key], False
        while self._loaded and (len(self._loaded) >= MOST or self._short()):
            self._loaded.popitem(last=False)[1].close()
        try:
            self._loaded[key] = load()
        except EngineError:
            if not self._loaded:
                raise
        if key not in self._loaded:  # by now the error is gone, and the memory that its frames held
            self.drop()
            self._loaded[key] = load()
        return self._loaded[key], True

    def drop(self) -> None:
        """Free everything, and what the executions shared."""
        for execution in self._loaded.values():
            execution.close()
        self._loaded.clear()
        self._drop_library()

    def _short(self) -> bool:
        free = hardware.free_memory()
        return free is not None and free < ROOM * self._weights
