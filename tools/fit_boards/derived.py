"""What is read off the published runs directly: whole-run factors, transfers of the Khadas VIM3, and noise."""

import itertools
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from . import published

SLOW_SESSION = "/Data/b/"  # runs of a session 1.4 times as slow throughout, of which no layer times were published
MEMCPY_MS_PER_MEGABYTE = 0.2  # 5.0 GB/s on one A73, as published with the hardware figures
INPUT_MEGABYTES = 224 * 224 * 3 * 4 / 1e6
OUTLIER_SIGMAS = 5.0
OUTLIERS = (0.002, 0.01)  # bounds of their probability: a few dozen repeats say little of rare events


def whole_run_factors(folder: Path) -> dict[str, dict[str, float]]:
    """Khadas VIM3: device -> network -> median whole-network run over the sum of the median layers."""
    layers, found = published.vim3_layers(folder), defaultdict(lambda: defaultdict(list))
    for row in published.rows(folder / "khadas_vim3_runs.csv"):
        device = {"B": "CPU", "G": "GPU"}.get(row["order"][0])
        if device and len(set(row["order"])) == 1 and SLOW_SESSION not in row["file"]:
            found[device][row["graph"]].append(float(row["task_ms"]))
    return {
        device: {
            name: float(np.median(runs)) / sum(float(np.median(one)) for one in layers[name][device].values())
            for name, runs in networks.items()
        }
        for device, networks in found.items()
    }


def rk3399_whole_run_factor(folder: Path) -> float:
    """RK3399Pro: measured over predicted time of switched runs on the big cluster and the GPU, mean over networks.

    No single-device whole-network run was published; the prediction, its authors', is the sum of layers and transfers.
    """
    errors = defaultdict(list)
    for row in published.rows(folder / "rk3399_runs.csv"):
        if set(row["order"]) <= set("BG") and row["error_time_pct"]:
            errors[row["graph"]].append(1.0 / (1.0 + float(row["error_time_pct"]) / 100.0))
    return float(np.exp(np.mean([np.log(np.median(one)) for one in errors.values()])))


def vim3_transfers(folder: Path) -> list[dict[str, Any]]:
    """Khadas VIM3: transfers from its input and output tasks, as no transfer by size was published.

    A network on the GPU loads the same input (0.6 MB) and reads back the same output (4 KB) as on the CPU; what that
    takes longer is the transfer. Its slope is the board's published memcpy bandwidth.
    """
    times: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in published.rows(folder / "khadas_vim3_layers.csv"):
        if row["metric"] in ("in", "out") and row["component"] in "BG":
            times[row["set"] + row["graph"] + row["repeat"], row["metric"]][row["component"]].append(
                float(row["time_ms"])
            )

    def longer(metric: str) -> float:
        return float(np.median([one["G"][0] - one["B"][0] for (_, key), one in times.items() if key == metric]))

    fixed = {("CPU", "GPU"): longer("in") - MEMCPY_MS_PER_MEGABYTE * INPUT_MEGABYTES, ("GPU", "CPU"): longer("out")}
    return [
        {"source": source, "target": target, "fixed_ms": round(ms, 3), "ms_per_megabyte": MEMCPY_MS_PER_MEGABYTE}
        for (source, target), ms in fixed.items()
    ]


def rk3399_transfers(folder: Path) -> list[dict[str, Any]]:
    """RK3399Pro: straight lines through the published transfers by size, at top clocks."""
    points = defaultdict(list)
    for row in published.rows(folder / "rk3399_transfer_vs_size.csv"):
        if row["freq"] == "Max" and row["order"] in ("BG", "GB"):
            points[row["order"]].append((27 * 27 * 4 * int(row["kernels"]) / 1e6, float(row["time_ms"])))
    found = []
    for order, source, target in (("BG", "CPU", "GPU"), ("GB", "GPU", "CPU")):
        megabytes, ms = np.array(points[order]).T
        slope, fixed = np.polyfit(megabytes, ms, 1)
        found.append(
            {"source": source, "target": target, "fixed_ms": round(fixed, 3), "ms_per_megabyte": round(slope, 4)}
        )
    return found


def noise(folder: Path, component: str) -> dict[str, float]:
    """Noise of a Khadas VIM3 device ("B" or "G") from repeats of a layer within a session, and between sessions.

    jitter: between repeats; drift: between sessions (both from the median absolute deviation); outliers: the share of
    layers further than five jitters from their repeat, and how much longer those took on average.
    """
    times: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in published.rows(folder / "khadas_vim3_layers.csv"):
        if row["component"] == component and row["metric"] == "task":
            times[row["graph"], row["layer"]][row["set"]].append(float(row["time_ms"]))
    repeats, sessions = [], []
    for sets in times.values():
        repeats += [abs(np.log(a / b)) for one in sets.values() for a, b in itertools.combinations(one, 2)]
        means = np.log([np.mean(one) for one in sets.values()])
        if len(means) > 1:
            sessions += list(np.abs(means - means.mean()) * np.sqrt(len(means) / (len(means) - 1)))
    differences = np.array(repeats)
    jitter = 1.4826 * np.median(differences) / np.sqrt(2)
    far = differences > OUTLIER_SIGMAS * jitter * np.sqrt(2)
    return {
        "jitter": round(float(jitter), 4),
        "drift": round(float(1.4826 * np.median(sessions)), 4),
        "drift_seconds": 60.0,
        "outliers": round(float(np.clip(far.mean() / 2, *OUTLIERS)), 4),
        "outlier_size": round(float(np.expm1(differences[far].mean())) if far.any() else 0.1, 3),
    }
