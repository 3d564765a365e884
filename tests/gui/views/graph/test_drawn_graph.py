"""What is drawn when blocks fold: intervals of the execution order, hence never a cycle."""

from collections.abc import Callable

import pytest

from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch_gui.views.graph.drawn_graph import blocks, picture


def network(*blocks_of_layers: str, skips: tuple[tuple[int, int], ...] = ()) -> LayerGraph:
    tensors = {"in": Tensor("in", (1,), "float32")}
    layers = []
    for place, block in enumerate(blocks_of_layers):
        tensors[f"t{place}"] = Tensor(f"t{place}", (10,), "float32")
        inputs = ["in" if place == 0 else f"t{place - 1}"] + [f"t{source}" for source, to in skips if to == place]
        layers.append(Layer(f"l{place}", "Convolution", tuple(inputs), (f"t{place}",), (), block))
    return LayerGraph("net", tuple(layers), tensors, ("in",), (f"t{len(layers) - 1}",), level="layer")


def test_unfolded_shows_every_layer_and_tensor() -> None:
    shown = picture(network("", "a", "a", ""))
    assert [node.key for node in shown.nodes] == ["l0", "l1", "l2", "l3"]
    assert [(link.source, link.target, link.bytes) for link in shown.links] == [
        ("l0", "l1", 40), ("l1", "l2", 40), ("l2", "l3", 40)
    ]  # fmt: skip


def test_a_folded_block_is_one_card() -> None:
    graph = network("", "a", "a", "", skips=((0, 3), (1, 3)))
    shown = picture(graph, {"a"})
    assert [node.places for node in shown.nodes] == [(0,), (1, 2), (3,)]
    assert shown.nodes[1].folded
    assert shown.nodes[1].title == "a"
    carried = {(link.source, link.target): link.tensors for link in shown.links}
    assert carried[shown.nodes[1].key, "l3"] == ("t1", "t2")


def test_a_block_that_is_interrupted_folds_in_parts_without_a_cycle() -> None:
    shown = picture(network("a", "a", "b", "a", "a"), {"a"})
    assert [node.title for node in shown.nodes] == ["a", "l2", "a (2)"]
    order = {node.key: place for place, node in enumerate(shown.nodes)}
    assert all(order[link.source] < order[link.target] for link in shown.links)


def test_only_blocks_of_several_layers_can_fold() -> None:
    assert blocks(network("a", "b", "b", "")) == ("b",)


@pytest.mark.parametrize("make", [lambda: network("a"), lambda: network("a", "a")])
def test_small_networks(make: Callable[[], LayerGraph]) -> None:
    graph = make()
    assert len(picture(graph, {"a"}).node_of) == len(graph.layers)


def test_a_folded_block_has_no_layers_name() -> None:
    """A layer may be called as a block is: cards' keys stay apart."""
    graph = network("l2", "l2", "")
    assert len({node.key for node in picture(graph, {"l2"}).nodes}) == 2
