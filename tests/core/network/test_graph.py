import networkx as nx
import pytest

from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor


def tensor(name, *shape, dtype="float32"):
    return Tensor(name, shape, dtype)


def diamond():
    """x -> a -> {b, c} -> d, with a's tensor read twice."""
    layers = (
        Layer("a", "Relu", ("x",), ("ta",), (Operator("a", "Relu", ("x",), ("ta",), macs=3, parameters=2),)),
        Layer("b", "Relu", ("ta",), ("tb",)),
        Layer("c", "Relu", ("ta",), ("tc",)),
        Layer("d", "Add", ("tb", "tc"), ("td",)),
    )
    tensors = {name: tensor(name, 1, 4, 2, 2) for name in ("x", "ta", "tb", "tc", "td")}
    return LayerGraph("diamond", layers, tensors, ("x",), ("td",))


def test_sizes():
    assert tensor("t", 1, 3, 5).bytes == 60
    assert tensor("t", 3, dtype="int4").bytes == 2
    assert tensor("t").bytes == 4
    with pytest.raises(ValueError, match="unknown dtype 'float7'"):
        tensor("t", 1, dtype="float7")


def test_who_writes_and_who_reads():
    graph = diamond()
    assert graph.producer == {"ta": 0, "tb": 1, "tc": 2, "td": 3}
    assert graph.readers["ta"] == (1, 2)
    assert (graph.macs, graph.parameters) == (3, 2)


def test_networkx_gets_a_dag_with_tensors_on_its_edges():
    graph = diamond().to_networkx()
    assert nx.is_directed_acyclic_graph(graph)
    assert sorted(graph.edges(keys=True)) == [("a", "b", "ta"), ("a", "c", "ta"), ("b", "d", "tb"), ("c", "d", "tc")]
    assert graph.edges["a", "c", "ta"]["bytes"] == 64
    assert graph.nodes["b"]["layer"].type == "Relu"


def test_it_comes_back_from_its_own_words():
    graph = diamond()
    again = LayerGraph.from_dict(graph.to_dict())
    assert again == graph
    assert again.fingerprint == graph.fingerprint


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda g: {"layers": g.layers[::-1]}, "before any layer writes it"),
        (lambda g: {"layers": (*g.layers, g.layers[0])}, "two layers are named 'a'"),
        (lambda g: {"layers": (*g.layers, Layer("e", "Relu", ("td",), ("ta",)))}, "written twice"),
        (lambda g: {"outputs": ("nothing",)}, "no description"),
        (lambda g: {"tensors": {**g.tensors, "q": g.tensors["x"]}, "outputs": ("q",)}, "written by no layer"),
        (lambda g: {"tensors": {}}, "no description"),
    ],
)
def test_impossible_networks_are_refused(change, says):
    graph = diamond()
    fields = {name: getattr(graph, name) for name in ("name", "layers", "tensors", "inputs", "outputs")}
    with pytest.raises(ValueError, match=says):
        LayerGraph(**{**fields, **change(graph)})
