"""Golden cases: published times of a real board, imported and planned, against an exhaustive search over the blocks.

The measurements are not part of the project: LAYERSWITCH_DATA names the folder that holds them. Without it, only the
same check on made-up times runs.
"""

import csv
import itertools
import math
import os
from pathlib import Path

import pytest

from layerswitch import plan, switch_curve
from layerswitch.measurement.profile_import import import_layers, parse_transfer
from layerswitch.prediction.latency_model import LatencyModel

TRANSFERS = ("CPU:GPU=0.70+0.353/MB", "GPU:CPU=0.94+0.542/MB")
FOLDER = os.environ.get("LAYERSWITCH_DATA", "")
NETWORKS = {"res50": "ResV1_50", "google": "Google", "alex": "Alex"}


def published_rows(folder, network):
    """The published tables as rows to import: big cores at 1800 MHz as CPU, GPU at 800 MHz, blocks in a chain."""
    with (folder / "layer_to_ops.csv").open() as file:
        sizes = {
            int(row["layer"]): 4 * math.prod(map(int, row["last_output_shape"].split("x")))
            for row in csv.DictReader(file)
            if row["graph"] == NETWORKS[network]
        }
    clocks = {("B", "1800", ""): "CPU", ("G", "800", "1800"): "GPU"}
    with (folder / "rk3399_layers_allfreq.csv").open() as file:
        for row in csv.DictReader(file):
            device = clocks.get((row["component"], row["freq_MHz"], row["host_big_MHz"]))
            if row["graph"] == network and row["metric"] == "task" and device:
                yield f"block {row['layer']}", device, float(row["time_ms"]), sizes[int(row["layer"])]


def made_up_rows():
    for place, (cpu, gpu, size) in enumerate([(20, 13, 1e6), (9, 12, 1e5), (5, 8, 1e5), (30, 20, 2e4), (1, 9, 4e3)]):
        yield f"block {place}", "CPU", cpu, int(size)
        yield f"block {place}", "GPU", gpu, int(size)


def exhaustive(rows, factor):
    """Every assignment of a chain, its latency summed by hand: (ms, switches) of each."""
    times = {(layer, device): ms for layer, device, ms, _ in rows}
    sizes = list({layer: size for layer, _, _, size in rows}.items())
    cost = {"CG": lambda size: 0.70 + 0.353 * size / 1e6, "GC": lambda size: 0.94 + 0.542 * size / 1e6}
    for order in itertools.product("CG", repeat=len(sizes)):
        ms = sum(times[layer, f"{device}PU"] for (layer, _), device in zip(sizes, order, strict=True))
        pairs = list(zip(itertools.pairwise(order), sizes, strict=False))
        ms += factor * sum(cost[a + b](size) for (a, b), (_, size) in pairs if a != b)
        yield ms, sum(a != b for (a, b), _ in pairs), "".join(order)


def check(rows, path, factor=1.0):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["layer", "device", "time_ms", "output_bytes"])
        writer.writerows(rows)
    profile = import_layers(path, [parse_transfer(text) for text in TRANSFERS])
    model = LatencyModel.from_profile(profile, transfer_factor=factor)
    found = plan(model, profile.board)
    every = sorted(exhaustive(rows, factor))
    assert found.predicted_ms == pytest.approx(every[0][0], rel=1e-9)
    assert found.letters == every[0][2]
    assert found.optimal
    assert found.lower_bound_ms == pytest.approx(every[0][0], rel=1e-9)
    for point in switch_curve(model, up_to=5):
        least = min(ms for ms, switches, _ in every if switches <= point.switches)
        assert point.predicted_ms == pytest.approx(least, rel=1e-9)
    return found


def test_made_up_times(tmp_path):
    found = check(list(made_up_rows()), tmp_path / "made-up.csv")
    assert found.switches > 0


@pytest.mark.slow(6)
@pytest.mark.skipif(not Path(FOLDER, "rk3399_layers_allfreq.csv").is_file(), reason="no published data at hand")
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("factor", [1.0, 0.1])  # as measured, and what if switching were cheap: more switches pay
def test_published_times(network, factor, tmp_path):
    check(list(published_rows(Path(FOLDER), network)), tmp_path / f"{network}.csv", factor)
