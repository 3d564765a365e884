import numpy as np
import pytest

from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.dataflow import DataFlow


@pytest.fixture
def graph():
    """x -> a -> {b, c} -> d, with a's tensor read twice and a second output of b read by nobody."""
    layers = (
        Layer("a", "Relu", ("x",), ("ta",)),
        Layer("b", "Split", ("ta",), ("tb", "unread")),
        Layer("c", "Relu", ("ta",), ("tc",)),
        Layer("d", "Add", ("tb", "tc", "tb"), ("td",)),
    )
    sizes = {"x": 1, "ta": 10, "tb": 20, "tc": 30, "td": 1, "unread": 1}
    return LayerGraph("net", layers, {n: Tensor(n, (s,), "float32") for n, s in sizes.items()}, ("x",), ("td",))


def test_what_passes_between_layers(graph):
    flow = DataFlow.of(graph)
    assert dict(zip(flow.tensors, flow.producers, strict=True)) == {"ta": 0, "tb": 1, "tc": 2}
    assert flow.readers == ((1, 2), (3,), (3,))
    assert flow.sizes(graph).tolist() == [40, 80, 120]


def test_the_tensors_of_a_layer(graph):
    flow = DataFlow.of(graph)
    named = [tuple([flow.tensors[row] for row in rows] for rows in flow.touching(place)) for place in range(4)]
    assert named == [([], ["ta"]), (["ta"], ["tb"]), (["ta"], ["tc"]), (["tb", "tc"], [])]


def test_readers_are_counted_by_device(graph):
    assert DataFlow.of(graph).readings(np.array([0, 1, 0, 1]), 2).tolist() == [[1, 1], [0, 1], [0, 1]]
