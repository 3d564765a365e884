"""Whether what `plan --stability` says of the latency holds: fresh runs on the simulated boards against its intervals.

    python bench/trust/intervals.py [--profiles 20] [--runs 20] [--resamples 100] [--only NETWORK]

For every profile: the middle 95 % of a single inference against fresh single inferences of the optimum, and that of the
latency against their median and against the board's expected time (no noise, no drift). Runs have a connection of their
own, where the board has drifted elsewhere: another session. Twice for each network: with intervals that hold what the
samples hold ("samples"), and what sessions differ by as well ("sessions": as `plan --stability` says).
"""

import argparse

import numpy as np
from refinement import BOARDS, NETWORKS, Truth

from layerswitch.boards.board import Board
from layerswitch.boards.registry import find
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.formats import open_model
from layerswitch.planner.stability import stability
from layerswitch.prediction.resampling import Resamples


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profiles", type=int, default=20)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--resamples", type=int, default=100)
    parser.add_argument("--only", choices=NETWORKS, action="append")
    given = parser.parse_args()
    print(
        "| board | network | intervals of | single inferences inside | their median inside | expected time inside "
        "| half width, mean | median of runs off by, mean | expected off by, mean |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in BOARDS:
        for network in given.only or NETWORKS:
            rows(name, network, given.profiles, given.runs, given.resamples)


def rows(name: str, network: str, profiles: int, runs: int, resamples: int) -> None:
    """Print both rows of one network on one board."""
    model = open_model(network, level="block")
    truth = Truth(name, model.graph)
    found: dict[str, list[list[float]]] = {"samples": [], "sessions": []}
    for seed in range(profiles):
        with Board.connect(find(f"sim:{name}")) as board:
            profile = board.profile(model, ProfileSettings(seed=seed)).whole()
            sure = stability(profile, resamples=resamples, seed=seed)
        with Board.connect(find(f"sim:{name}")) as board:
            run = np.array(
                board.run(model, sure.assignment, runs=runs, warmup=10, seed=seed + profiles).whole().samples_ms
            )
        still = Resamples.of(profile, resamples, seed, dict.fromkeys(profile.devices, 0.0))
        narrow = stability(profile, sure.assignment, drawn=still)
        true = truth.of(sure.assignment)
        for kind, said in (("samples", narrow), ("sessions", sure)):
            one, ms = said.one_run_ms, said.predicted_ms
            found[kind].append(
                [
                    float(np.mean((one.low <= run) & (run <= one.high))),
                    float(ms.low <= np.median(run) <= ms.high),
                    float(ms.low <= true <= ms.high),
                    (ms.high - ms.low) / 2 / ms.median,
                    abs(ms.median / float(np.median(run)) - 1),
                    abs(ms.median / true - 1),
                ]
            )
    for kind, values in found.items():
        single, median, expected, width, off, away = np.mean(values, axis=0).tolist()
        print(
            f"| {name} | {network} | {kind} | {single:.0%} | {median:.0%} | {expected:.0%} | {width:.2%} | {off:.2%} "
            f"| {away:.2%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
