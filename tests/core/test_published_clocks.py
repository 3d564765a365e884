"""Runs of an RK3399Pro on three devices, whose clocks change from layer to layer, predicted from its published times.

The measurements are not part of the project: LAYERSWITCH_DATA names the folder that holds them; without it these tests
are skipped (with it, `pytest -s` prints the errors). Each run has layer times of its own clocks; what transfers and
changes of clocks cost is learnt from runs of other orders, or of other networks on the board. Transfers are fitted to
the board's published ones at full clocks.
"""

import ast
import csv
import math
import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from layerswitch.measurement.profile import TransferSample
from layerswitch.measurement.profile_import import import_layers
from layerswitch.measurement.transfer_fit import fit_transfers
from layerswitch.network.assignment import Assignment
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.prediction.recalibration import learn_across

FOLDER = os.environ.get("LAYERSWITCH_DATA", "")
DEVICES = {"B": "CPU", "G": "GPU", "L": "LITTLE"}
NETWORKS = {"alex": "Alex", "google": "Google", "res50": "ResV1_50"}
CLOCKS = {  # MHz, by the runs' numbers
    "B": (408, 600, 816, 1008, 1200, 1416, 1608, 1800),
    "L": (408, 600, 816, 1008, 1200, 1416),
    "G": (200, 300, 400, 600, 800),
}

pytestmark = pytest.mark.skipif(
    not Path(FOLDER, "rk3399_runs.csv").is_file(), reason="no published data at hand: set LAYERSWITCH_DATA"
)


def rows(name):
    with Path(FOLDER, name).open() as file:
        yield from csv.DictReader(file)


def layer_times():
    """(network, device's letter, MHz, the host's MHz, layer) -> ms."""
    found = defaultdict(list)
    for row in rows("rk3399_layers_allfreq.csv"):
        if row["metric"] == "task":
            key = row["graph"], row["component"], int(row["freq_MHz"]), int(row["host_big_MHz"] or 0), int(row["layer"])
            found[key].append(float(row["time_ms"]))
    return {key: float(np.mean(ms)) for key, ms in found.items()}


def transfer_costs():
    """Fitted to the board's transfers at full clocks; bytes are 27 x 27 floats a kernel."""
    samples = [
        TransferSample(*(DEVICES[letter] for letter in row["order"]), 27 * 27 * 4 * int(row["kernels"]), ms)
        for row in rows("rk3399_transfer_vs_size.csv")
        if row["freq"] == "Max" and (ms := float(row["time_ms"])) > 0
    ]
    return fit_transfers(samples)


def shape_of(network, tmp_path):
    """A latency model of the network's layers; its times are any."""
    path = tmp_path / f"{network}.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["layer", "device", "time_ms", "output_bytes"])
        for row in rows("layer_to_ops.csv"):
            if row["graph"] == NETWORKS[network]:
                size = 4 * math.prod(map(int, row["last_output_shape"].split("x")))
                for device in DEVICES.values():
                    writer.writerow([f"block {int(row['layer'])}", device, 1.0, size])
    return LatencyModel.from_profile(import_layers(path, transfer_costs(), name=network))


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """network -> [(order, model at the run's clocks, assignment, ms)]."""
    times, folder, found = layer_times(), tmp_path_factory.mktemp("published"), {}
    for network in NETWORKS:
        shape, runs = shape_of(network, folder), []
        for row in rows("rk3399_runs.csv"):
            if row["graph"] != network or not row["task_ms"]:
                continue
            order, chosen = row["order"], ast.literal_eval(row["freq_idx_per_layer"])
            layer_ms = np.ones_like(shape.layer_ms)
            for layer, (letter, clock) in enumerate(zip(order, chosen, strict=True)):
                host = CLOCKS["B"][clock[1]] if letter == "G" else 0
                ms = times.get((network, letter, CLOCKS[letter][clock[0]], host, layer), math.nan)
                layer_ms[layer, shape.devices.index(DEVICES[letter])] = ms
            if np.isfinite(layer_ms).all():
                names = shape.graph.index
                assignment = Assignment(dict(zip(names, (DEVICES[letter] for letter in order), strict=True)))
                runs.append((order, replace(shape, layer_ms=layer_ms), assignment, float(row["task_ms"])))
        found[network] = runs
    return found


def error(runs, learned=None):
    """The mean absolute relative error of the predictions of runs."""
    off = []
    for _, model, assignment, ms in runs:
        best = learned.applied(model) if learned else model
        off.append(abs(best.cost(best.choice(assignment)) / ms - 1))
    return float(np.mean(off))


def taught(runs):
    return learn_across(tuple(DEVICES.values()), [run[1:] for run in runs])


def some(runs, count, random):
    """One run of each of `count` orders, and all runs of the other orders."""
    orders = random.permutation(sorted({run[0] for run in runs})).tolist()
    chosen = [next(run for run in runs if run[0] == order) for order in orders[:count]]
    return chosen, [run for run in runs if run[0] in orders[count:]]


@pytest.mark.parametrize(
    ("network", "count", "alone", "most"),
    [("alex", 1000, 0.07, 0.045), ("google", 870, 0.07, 0.035), ("res50", 300, 0.05, 0.025)],
)
def test_ten_runs_of_other_orders_teach_most_of_what_is_missing(measured, network, count, alone, most):
    runs, random = measured[network], np.random.default_rng(0)
    assert len(runs) == count
    untaught, taught_by_ten = [], []
    for _ in range(5):
        known, rest = some(runs, 10, random)
        untaught.append(error(rest))
        taught_by_ten.append(error(rest, taught(known)))
    print(f"{network}: {np.mean(untaught):.2%}, taught {np.mean(taught_by_ten):.2%}")
    assert np.mean(untaught) > alone
    assert np.mean(taught_by_ten) < most


@pytest.mark.parametrize("network", list(NETWORKS))
def test_other_networks_of_the_board_teach_it_too(measured, network):
    random = np.random.default_rng(0)
    others = [run for name, runs in measured.items() if name != network for run in some(runs, 30, random)[0]]
    before, after = error(measured[network]), error(measured[network], taught(others))
    print(f"{network}: {before:.2%}, taught by other networks {after:.2%}")
    assert after < 0.6 * before
