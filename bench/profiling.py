"""What a profile costs beside the inferences it cannot do without: `python bench/profiling.py [-b BOARD] [-n NETWORK]`.

The floor: as many inferences of the whole network as the profile counts and warms up with, on each device, by bare
calls of pyarmnn in one process that has loaded the networks already. Floor and profile take turns. The first profile
of a connection asks what is refused and measures the device's peaks as well; it stands apart. Where the time of a
profile goes is seen in one more, taken apart inside the agent's own code; what the client and the wire add is missing
there. Without `-n` it is SqueezeNet on a small picture, so that all of it takes seconds: the shorter the inferences,
the more counts what is done once.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

from parts import on_board

from layerswitch.boards.board import Board
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.formats import open_model
from layerswitch.network.model import Model

PARTS = (
    *("loading", "first inferences", "warm-up", "layers", "reading the profiler", "baselines"),
    *("transfers", "peaks", "protocol", "the rest"),
)


def spread(samples):
    """Median, least and most."""
    return f"{median(samples):.2f} ({min(samples):.2f} to {max(samples):.2f})"


def timed(action):
    """Seconds of the clock."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def measured(entry, model, runs, warmup, turns):
    """(floors, profiles, the first profile, asking what is refused) in s, and seconds by part."""
    asked = {"runs": runs, "warmup": warmup}
    settings = ProfileSettings(runs=runs, warmup=warmup)
    floors, profiles = [], []
    with Board.connect(entry) as board:
        asking = timed(lambda: board.unsupported(model))
        first = timed(lambda: board.profile(model, settings).whole())
        for _ in range(turns):
            answer = on_board.ask(entry, model.graph, "floor", **asked)
            floors.append(sum(answer["all"].values()))
            profiles.append(timed(lambda: board.profile(model, settings).whole()))
    parts = on_board.ask(entry, model.graph, "parts", **asked)["parts"]
    return floors, profiles, first, asking, parts


def report(entry, model, options):
    """The rows of one network on one board."""
    model = Model(model.graph, {}, None)  # its weights drawn on the board, for the floor as for the profile
    floors, profiles, first, asking, parts = measured(entry, model, options.runs, options.warmup, options.turns)
    over = [profile / floor for profile, floor in zip(profiles, floors, strict=True)]
    print(f"\n{entry.name} ({entry.origin}), {model.graph.name}: {options.runs} runs, {options.warmup} to warm up\n")
    print("| floor, s | profile, s | over the floor | first profile, s | asking what is refused, s |")
    print("|---|---|---|---|---|")
    print(f"| {spread(floors)} | {spread(profiles)} | {spread(over)} | {first:.2f} | {asking:.2f} |\n")
    print("| part | s | share |")
    print("|---|---|---|")
    whole = sum(seconds for part, seconds in parts.items() if part != "peaks")
    for part in PARTS:
        seconds = parts.pop(part, 0.0)
        share = "once a connection" if part == "peaks" else f"{100 * seconds / whole:.1f} %"
        print(f"| {part} | {seconds:.3f} | {share} |")
    assert not parts, parts


def main():
    """Print what every board and network takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-b", "--boards", nargs="+", metavar="BOARD", help="reference, emulated-arm")
    parser.add_argument("-n", "--networks", nargs="+", metavar="NETWORK")
    parser.add_argument("--side", type=int, default=32, help="pixels of the small network (%(default)s)")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--turns", type=int, default=2)
    options = parser.parse_args()
    entries = [entry for entry in on_board.boards() if not options.boards or entry.name in options.boards]
    if not entries:
        print("neither pyarmnn nor the emulated Arm board is here")
    with tempfile.TemporaryDirectory() as folder:
        models = [open_model(name) for name in options.networks or []]
        models = models or [on_board.small(Path(folder), options.side)]
    for entry in entries:
        for model in models:
            report(entry, model, options)


if __name__ == "__main__":
    main()
