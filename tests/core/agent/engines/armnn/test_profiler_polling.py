"""Reading the profiler seldom, and losing nothing by it."""

import pytest

from layerswitch.agent.engines.armnn import profiler_polling
from layerswitch.agent.engines.armnn.profiler_polling import SHARE, Reading


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(profiler_polling.time, "perf_counter", lambda: self.now)


class Slow:
    """An execution whose profile takes a while to read."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.asked = clock, seconds, []

    def layer_times(self, device, last):
        self.clock.now += self.seconds
        self.asked.append((device, last))
        return [f"inference {len(self.asked)}.{number}" for number in range(last)]


@pytest.fixture
def read(monkeypatch):
    """read(seconds of a reading, seconds of an inference, inferences) -> (execution, what came after each)."""

    def run(costs, takes, count):
        clock = Clock(monkeypatch)
        execution = Slow(clock, costs)
        one, found = Reading(execution, "GPU", count), []
        for _ in range(count):
            clock.now += takes
            found.append(one.after())
        return execution, found

    return run


def test_a_reading_that_costs_nothing_follows_every_inference(read):
    execution, found = read(0.0, 0.010, 4)
    assert execution.asked == [("GPU", 1)] * 4
    assert [len(one) for one in found] == [1, 1, 1, 1]


def test_a_dear_one_takes_several_at_once_and_its_share_is_kept(read):
    execution, found = read(0.1, 0.5, 21)
    assert [last for _, last in execution.asked] == [1, 4, 4, 4, 4, 4]
    assert sum(len(one) for one in found) == 21
    assert SHARE >= 0.1 / (4 * 0.5)


def test_the_last_inference_is_never_left_over(read):
    execution, found = read(1.0, 0.001, 5)
    assert [last for _, last in execution.asked] == [1, 4]
    assert [len(one) for one in found] == [1, 0, 0, 0, 4]
