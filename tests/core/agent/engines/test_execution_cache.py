"""Executions stay loaded between calls, as far as memory allows."""

import pytest

from layerswitch.agent import hardware
from layerswitch.agent.engines import execution_cache
from layerswitch.agent.engines.base import EngineError
from layerswitch.agent.engines.execution_cache import ExecutionCache


class Library:
    dropped = 0

    def drop(self):
        self.dropped += 1


class Execution:
    closed = False

    def close(self):
        self.closed = True


@pytest.fixture
def free(monkeypatch):
    """Set the free memory by free["bytes"]."""
    memory = {"bytes": 10_000}
    monkeypatch.setattr(hardware, "free_memory", lambda: memory["bytes"])
    return memory


def assignment(device):
    return {"a": "CPU", "b": device}


def test_one_is_loaded_once_and_found_again(free):
    cache, calls = ExecutionCache(Library().drop, 100), []
    first, new = cache.get(assignment("CPU"), lambda: calls.append(1) or Execution())
    again, second = cache.get(dict(reversed(assignment("CPU").items())), lambda: calls.append(1) or Execution())
    assert first is again
    assert (new, second, calls) == (True, False, [1])


def test_what_was_used_least_recently_goes_when_memory_is_short(free):
    cache = ExecutionCache(Library().drop, 100)
    made = {device: cache.get(assignment(device), Execution)[0] for device in ("CPU", "GPU")}
    cache.get(assignment("CPU"), Execution)  # used again
    free["bytes"] = execution_cache.ROOM * 100  # enough
    third, _ = cache.get(assignment("NPU"), Execution)
    assert not any(one.closed for one in (*made.values(), third))

    def load():
        free["bytes"] = 10_000
        return Execution()

    free["bytes"] = execution_cache.ROOM * 100 - 1
    cache.get(assignment("DSP"), load)
    assert made["GPU"].closed
    assert made["CPU"].closed  # nothing was freed by dropping the first
    assert third.closed
    assert len(cache) == 1


def test_no_more_than_the_limit_are_kept(free, monkeypatch):
    monkeypatch.setattr(execution_cache, "MOST", 2)
    cache = ExecutionCache(Library().drop, 100)
    made = [cache.get(assignment(str(number)), Execution)[0] for number in range(3)]
    assert [one.closed for one in made] == [True, False, False]


def test_when_loading_fails_the_others_are_dropped_and_it_is_tried_once_more(free):
    library, tries = Library(), []
    cache = ExecutionCache(library.drop, 100)
    other, _ = cache.get(assignment("CPU"), Execution)

    def load():
        tries.append(other.closed)
        if not other.closed:
            raise EngineError("no memory")
        return Execution()

    _, new = cache.get(assignment("GPU"), load)
    assert new
    assert tries == [False, True]
    assert library.dropped == 1


def test_when_it_fails_alone_it_says_so_and_keeps_nothing(free):
    def load():
        raise EngineError("no memory")

    cache = ExecutionCache(Library().drop, 100)
    with pytest.raises(EngineError, match="no memory"):
        cache.get(assignment("CPU"), load)
    assert len(cache) == 0
