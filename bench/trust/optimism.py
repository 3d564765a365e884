"""How much slower plans are than predicted for having been chosen on noisy samples, and whether that is foreseen.

    python bench/trust/optimism.py [--profiles 20] [--resamples 100] [--network squeezenet]

Of a profile of the simulated board, the medians are taken for the truth. Profiles with lognormal noise on them are
planned: how much longer than predicted does the plan truly take, and what does `plan --stability` say about that,
knowing the noisy profile only? The same of CPU only, which nobody chose. And how far over the best of all are the plan,
and the plan of fewest switches that the profile does not show to be slower?
"""

import argparse

import numpy as np
from msgspec.structs import replace

from layerswitch import plan
from layerswitch.boards.board import Board
from layerswitch.boards.registry import find
from layerswitch.measurement.profile import Profile, ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.network.formats import open_model
from layerswitch.planner.simplest_plan import simplest
from layerswitch.planner.stability import stability
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.prediction.resampling import Resamples

NOISES = ((0.013, 20), (0.05, 20), (0.2, 20), (0.05, 5), (0.2, 5), (0.4, 5))
"""Lognormal sigma of a layer's single inferences, and how many of them; whole runs have a third of it."""
COLUMNS = {
    "CPU only takes longer by": "{:+.2%}",
    "the plan by": "{:+.2%}",
    "foreseen": "{:+.2%}",
    "inside the interval": "{:.0%}",
    "switches": "{:.1f}",
    "truly over the best": "{:.2%}",
    "fewest not shown slower: switches": "{:.1f}",
    "truly over the best ": "{:.2%}",
}


def drawn(truth: Profile, noise: float, runs: int, random: np.random.Generator) -> Profile:
    """A profile as noise would have it, its truth being the medians of another."""
    samples = {
        device: {layer: tuple(np.median(times) * random.lognormal(0, noise, runs)) for layer, times in layers.items()}
        for device, layers in truth.samples.items()
    }
    whole = {
        device: tuple(sum(np.median(times) for times in layers.values()) * random.lognormal(0, noise / 3, runs))
        for device, layers in truth.samples.items()
    }
    return replace(truth, samples=samples, baselines=whole, transfer_samples=())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--board", default="sim:khadas-vim3")
    parser.add_argument("--network", default="squeezenet")
    parser.add_argument("--profiles", type=int, default=20)
    parser.add_argument("--resamples", type=int, default=100)
    given = parser.parse_args()
    model = open_model(given.network)
    with Board.connect(find(given.board)) as board:
        truth = board.profile(model, ProfileSettings()).whole()
    true = LatencyModel.from_profile(truth, calibrated=False)
    still = dict.fromkeys(truth.devices, 0.0)
    best = plan(true, truth.board).predicted_ms
    print(f"{given.network}, {len(model.graph.layers)} layers, {given.profiles} profiles a row (simulated times)\n")
    columns = ("noise of a layer", "runs", *COLUMNS)
    print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    for noise, runs in NOISES:
        rows = []
        for seed in range(given.profiles):
            profile = drawn(truth, noise, runs, np.random.default_rng(seed))
            latency = LatencyModel.from_profile(profile)
            alone = np.zeros(len(model.graph.layers), dtype=np.intp)
            resampled = Resamples.of(profile, given.resamples, seed, still)
            found = stability(profile, drawn=resampled)
            few = simplest(found, resampled)
            assert few is not None
            ms, took = found.predicted_ms, true.cost(true.choice(found.assignment))
            rows.append(
                (
                    true.cost(alone) / latency.cost(alone) - 1.0,
                    took / ms.median - 1.0,
                    found.optimism or 0.0,
                    ms.low <= took <= ms.high,
                    Assignment(found.assignment).switches,
                    took / best - 1.0,
                    few.switches,
                    true.cost(true.choice(few.assignment)) / best - 1.0,
                )
            )
        means = np.mean(rows, axis=0).tolist()
        shown = [form.format(value) for form, value in zip(COLUMNS.values(), means, strict=True)]
        print(f"| {noise:.1%} | {runs} | " + " | ".join(shown) + " |", flush=True)


if __name__ == "__main__":
    main()
