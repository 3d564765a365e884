"""The closed loop and the error rates on the emulated Arm board, where every number is measured.

    python bench/trust/emulated.py FOLDER [--side 64] [--runs 5] [--rounds 20] [--inferences 2000]

1. Profiles a small network, and refines its plan.
2. Searches exhaustively: every assignment of its layers is run, the eight fastest of them are then measured against the
   refined one in interleaved rounds. How much slower the refined one is than the best of those is the answer.
3. Takes one long run of a switched assignment, and hands its inferences, in the order they were taken, to `compare` as
   two equal assignments; and as two of which one takes 2 % less: that is put into the numbers; the noise is real.

What was measured is kept in FOLDER, and not measured again. Needs the emulated board (`make board`).
"""

import argparse
import itertools
import time
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from layerswitch import schema
from layerswitch.assignment import Assignment
from layerswitch.boards.board import Board
from layerswitch.boards.catalog import find
from layerswitch.comparison import compare
from layerswitch.formats import open_model
from layerswitch.profile import Profile, ProfileSettings
from layerswitch.refine import Refinement, refine
from layerswitch.results import Comparison, Run
from layerswitch.statistics import noise, paired_gain, steadiness, summarize

BOARD = "emulated-arm"
FASTEST = 8


def network(path: Path, side: int) -> None:
    """Write a chain of unlike layers: convolution, depthwise, pointwise, pooling, classifier; `side` pixels a side."""
    random = np.random.default_rng(0)
    shapes = {"w1": (8, 3, 3, 3), "w2": (8, 1, 3, 3), "w3": (8, 8, 1, 1), "w4": (10, 8)}
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a0"], pads=[1, 1, 1, 1], strides=[2, 2], name="first"),
        helper.make_node("Relu", ["a0"], ["a"], name="first/relu"),
        helper.make_node("Conv", ["a", "w2"], ["b"], pads=[1, 1, 1, 1], group=8, name="depthwise"),
        helper.make_node("Conv", ["b", "w3"], ["c"], name="pointwise"),
        helper.make_node("GlobalAveragePool", ["c"], ["d"], name="pool"),
        helper.make_node("Flatten", ["d"], ["e"], name="flatten"),
        helper.make_node("Gemm", ["e", "w4"], ["y"], transB=1, name="classify"),
    ]
    weights = [numpy_helper.from_array(random.standard_normal(s, np.float32) * 0.3, name) for name, s in shapes.items()]
    given = [helper.make_tensor_value_info("x", 1, (1, 3, side, side))]
    graph = helper.make_graph(nodes, "small", given, [helper.make_empty_tensor_value_info("y")], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(made), path)


def kept(path: Path, kind, make):
    """The value in a file, made and written there when it is not there yet."""
    if not path.exists():
        started = time.monotonic()
        schema.save(path, make())
        print(f"{path.name}: {time.monotonic() - started:.0f} s", flush=True)
    return schema.load(path, kind)


def exhaustive(board: Board, model, refined: Assignment, folder: Path, runs: int, rounds: int) -> None:
    """Every assignment once, then the fastest against the refined one."""
    layers, devices = list(model.graph.index), board.description.device_names
    medians = {}
    for number, choice in enumerate(itertools.product(devices, repeat=len(layers))):
        one = Assignment(dict(zip(layers, choice, strict=True)))
        run = kept(folder / f"run-{number}.json", Run, lambda one=one: board.run(model, one, runs=runs, warmup=1))
        medians[one] = summarize(run.samples_ms).median
    order = sorted(medians, key=lambda one: medians[one])
    place = order.index(refined) + 1
    print(
        f"{len(order)} assignments run; alone, the refined one is number {place}: {medians[refined]:.3f} ms", flush=True
    )
    print(f"fastest alone: {[(one.text, round(medians[one], 3)) for one in order[:FASTEST]]}", flush=True)
    named = {"refined": refined, **{one.text: one for one in order[:FASTEST]}}
    result = kept(
        folder / "comparison.json",
        Comparison,
        lambda: compare(board, model, named, predicted=None, rounds=rounds, seed=1),
    )
    mine = next(one for one in result.entries if one.name == "refined")
    for one in sorted(result.entries, key=lambda entry: entry.measured_ms.median):
        over = paired_gain(one.samples_ms, mine.samples_ms)
        print(
            f"| {one.name} | {Assignment(one.assignment).text} | {one.measured_ms.median:.3f} | "
            f"{over.median:+.2%} ({over.low:+.2%} to {over.high:+.2%}) |",
            flush=True,
        )


class Replay:
    """A board whose every inference is the next of a long run; those of the second device take `factor` of it."""

    def __init__(self, board, samples: "np.ndarray", factor: float) -> None:
        self.description, self._samples, self._factor = board, iter(samples.tolist()), factor

    def unsupported(self, _model, **_options) -> dict[str, dict[str, str]]:
        """Everything runs everywhere."""
        return {}

    def run(self, model, assignment, **_options) -> Run:
        """One inference."""
        slower = set(assignment.values()) == {self.description.device_names[1]}
        ms = next(self._samples) * (self._factor if slower else 1.0)
        return Run("", model.graph.name, "", self.description, dict(assignment), (ms,))


def rates(board, model, samples: "np.ndarray", rounds: int, *, sequential: bool = False) -> None:
    """In what share of comparisons equal assignments are called different, and a true 2 % is found."""
    each = 2 * rounds
    count = len(samples) // each
    for factor in (1.0, 0.98):
        different, covered = 0, 0
        for number in range(count):
            part = Replay(board, samples[number * each : (number + 1) * each], factor)
            result = compare(part, model, {}, predicted=None, rounds=rounds, seed=number, until_decided=sequential)
            other = next(one for one in result.entries if one.gain is not None)
            right = 1 - factor if other.name == part.description.device_names[1] else 1 - 1 / factor
            different += other.verdict in ("faster", "slower")
            covered += other.gain.low <= right <= other.gain.high
        what = "2 equal" if factor == 1 else "2 % apart"
        rule = f"until decided, at most {rounds}" if sequential else f"{rounds}"
        print(f"| {what} | {rule} | {count} | {different} | {covered} |", flush=True)


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--inferences", type=int, default=2000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    network(given.folder / "small.onnx", given.side)
    model = open_model(given.folder / "small.onnx")
    with Board.connect(find(BOARD)) as board:
        settings = ProfileSettings(runs=10, warmup=1)
        profile = kept(given.folder / "profile.json", Profile, lambda: board.profile(model, settings))
        found = kept(
            given.folder / "refinement.json",
            Refinement,
            lambda: refine(board, model, profile, rounds=given.rounds),
        )
        steps = [(Assignment(step.assignment).text, round(step.measured_ms.median, 3)) for step in found.steps]
        refined = Assignment(found.plan.assignment)
        print(f"layers: {', '.join(model.graph.index)}; steps: {steps}; refined: {refined.text}", flush=True)
        exhaustive(board, model, refined, given.folder, given.runs, given.rounds)
        half = len(model.graph.layers) // 2
        switched = Assignment({name: ("GPU", "CPU")[place >= half] for place, name in enumerate(model.graph.index)})
        run = kept(
            given.folder / "long.json",
            Run,
            lambda: board.run(model, switched, runs=given.inferences, warmup=3),
        )
        samples = np.array(run.samples_ms)
        print(f"{switched.text}: noise {noise(samples):.2%}, {steadiness(samples)}"[:400], flush=True)
        print("| assignments | rounds | comparisons | called different | interval covers the truth |")
        print("|---|---|---|---|---|")
        for sequential in (False, True):
            for rounds in (20, 40):
                rates(board.description, model, samples, rounds, sequential=sequential)


if __name__ == "__main__":
    main()
