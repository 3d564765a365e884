"""Published times of real boards: the finding is seen where it was published, and seen to be absent elsewhere.

The measurements are not part of the project: LAYERSWITCH_DATA names the folder that holds them.
"""

import csv
import os
from collections import defaultdict
from pathlib import Path

import pytest

from layerswitch.explain import explain
from layerswitch.measurement.profile import BoardDescription, Device, Profile
from layerswitch.network.graph import Layer, LayerGraph, Tensor

FOLDER = os.environ.get("LAYERSWITCH_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="LAYERSWITCH_DATA names no folder")
NAMES = {"res50": "ResV1_50", "google": "Google", "alex": "Alex"}
DEVICES = {"B": "CPU", "G": "GPU"}


def rows(name):
    with (Path(FOLDER) / name).open() as file:
        yield from csv.DictReader(file)


def shape(text):
    sizes = tuple(int(size) for size in text.split("x"))
    return (1, *sizes)


@pytest.fixture
def blocks_of():
    """Times by (graph, device, block) -> the three networks in one row, as a profile of shapes without operators."""

    def make(times):
        table = {(row["graph"], int(row["layer"])): row for row in rows("layer_to_ops.csv")}
        tensors, layers, inputs = {}, [], []
        for (graph, place), row in sorted(table.items()):
            name = f"{graph} {place}"
            tensors[f"{name} in"] = Tensor(f"{name} in", shape(row["first_input_shape"]), "float32")
            tensors[name] = Tensor(name, shape(row["last_output_shape"]), "float32")
            layers.append(Layer(name, "Block", (f"{name} in",), (name,)))
            inputs.append(f"{name} in")
        graph = LayerGraph(
            "published", tuple(layers), tensors, tuple(inputs), tuple(layer.name for layer in layers), level="block"
        )
        samples = {device: {} for device in ("CPU", "GPU")}
        for (network, device, place), taken in times.items():
            samples[device][f"{network} {place}"] = tuple(taken)
        return Profile(graph, BoardDescription("b", "Board", "imported", (Device("CPU"), Device("GPU"))), samples)

    return make


def test_on_the_vim3_large_maps_prefer_the_gpu_and_small_ones_the_cpu(blocks_of):
    times = defaultdict(list)
    for row in rows("khadas_vim3_layers.csv"):
        if row["metric"] == "task" and row["component"] in DEVICES:
            times[row["graph"], DEVICES[row["component"]], int(row["layer"])].append(float(row["time_ms"]))
    found = explain(blocks_of(times))
    assert found.findings[0].text.startswith("Large maps prefer the GPU, small ones the CPU: ")
    maps = next(one for one in found.attributes if one.name == "map")
    assert maps.rho > 0.6
    medians = {group.label: group.median for group in maps.groups}
    assert medians["56 and more"] == pytest.approx(1.26, rel=0.05)
    assert medians["7 to 13"] == pytest.approx(0.63, rel=0.2)


def test_on_the_rk3399pro_no_trend_with_maps_is_claimed(blocks_of):
    times = defaultdict(list)
    clocks = {("B", "1800", ""): "CPU", ("G", "800", "1800"): "GPU"}
    for row in rows("rk3399_layers_allfreq.csv"):
        device = clocks.get((row["component"], row["freq_MHz"], row["host_big_MHz"]))
        if row["metric"] == "task" and device and row["graph"] in NAMES:
            times[NAMES[row["graph"]], device, int(row["layer"])].append(float(row["time_ms"]))
    found = explain(blocks_of(times))
    assert found.findings[0].text.startswith("Whether large maps prefer a device cannot be distinguished from chance: ")
