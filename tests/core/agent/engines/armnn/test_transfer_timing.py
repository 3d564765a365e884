"""Transfers: which of Arm NN's copies count, and what is left behind when something goes wrong."""

import numpy as np
import pytest

from layerswitch.agent.engines.armnn import profiler_events, transfer_timing
from layerswitch.agent.engines.armnn.profiler_events import Event
from layerswitch.agent.engines.base import EngineError, JobCancelled

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
COPY, RELU, SLICE = "CopyMemGeneric_Execute", "RefActivationWorkload_Execute", "RefStridedSliceWorkload_Execute"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Sizes that the slow reference backend is done with at once."""
    monkeypatch.setattr(transfer_timing, "SIDES", (4, 48))
    monkeypatch.setattr(transfer_timing, "REPEATS", 3)


@pytest.fixture
def loaded(engine, monkeypatch):
    """The numbers of the networks that are loaded."""
    runtime, numbers = engine._library.runtime(), set()
    monkeypatch.setattr(engine._library, "runtime", lambda profiling=False: Counting(runtime, numbers))
    return numbers


class Counting:
    """A runtime that knows what is loaded in it."""

    def __init__(self, runtime, numbers):
        self._runtime, self._numbers = runtime, numbers

    def __getattr__(self, name):
        return getattr(self._runtime, name)

    def LoadNetwork(self, optimized):
        number, text = self._runtime.LoadNetwork(optimized)
        self._numbers.add(number)
        return number, text

    def UnloadNetwork(self, number):
        self._numbers.remove(number)
        return self._runtime.UnloadNetwork(number)


def measured(engine, cancelled=bool, told=None):
    say = (lambda text: None) if told is None else told.append
    return list(transfer_timing.measure(engine._library, engine._backends, say, cancelled))


def test_every_way_and_size_several_times(engine, loaded):
    told = []
    found = measured(engine, told=told)
    assert len(found) == 2 * 2 * 3
    assert {(one.source, one.target, one.bytes) for one in found} == {
        (source, target, size) for source, target in (("CPU", "GPU"), ("GPU", "CPU")) for size in (1024, 147456)
    }
    assert min(one.ms for one in found) > 0
    assert told == ["measuring transfers of 1 KB", "measuring transfers of 147 KB"]
    assert not loaded


def test_the_tensor_leaves_the_network_behind_what_waits(engine):
    """The large copy is the last one: whatever the size of the tensor, the one before it is of a few numbers."""
    part = transfer_timing._Part(engine._library, "CPU", "CpuRef", 256)
    for _ in range(3):
        part.infer()
    copies = np.median([one.copies for one in part.taken()], axis=0)
    part.close()
    assert len(copies) == 3
    assert min(copies[0], copies[2]) > 3 * copies[1]


def test_what_counts(engine, monkeypatch):
    """Out 7, between 2, into 40; and of the start what is neither copy nor layer, and what is waited for the device."""
    ran = [Event(COPY, 40.0, ()), Event(RELU, 100.0, ()), Event(SLICE, 3.0, ()), Event(COPY, 12.0, ())]
    ran += [Event("Working Memory Allocation", 0.5, ()), Event(COPY, 7.0, ())]
    monkeypatch.setattr(profiler_events, "workloads", lambda text, last: [(ran, 0.0)] * last)
    monkeypatch.setattr(transfer_timing._Part, "fill", lambda self, content: 2.0)
    monkeypatch.setattr(transfer_timing._Part, "infer", lambda self: self.walls.append(170.0))
    start = 170.0 - (40.0 + 100.0 + 3.0 + 7.0) - 7.0  # the small output's own copy is at most that of the smallest
    assert {one.ms for one in measured(engine)} == {7.0 + 2.0 + 40.0 + start}


def test_one_device_has_none(engine):
    assert list(transfer_timing.measure(engine._library, {"CPU": "CpuRef"}, lambda text: None, bool)) == []


def test_cancelling_leaves_nothing_loaded(engine, loaded):
    asked = []
    with pytest.raises(JobCancelled):
        measured(engine, lambda: asked.append(len(loaded)) or len(asked) > 3)
    assert asked[0] == 2  # both devices' networks are there at once
    assert not loaded


def test_a_profile_without_its_copies_is_an_error(engine, loaded, monkeypatch):
    monkeypatch.setattr(profiler_events, "workloads", lambda text, last: [([Event(COPY, 1.0, ())], 0.0)] * last)
    with pytest.raises(EngineError, match="has 1 copies, the network 3"):
        measured(engine)
    assert not loaded
