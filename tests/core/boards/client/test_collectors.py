"""What an engine says of a run is checked against the network and the assignment."""

import pytest

from layerswitch.boards.client.collectors import RunCollector
from layerswitch.boards.client.responses import BadAnswerError, Ran
from layerswitch.measurement.profile import BoardDescription, Device
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
