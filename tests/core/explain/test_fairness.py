"""What rests on the comparison of two devices: no more is said than the two of them carry."""

import json

import msgspec
import numpy as np
import pytest

from layerswitch.explain import Attribute, Explanation, Group, Spot, explain
from layerswitch.explain.network_findings import findings
from layerswitch.measurement.profile import BoardDescription, Device, Profile
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.latency_model import LatencyModel

SIZES = [112, 112, 112, 56, 56, 56, 28, 28, 28, 14, 14, 14, 7, 7, 7]
LETTERS = "abcdefghijklmno"


@pytest.fixture
def network(graph_of, profile_of, convolution):
    """Convolutions on ever smaller maps; `make` is given the times of each device, [15]."""
    layers, shape = [(1, 8, 112, 112)], (1, 8, 112, 112)
    for size, following in zip(SIZES, [*SIZES[1:], 7], strict=True):
        layers.append(convolution(shape, 8, stride=1 if size == following else 2))
        shape = layers[-1][2]

    def make(**times):
        samples = {
            device: {f"layer {letter}": [float(ms)] * 6 for letter, ms in zip(LETTERS, row, strict=True)}
            for device, row in times.items()
        }
        return explain(profile_of(graph_of(layers), samples))

    return make


def said(explanation, rule):
    return next((clause.text for clause in explanation.findings if clause.rule == rule), None)


def attribute(explanation, name):
    return next(one for one in explanation.attributes if one.name == name)


@pytest.mark.slow(5)
def test_map_sizes_need_both_rank_tests_as_every_trend_does(network):
    random, seen = np.random.default_rng(0), 0
    for _ in range(400):
        found = network(CPU=random.lognormal(0, 0.3, 15) * np.linspace(1.35, 1, 15), GPU=[1.0] * 15)
        maps = attribute(found, "map")
        if maps.rho_p <= 0.005 < maps.tau_p or maps.tau_p <= 0.005 < maps.rho_p:
            seen += 1
            assert said(found, "trend map").startswith("No trend with feature-map size")
            assert said(found, "large maps").startswith("Whether large maps prefer a device cannot be distinguished")
    assert seen


def test_equal_ratios_stay_equal_after_rounding(network):
    """0.1 * 3 / 0.1 is not 3 in binary: such ratios have no order that could go with anything."""
    times = np.array([0.1, 0.2, 0.3, 0.7, 1.1, 1.3, 1.7, 1.9, 2.3, 2.9, 3.1, 3.7, 4.1, 4.3, 4.7])
    assert len(set((times * 1.1 / times).tolist())) > 1
    found = network(CPU=times * 1.1, GPU=times)
    assert all(one.rho is None and one.p is None for one in found.attributes)
    assert said(found, "large maps") == (
        "No maps prefer a device more than others: the CPU/GPU time is 1.10 at all of them."
    )
    equal = network(CPU=times * 3 * (1 / 3), GPU=times)
    assert all(group.over == 0 for group in attribute(equal, "map").groups)


def test_most_of_a_group_is_more_than_half_of_it():
    """Medians over 1 at both ends, but of the six largest maps only three are faster on the GPU."""

    def said_of(over):
        groups = (Group("7 to 13", 3, 1.01, 1.0, 1.02, 2), Group("56 and more", 6, 1.3, 0.9, 1.8, over))
        spots = tuple(Spot(f"layer {place}", 7.0, 1.0) for place in range(9))
        trend = {"rho": 0.9, "rho_p": 1e-4, "tau": 0.8, "tau_p": 1e-4}
        return findings((Attribute("map", "feature-map size", "", spots, groups, **trend),), "CPU", "GPU")[0].text

    assert said_of(4).startswith("The GPU does the better the larger the maps, and the GPU is faster for most at both")
    assert said_of(3).startswith("The GPU does the better the larger the maps: the median")


def test_fully_connected_layers_are_counted_between_the_two_devices_compared(graph_of, profile_of):
    connected = ("FullyConnected", {"units": 4}, (1, 4), {"weights": (4, 4)})
    graph = graph_of([(1, 4), *[connected] * 4])
    times = {
        "CPU": {"layer a": [1.0] * 6, "layer b": [3.0] * 6, "layer c": [1.0] * 6},
        "GPU": {"layer a": [2.0] * 6, "layer b": [2.0] * 6},
        "NPU": {f"layer {letter}": [0.1] * 6 for letter in "abcd"},
    }
    found = explain(profile_of(graph, times))
    assert {one.verdict for one in found.layers[:3]} == {"NPU"}
    assert said(found, "fully connected") == (
        "Of 3 fully connected layers (mixed) 1 faster on the CPU, 1 on the GPU, 1 run by the CPU alone."
    )


def test_a_scale_that_is_no_number_calibrates_nothing(graph_of, profile_of, convolution):
    shape = (1, 4, 8, 8)
    graph = graph_of([shape, convolution(shape, 4)])
    profile = profile_of(graph, {"CPU": {"layer a": [1e-320] * 6}}, baselines={"CPU": [1e12] * 6})
    assert LatencyModel.from_profile(profile).scales == {"CPU": 1.0}
    assert explain(profile).scales["CPU"].samples == 0


@pytest.mark.parametrize("whole", [[0.0] * 6, [0.0, 0.0, 0.0, 0.0, 9.0, 9.0]])
def test_a_whole_run_of_no_time_calibrates_nothing(graph_of, profile_of, convolution, whole):
    """A clock too coarse: layers that took milliseconds do not take none."""
    shape = (1, 4, 8, 8)
    graph = graph_of([shape, convolution(shape, 4)])
    times = {"CPU": {"layer a": [2.0] * 6}, "GPU": {"layer a": [3.0] * 6}}
    profile = profile_of(graph, times, baselines={"CPU": whole, "GPU": [6.0] * 6})
    model, found = LatencyModel.from_profile(profile), explain(profile)
    assert model.layer_ms.tolist() == [[2.0, 6.0]]
    assert [one.ms.median for one in found.layers[0].devices] == [2.0, 6.0]
    assert any(text.startswith("what the layers add up to on CPU") for text in found.unknown)
    assert not any("calibrated" in text for text in explain(profile, calibrated=False).unknown)


def test_the_product_of_a_grouped_convolution_says_how_often(explained):
    weights = {"weights": (32, 8, 3, 3)}
    grouped = ("Convolution", {"kernel": [3, 3], "group": 2}, (1, 32, 28, 28), weights)
    one = explained({"CPU": 1.0, "GPU": 2.0}, layer=grouped)
    assert one.work.products[0].macs == one.work.macs
    assert one.reason.startswith("Convolution 3x3 (784 x 16 x 72, 2 times), ")


def test_the_fastest_of_three_is_seen_to_be_faster_than_both_others(explained):
    """The GPU has the second median, but it is the NPU's interval that reaches under the CPU's."""
    wild = [0.5, 0.6, 0.7, 1.2, 1.2, 1.9, 2.0, 2.1]
    one = explained({"CPU": 1.0, "GPU": 1.1, "NPU": wild})
    assert one.verdict == "noise"
    assert "CPU 1.00 ms (1.00 to 1.00) and NPU 1.20 ms (0.5" in one.reason
    assert "the intervals overlap" in one.reason
    few = explained({"CPU": 1.0, "GPU": 1.1, "NPU": [2.0]})
    assert few.verdict == "too few samples"
    assert "CPU 1.00 ms (8 samples) and NPU 2.00 ms (1 sample)" in few.reason
    assert explained({"CPU": 1.0, "GPU": 1.1, "NPU": 1.2}).verdict == "CPU"


def test_times_beyond_all_ratios_are_told_without_one(explained):
    """A profile's file may say 1e-320 ms: what is divided by that is no number."""
    one = explained({"CPU": 1e-320, "GPU": 1e12})
    assert one.verdict == "CPU"
    assert "The CPU takes 0.00000000000000 ms, the GPU 1000000000000 ms: " in one.reason
    assert one.devices[0].gflops is None
    found = Explanation.from_dict(json.loads(msgspec.json.encode(explanation_of(1e-320, 1e12))))
    assert found.attributes == ()


def explanation_of(first, second):
    """Of a layer whose operators nobody knows."""
    tensors = {name: Tensor(name, (1,), "float32") for name in "xy"}
    graph = LayerGraph("net", (Layer("a", "Imported", ("x",), ("y",)),), tensors, ("x",), ("y",))
    board = BoardDescription("b", "B", "imported", (Device("CPU"), Device("GPU")))
    return explain(Profile(graph, board, {"CPU": {"a": (first,) * 6}, "GPU": {"a": (second,) * 6}}))
