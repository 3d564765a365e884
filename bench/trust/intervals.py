"""Whether what `plan --stability` says of the latency holds: fresh runs on the simulated boards against its intervals.

    python bench/trust/intervals.py [--profiles 20] [--runs 20]

For every profile: the middle 95 % of a single inference against fresh single inferences of the optimum in the same
session, and that of the latency against their median and against the board's expected time (no noise, no drift).
"""

import argparse

import numpy as np
from refinement import BOARDS, NETWORKS, Truth

from layerswitch.boards.board import Board
from layerswitch.boards.catalog import find
from layerswitch.formats import open_model
from layerswitch.profile import ProfileSettings
from layerswitch.stability import stability


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profiles", type=int, default=20)
    parser.add_argument("--runs", type=int, default=20)
    given = parser.parse_args()
    print(
        "| board | network | single inferences inside | their median inside | expected time inside "
        "| median of runs off by, mean | expected off by, mean |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in BOARDS:
        for network in NETWORKS:
            model = open_model(network, level="block")
            truth = Truth(name, model.graph)
            single, median, expected, off, away = [], [], [], [], []
            for seed in range(given.profiles):
                with Board.connect(find(f"sim:{name}")) as board:
                    found = stability(board.profile(model, ProfileSettings(seed=seed)), seed=seed)
                    run = np.array(board.run(model, found.assignment, runs=given.runs, seed=seed).samples_ms)
                one, ms, true = found.one_run_ms, found.predicted_ms, truth.of(found.assignment)
                single.append(np.mean((one.low <= run) & (run <= one.high)))
                median.append(ms.low <= np.median(run) <= ms.high)
                expected.append(ms.low <= true <= ms.high)
                off.append(abs(ms.median / np.median(run) - 1))
                away.append(abs(ms.median / true - 1))
            shares = " | ".join(f"{np.mean(share):.0%}" for share in (single, median, expected))
            print(f"| {name} | {network} | {shares} | {np.mean(off):.2%} | {np.mean(away):.2%} |", flush=True)


if __name__ == "__main__":
    main()
