"""Samples become a profile or a run, over several parts; what an engine says of them is checked."""

import pytest

from layerswitch.boards.client.collectors import INCOMPLETE, ProfileCollector, RunCollector
from layerswitch.boards.client.responses import BadAnswerError, Profiled, Ran
from layerswitch.errors import LostError
from layerswitch.measurement.conditions import Resumption
from layerswitch.measurement.profile import BoardDescription, Device, ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor

BOARD = BoardDescription("b", "Board", "measured", (Device("CPU"), Device("GPU")))


@pytest.fixture
def graph():
    """a -> b -> d and a -> c -> d."""
    layers = (
        Layer("a", "Relu", ("x",), ("ta",)),
        Layer("b", "Relu", ("ta",), ("tb",)),
        Layer("c", "Relu", ("ta",), ("tc",)),
        Layer("d", "Add", ("tb", "tc"), ("y",)),
    )
    tensors = {name: Tensor(name, (1,), "float32") for name in ("x", "ta", "tb", "tc", "y")}
    return LayerGraph("net", layers, tensors, ("x",), ("y",))


def run(graph, segments, times=3):
    assignment = Assignment({"a": "CPU", "b": "GPU", "c": "CPU", "d": "GPU"})
    collected = RunCollector(graph, BOARD, assignment, "mine", 1, 0)
    collected.begin()
    collected.take("sample", {"ms": 9.0, "segments_ms": [1.0] * times, "transfers_ms": [1.0] * times})
    collected.finish(Ran(segments), 1)
    return collected.value()


def test_segments_in_another_order_are_kept(graph):
    found = run(graph, (("a", "c"), ("b", "d")), 2)
    assert found.segments == (("a", "c"), ("b", "d"))


def test_segments_in_the_networks_order_say_nothing_new(graph):
    assert run(graph, (("a",), ("b",), ("c",), ("d",)), 4).segments == ()
    assert run(graph, (), 4).segments == ()


@pytest.mark.parametrize(
    ("segments", "what"),
    [
        ((("a", "c"), ("b",)), "every layer once"),
        ((("a", "c", "c"), ("b", "d")), "every layer once"),
        ((("a", "c"), ("b", "e")), "every layer once"),
        ((("a", "c"), (), ("b", "d")), "one device"),
        ((("a",), ("c", "b"), ("d",)), "one device"),
        ((("c",), ("a",), ("b", "d")), "before what that reads"),
        ((("a", "c"), ("d", "b")), "before what that reads"),
        ((("a", "c"), ("b", "d")), "not of 2 segments in each sample"),
    ],
)
def test_segments_that_cannot_be_are_refused(graph, segments, what):
    with pytest.raises(BadAnswerError, match=what):
        run(graph, segments)


def test_a_run_in_two_parts_keeps_the_segments_of_both(graph):
    assignment = Assignment({"a": "CPU", "b": "CPU", "c": "GPU", "d": "GPU"})
    collected = RunCollector(graph, BOARD, assignment, "mine", 3, 0)
    collected.begin()
    for ms in (1.0, 2.0):
        collected.take("sample", {"ms": ms, "segments_ms": [ms, 0.0], "transfers_ms": [0.0, 0.5]})
    assert collected.value().samples_ms == (1.0, 2.0)
    assert collected.value().conditions.resumed is None
    collected.lose(LostError("the agent ended: signal SIGKILL"))
    assert collected.missing() == 1
    collected.begin()
    collected.take("sample", {"ms": 3.0, "segments_ms": [3.0, 0.0], "transfers_ms": [0.0, 0.5]})
    collected.finish(Ran(verified=True), 1)
    run = collected.value()
    assert run.samples_ms == (1.0, 2.0, 3.0)
    assert run.segments_ms == ((1.0, 2.0, 3.0), (0.0, 0.0, 0.0))
    assert run.transfers_ms == ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5))
    assert run.verified
    assert run.conditions.resumed == Resumption(2, "the agent ended")


def test_a_part_must_have_as_many_samples_as_it_was_asked_for(graph):
    collected = RunCollector(graph, BOARD, Assignment(dict.fromkeys("abcd", "CPU")), "mine", 3, 0)
    collected.begin()
    collected.take("sample", {"ms": 1.0})
    with pytest.raises(BadAnswerError, match="has 1 samples, not 3"):
        collected.finish(Ran(), 3)


def test_layers_that_turn_out_not_to_run_lose_the_samples_of_earlier_parts(graph):
    collected = ProfileCollector(graph, BOARD, ProfileSettings(runs=6))
    collected.begin_with({})
    for device in ("CPU", "GPU"):
        collected.take("sample", {"device": device, "layers": dict.fromkeys("abcd", 1.0)})
    assert collected.missing() == 5
    collected.begin_with({})
    for _ in range(5):
        collected.take("sample", {"device": "CPU", "layers": dict.fromkeys("abcd", 2.0)})
        collected.take("sample", {"device": "GPU", "layers": dict.fromkeys("acd", 2.0)})
    late = {"GPU": {"b": "no kernel"}}
    assert collected.finish(Profiled(unsupported=late), 5) == late
    profile = collected.value()
    assert profile.samples["CPU"]["b"] == (1.0, *[2.0] * 5)
    assert set(profile.samples["GPU"]) == {"a", "c", "d"}
    assert profile.settings.runs == 6
    assert INCOMPLETE not in profile.notes
