"""The planner beside its peers, in one run on the same networks: `python bench/planner.py [--layers 100 1000 10000]`.

Processor time of this thread, medians of several runs with their quartiles. HiGHS works on several threads: its time is
the clock's. The optimum is checked to be the same; scipy's is of numbers with 32 bits, the genetic search's is what it
found. Peers that take minutes are left out of large networks (`--all` runs them).
"""

import argparse
import importlib.metadata
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from parts import peers
from parts.plannets import FAMILIES, network

from layerswitch import plan, switch_curve
from layerswitch.measurement.profile import BoardDescription, Device
from layerswitch.prediction.latency_model import LatencyModel

BOARD = BoardDescription("bench", "Bench", "simulated", (Device("CPU"), Device("GPU")))
HIGHS_SECONDS = 60.0


def timed(action: Callable[[], float], times: int, clock: Callable[[], float]) -> tuple[float, list[float]]:
    """What it found, and ms of each run."""
    found, samples = 0.0, []
    for _ in range(times):
        begin = clock()
        found = action()
        samples.append(1e3 * (clock() - begin))
    return found, samples


def summary(samples: list[float]) -> str:
    """Median and quartiles."""
    if len(samples) < 3:
        return f"{median(samples):.0f}"
    low, _, high = quantiles(samples, n=4, method="inclusive")
    return f"{median(samples):.1f} ({low:.1f} to {high:.1f})"


def row(family: str, count: int, transfer: float, everything: bool) -> str:
    """One line of the table."""
    model: LatencyModel = network(family, count, transfer)
    plan(network(family, 100), BOARD)  # imports
    optimum, own = timed(lambda: plan(model, BOARD).predicted_ms, 15 if count > 1000 else 30, time.thread_time)
    cells = [f"{family}, {transfer:g}", f"{count:,}", summary(own)]
    others: list[tuple[str, Callable[[], float], bool, int, Callable[[], float]]] = [
        ("networkx", lambda: peers.networkx_cut(model), count <= 1000, 1 if count >= 1000 else 3, time.thread_time),
        ("scipy", peers.scipy_flow(model), True, 3, time.thread_time),
        ("HiGHS", lambda: peers.highs(model, HIGHS_SECONDS), count <= 1000, 1, time.perf_counter),
        ("genetic", lambda: peers.genetic(model), count <= 1000, 1, time.thread_time),
    ]
    for name, action, quick, times, clock in others:
        if not (quick or everything):
            cells.append("")
            continue
        found, samples = timed(action, times, clock)
        worse = found / optimum - 1
        if name in ("networkx", "HiGHS"):
            assert abs(worse) < 1e-6, f"{name} found {found}, the planner {optimum}"
        note = f", {100 * worse:.2f} % worse" if name == "genetic" else ""
        cells.append(f"{median(samples) / median(own):,.1f}x: {summary(samples)}{note}")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--transfers", type=float, nargs="+", default=[1.0, 0.1])
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--all", action="store_true", help="the slow peers on large networks too")
    parser.add_argument("--curve", type=int, default=1000, help="layers of the curve's networks, 0 for none")
    parser.add_argument("--curve-transfer", type=float, default=1.0, help="the scale of their transfers")
    options = parser.parse_args()
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    machine = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scipy", "networkx"))
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}")
    print("| network, transfers | layers | planner ms | networkx | scipy flow | HiGHS | genetic |")
    print("|---|---|---|---|---|---|---|")
    for count in options.layers:
        for family in options.families:
            for transfer in options.transfers:
                print(row(family, count, transfer, options.all), flush=True)
    for family in options.families if options.curve else ():
        model = network(family, options.curve, options.curve_transfer)
        points, samples = timed(lambda model=model: float(len(switch_curve(model))), 1, time.thread_time)  # type: ignore[misc]
        print(f"curve over {points:g} points, {family} of {options.curve} layers: {summary(samples)} ms", flush=True)


if __name__ == "__main__":
    main()
