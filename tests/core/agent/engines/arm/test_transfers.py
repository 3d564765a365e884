"""Transfers: which of Arm NN's copies count, and what is left behind when something goes wrong."""

import numpy as np
import pytest

from layerswitch.agent.engines.arm import events, transfers
from layerswitch.agent.engines.arm.events import Event
from layerswitch.agent.engines.base import EngineError, JobCancelled

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
COPY, RESIZE, SLICE = "CopyMemGeneric_Execute", "RefResizeWorkload_Execute", "RefStridedSliceWorkload_Execute"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Sizes that the slow reference backend is done with at once."""
    monkeypatch.setattr(transfers, "SIDES", (4, 48))
    monkeypatch.setattr(transfers, "REPEATS", 3)


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
    return list(transfers.measure(engine._library, engine._backends, say, cancelled))


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
    graph = transfers.widening(256)
    segment = transfers.Segment("CPU", (0, 1), ("in",), ("few", "wide"))
    part = transfers._Part(engine._library, graph, segment, "CpuRef")
    for _ in range(3):
        part.infer()
    copies = np.median([one.copies for one in part.taken()], axis=0)
    part.close()
    assert len(copies) == 3
    assert copies[2] > 3 * max(copies[0], copies[1])


def test_what_counts(engine, monkeypatch):
    """Out 7, into 2 + 40, and of a segment's start what is neither copy nor layer."""

    def ran(text, last):
        writing = [Event(COPY, 1.0, ()), Event(RESIZE, 100.0, ()), Event(COPY, 500.0, ()), Event(COPY, 7.0, ())]
        reading = [Event(COPY, 40.0, ()), Event(SLICE, 3.0, ()), Event(COPY, 9.0, ())]
        return [(writing if "Resize" in text else reading, 0.0)] * last

    monkeypatch.setattr(events, "workloads", ran)
    monkeypatch.setattr(transfers._Part, "fill", lambda self, content: 2.0)
    monkeypatch.setattr(transfers._Part, "infer", lambda self: (enqueued(self), self.walls.append(60.0)))

    def enqueued(part):
        transfers.enqueue(part._runtime, part._graph, part._part)

    # 60 - 40 - 3 is what the reader does beside, its output of 7 among it
    assert {one.ms for one in measured(engine)} == {7.0 + 2.0 + 40.0 + (60.0 - 40.0 - 3.0 - 7.0)}


def test_one_device_has_none(engine):
    assert list(transfers.measure(engine._library, {"CPU": "CpuRef"}, lambda text: None, bool)) == []


def test_cancelling_leaves_nothing_loaded(engine, loaded):
    asked = []
    with pytest.raises(JobCancelled):
        measured(engine, lambda: asked.append(len(loaded)) or len(asked) > 3)
    assert asked[0] == 4  # both devices' networks are there at once
    assert not loaded


def test_a_profile_without_its_copies_is_an_error(engine, loaded, monkeypatch):
    monkeypatch.setattr(events, "workloads", lambda text, last: [([Event(COPY, 1.0, ())], 0.0)] * last)
    with pytest.raises(EngineError, match="has 1 copies, the network 3"):
        measured(engine)
    assert not loaded
