"""The preference across a network: what is said of it, and when nothing may be."""

import re

import numpy as np
import pytest

from layerswitch.explain import explain

SIZES = [112, 112, 112, 56, 56, 56, 28, 28, 28, 14, 14, 14, 7, 7, 7]


@pytest.fixture
def network(graph_of, profile_of, convolution):
    """Convolutions 3x3 on ever smaller maps, the ratio CPU / GPU of each as asked for."""
    layers, shape = [(1, 8, 112, 112)], (1, 8, 112, 112)
    for size, following in zip(SIZES, [*SIZES[1:], 7], strict=True):
        layers.append(convolution(shape, 8, stride=1 if size == following else 2))
        shape = layers[-1][2]

    def make(ratios):
        names = [f"layer {letter}" for letter in "abcdefghijklmno"]
        times = {
            "CPU": {name: [ratio] * 6 for name, ratio in zip(names, ratios, strict=True)},
            "GPU": {name: [1.0] * 6 for name in names},
        }
        return explain(profile_of(graph_of(layers), times))

    return make


def said(explanation, rule):
    return next((clause.text for clause in explanation.findings if clause.rule == rule), None)


def attribute(explanation, name):
    return next(one for one in explanation.attributes if one.name == name)


def test_the_papers_finding(network):
    found = network(np.linspace(1.3, 0.6, 15))
    assert said(found, "large maps") == (
        "Large maps prefer the GPU, small ones the CPU: "
        "the median CPU/GPU time is 1.17 at 56 and more pixels a side and 0.650 at 7 to 13."
    )
    maps = attribute(found, "map")
    assert [group.label for group in maps.groups] == ["7 to 13", "14 to 27", "28 to 55", "56 and more"]
    assert [(group.layers, group.over) for group in maps.groups] == [(3, 0), (3, 0), (3, 0), (6, 6)]
    assert maps.rho > 0.95
    assert maps.tau > 0.85
    assert said(found, "trend place").startswith(
        "The GPU does better against the CPU with earlier layers (Spearman -1.00"
    )


def test_seen_to_be_otherwise(network):
    found = network(np.linspace(0.6, 1.3, 15))
    assert said(found, "large maps").startswith("Large maps prefer the CPU, small ones the GPU: ")
    assert "with later layers" in said(found, "trend place")


def test_a_trend_in_which_one_device_always_wins(network):
    text = said(network(np.linspace(0.9, 0.5, 15)), "large maps")
    assert text.startswith(
        "The GPU does the better the larger the maps, though the CPU is faster for most at both ends: "
    )


def test_without_a_trend_none_is_claimed(network):
    found = network([1.1, 0.9, 1.0, 0.8, 1.2, 1.0, 1.1, 0.9, 1.05, 0.95, 1.2, 0.85, 1.15, 0.9, 1.0])
    words = "Whether large maps prefer a device cannot be distinguished from chance: "
    assert said(found, "large maps").startswith(words)
    assert said(found, "trend map").startswith("No trend with feature-map size can be distinguished from chance")


def test_chance_seldom_makes_a_trend(network):
    rng = np.random.default_rng(5)
    claims = 0
    for _ in range(100):
        found = network(rng.lognormal(0, 0.3, 15))
        claims += any(clause.text.startswith("The GPU does better") for clause in found.findings)
    assert claims <= 9  # 5 % of 100, and two standard deviations


def test_too_few_layers(graph_of, profile_of, convolution):
    shape = (1, 8, 112, 112)
    graph = graph_of([shape, convolution(shape, 8)])
    times = {device: {"layer a": [1.0] * 6} for device in ("CPU", "GPU")}
    found = explain(profile_of(graph, times))
    assert said(found, "large maps").startswith("Too few layers to tell whether large maps prefer a device")
    assert attribute(found, "map").rho is None


def test_rank_statistics_do_not_bend_to_one_odd_layer(network):
    ratios = np.linspace(1.3, 0.6, 15)
    ratios[7] = 1e6
    assert abs(np.corrcoef(SIZES, ratios)[0, 1]) < 0.2  # which moments would see no trend in
    assert said(network(ratios), "trend map").startswith("The GPU does better against the CPU with larger maps")


def test_kernels_and_types_are_groups(graph_of, profile_of, convolution):
    shape = (1, 16, 28, 28)
    graph = graph_of([shape, *[convolution(shape, 16) for _ in range(4)], *[("Relu", {}, shape, {})] * 4])
    times = {
        "CPU": {f"layer {name}": [2.0 if name < "e" else 1.0] * 6 for name in "abcdefgh"},
        "GPU": {f"layer {name}": [1.0 if name < "e" else 2.0] * 6 for name in "abcdefgh"},
    }
    ran = {"CPU": {f"layer {name}": [("im2col", 1.0), ("gemm_mm", 1.0)] for name in "abcd"}}
    found = explain(profile_of(graph, times, kernels=ran))
    types = attribute(found, "type")
    assert [(group.label, group.layers, group.median) for group in types.groups] == [
        ("Convolution", 4, 2.0),
        ("Relu", 4, 0.5),
    ]
    assert types.p < 0.01
    ways = attribute(found, "kernels CPU")
    assert [(group.label, group.layers) for group in ways.groups] == [("im2col + gemm", 4)]
    assert not [one for one in found.attributes if one.name == "kernels GPU"]


def test_fully_connected_layers_are_counted_with_noise_heeded(graph_of, profile_of):
    connected = ("FullyConnected", {"units": 4}, (1, 4), {"weights": (4, 4)})
    graph = graph_of([(1, 4), connected, connected, connected])
    rough = [1.0, 1.5, 0.5, 1.2, 0.8, 1.0]
    times = {
        "CPU": {"layer a": [1.0] * 6, "layer b": [3.0] * 6, "layer c": rough},
        "GPU": {"layer a": [2.0] * 6, "layer b": [2.0] * 6, "layer c": [1.01] * 6},
    }
    assert said(explain(profile_of(graph, times)), "fully connected") == (
        "Of 3 fully connected layers (mixed) 1 faster on the CPU, 1 on the GPU, 1 undecided."
    )


def test_every_number_of_a_finding_is_a_fact(network):
    for seed in range(30):
        for clause in network(np.random.default_rng(seed).lognormal(0, 0.3, 15) * np.linspace(1.5, 0.5, 15)).findings:
            numbers = re.findall(r"-?\d+(?:\.\d+)?", clause.text)
            assert sorted(numbers) == sorted(fact.text for fact in clause.facts)
