"""The closed loop and the error rates on the emulated Arm board, where every number is measured.

    python bench/trust/emulated.py FOLDER [--network unlike] [--side 64] [--minutes 8] [--inferences 40000]

1. Profiles a small network (small.py), and refines its plan.
2. Searches exhaustively: all 32 assignments of its layers race against the refined one (race.py) until each is shown
   not to be 2 % faster, or to be. How far the refined one may be over the best of all is the answer.
3. Takes long runs of a switched assignment (at `--rates-side` pixels, where it takes some ms), and hands their
   inferences, in the order they were taken, to `compare` as two equal assignments; and as two of which one takes 2 %
   less: that is put into the numbers; the noise is real.

What was measured is kept in FOLDER, and not measured again: the race goes on where it ended. Needs the emulated board
(`make board`) and a machine that does nothing else.
"""

import argparse
import itertools
import os
import time
from pathlib import Path

import numpy as np
from race import Race
from replay import rates
from small import NETWORKS

from layerswitch import serialization
from layerswitch.boards.board import Board
from layerswitch.boards.registry import find
from layerswitch.experiments.refine import Refinement, refine
from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import Profile, ProfileSettings
from layerswitch.measurement.statistics import noise, steadiness
from layerswitch.network.assignment import Assignment
from layerswitch.network.formats import open_model
from layerswitch.prediction.latency_model import LatencyModel

BOARD = "emulated-arm"
MARGIN = 1.0 - 1.0 / 1.02
"""An assignment faster by that fraction leaves the refined one 2 % over it."""
PART = 5000  # inferences of a long run in one call


def kept(path: Path, kind, make):
    """The value in a file, made and written there when it is not there yet."""
    if not path.exists():
        started = time.monotonic()
        serialization.save(path, make())
        print(f"{path.name}: {time.monotonic() - started:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    return serialization.load(path, kind)


def closed_loop(board: Board, model, folder: Path, rounds: int, most: int, minutes: float) -> None:
    """Profile, refine, and race the refined assignment against all others."""
    profile = kept(
        folder / "profile.json", Profile, lambda: board.profile(model, ProfileSettings(runs=10, warmup=1)).whole()
    )
    latency = LatencyModel.from_profile(profile)
    print("| layer | " + " | ".join(f"{device}, ms" for device in latency.devices) + " |")
    print("|---" * (len(latency.devices) + 1) + "|")
    for layer, row in zip(model.graph.layers, latency.layer_ms.tolist(), strict=True):
        print(f"| {layer.name} ({layer.type}) | " + " | ".join(f"{ms:.2f}" for ms in row) + " |")
    print("", flush=True)
    found = kept(folder / "refinement.json", Refinement, lambda: refine(board, model, profile, rounds=rounds).whole())
    steps = [(step.assignment.text, round(step.measured_ms.median, 3)) for step in found.steps]
    refined = found.plan.assignment
    print(f"steps: {steps}; refined: {refined.text}, stands: {found.stands}, gain: {found.gain}", flush=True)
    layers, devices = list(model.graph.index), board.description.device_names
    every = [Assignment(dict(zip(layers, one, strict=True))) for one in itertools.product(devices, repeat=len(layers))]
    others = [one for one in every if one != refined]
    race = Race(board, model, refined, others, folder / "race.json", most=most, margin=MARGIN)
    race.run(60.0 * minutes)
    race.show()


def long_run(board: Board, model, folder: Path, inferences: int) -> "np.ndarray":
    """The ms of that many inferences of an assignment that switches in the middle, in the order they were taken."""
    half = len(model.graph.layers) // 2
    switched = Assignment({name: ("GPU", "CPU")[place >= half] for place, name in enumerate(model.graph.index)})
    samples: list[float] = []
    for number in range(-(-inferences // PART)):
        path = folder / f"long-{number}.json"
        runs = min(PART, inferences - len(samples))
        run = kept(path, Run, lambda runs=runs: board.run(model, switched, runs=runs, warmup=3).whole())
        samples.extend(run.samples_ms)
    print(f"{switched.text}: {len(samples)} inferences, median {np.median(samples):.2f} ms, noise {noise(samples):.2%}")
    print(str(steadiness(samples))[:300], flush=True)
    return np.array(samples)


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--network", choices=tuple(NETWORKS), default="unlike")
    parser.add_argument("--side", type=int, default=64, help="pixels a side of the network that is refined")
    parser.add_argument("--rates-side", type=int, default=32, help="pixels a side of the one that runs long")
    parser.add_argument("--rounds", type=int, default=20, help="of each step of the refinement")
    parser.add_argument("--most", type=int, default=400, help="rounds of the race")
    parser.add_argument("--minutes", type=float, default=8.0, help="that the race may take")
    parser.add_argument("--inferences", type=int, default=40_000, help="of the long run; 0: no error rates")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    models = {}
    for side in (given.side, given.rates_side):
        path = given.folder / f"{given.network}-{side}.onnx"
        NETWORKS[given.network](path, side)
        models[side] = open_model(path)
    with Board.connect(find(BOARD)) as board:
        description = board.description
        closed_loop(board, models[given.side], given.folder, given.rounds, given.most, given.minutes)
        if given.inferences <= 0:
            return
        model = models[given.rates_side]
        samples = long_run(board, model, given.folder, given.inferences)
    print("| assignments | rounds | comparisons | called different | interval covers the truth |")
    print("|---|---|---|---|---|")
    for sequential in (False, True):
        for rounds in (20, 40):
            rates(description, model, samples, rounds, sequential=sequential)


if __name__ == "__main__":
    main()
