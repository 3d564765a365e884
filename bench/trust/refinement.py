"""Where refinement ends on the simulated boards, against the best of all assignments of the blocks.

    python bench/trust/refinement.py [--rounds 20] [--seeds 3] [--misled]

The simulated board's own expected times (no noise) say what every assignment truly takes; all 2^blocks of them are
looked at. Refinement knows none of this: it sees noisy profiles and runs. `--misled` makes it hard: the profile says
that transfers take five times as long, and has no whole-network runs to calibrate with.
"""

import argparse
import tomllib
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from layerswitch import resources
from layerswitch.agent.engines.simulated.board_file import BoardFile
from layerswitch.agent.engines.simulated.loaded_network import Network
from layerswitch.boards.board import Board
from layerswitch.boards.registry import find
from layerswitch.experiments.refine import refine
from layerswitch.measurement.profile import Profile, ProfileSettings
from layerswitch.network.formats import open_model

BOARDS = ("khadas-vim3", "rock-pi-n10")
NETWORKS = ("alexnet", "googlenet", "mobilenet-v1", "resnet-50", "squeezenet")


class Truth:
    """The expected latency of every assignment of a network's blocks to two devices."""

    def __init__(self, board: str, graph) -> None:
        settings = tomllib.loads(Path(resources.assets(), "boards", f"{board}.toml").read_text("utf-8"))
        file = BoardFile(settings)
        self.devices = list(file.devices)
        network = Network(graph.to_dict(), file.coefficients)
        self.layers = network.layers
        whole = [file.coefficients[device].whole_run_factor for device in self.devices]
        self.times = np.array(
            [np.array(network.times[device]) * f for device, f in zip(self.devices, whole, strict=True)]
        )
        self.moves = [
            (
                one.producer,
                one.readers,
                *(file.transfer_ms(a, b, one.size) for a, b in zip(self.devices, self.devices[::-1], strict=True)),
            )
            for one in network.crossings
        ]

    def ms(self, choices: np.ndarray) -> np.ndarray:
        """Expected ms of assignments as columns of 0 and 1, [assignments, layers]."""
        total = np.where(choices == 0, self.times[0], self.times[1]).sum(axis=1)
        for producer, readers, forth, back in self.moves:
            source, read = choices[:, producer], choices[:, list(readers)]
            total += np.where((source == 0) & read.any(axis=1), forth, 0.0)
            total += np.where((source == 1) & (read == 0).any(axis=1), back, 0.0)
        return total

    def best(self) -> tuple[float, np.ndarray]:
        """The least expected ms of all assignments, by looking at each."""
        count = len(self.layers)
        least = (np.inf, np.zeros(count, dtype=int))
        for start in range(0, 1 << count, 1 << 16):
            numbers = np.arange(start, min(1 << count, start + (1 << 16)))
            choices = (numbers[:, None] >> np.arange(count)) & 1
            ms = self.ms(choices)
            place = int(np.argmin(ms))
            least = min(least, (float(ms[place]), choices[place]), key=lambda one: one[0])
        return least

    def of(self, assignment) -> float:
        """Expected ms of one assignment."""
        return float(self.ms(np.array([[self.devices.index(assignment[layer]) for layer in self.layers]]))[0])


def misled(profile: Profile) -> Profile:
    """The profile with transfers five times as dear, and nothing to calibrate with."""
    dear = (
        replace(c, fixed_ms=5 * c.fixed_ms, ms_per_byte=5 * c.ms_per_byte, floor_ms=5 * c.floor_ms)
        for c in profile.transfer_costs
    )
    return replace(profile, transfer_costs=tuple(dear), baselines={}, transfer_samples=())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--misled", action="store_true")
    given = parser.parse_args()
    print(
        "| board | network | blocks | best of all, ms | baseline, ms | first plan over best, by seed "
        "| refined over best, by seed | steps | stands |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in BOARDS:
        for network in NETWORKS:
            model = open_model(network, level="block")
            truth = Truth(name, model.graph)
            least, _ = truth.best()
            baseline = min(truth.times.sum(axis=1))
            first, over, steps, stands = [], [], [], []
            for seed in range(given.seeds):
                with Board.connect(find(f"sim:{name}")) as board:
                    profile = board.profile(model, ProfileSettings(seed=seed)).whole()
                    if given.misled:
                        profile = misled(profile)
                    found = refine(board, model, profile, rounds=given.rounds, seed=seed).whole()
                first.append(f"{truth.of(found.steps[0].assignment) / least - 1:.2%}")
                over.append(f"{truth.of(found.plan.assignment) / least - 1:.2%}")
                steps.append(str(len(found.steps)))
                stands.append("yes" if found.stands else "no")
            blocks = len(truth.layers)
            print(
                f"| {name} | {network} | {blocks} | {least:.3f} | {baseline:.3f} | {', '.join(first)} | "
                f"{', '.join(over)} | {', '.join(steps)} | {', '.join(stands)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
