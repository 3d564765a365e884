"""Networks on a board, predicted and measured: the baselines, the plan, and a hand-made assignment.

    python bench/networks.py FOLDER -b emulated-arm [--runs 5] [--rounds 10] [--networks NETWORK ...]

Every network is profiled, planned, and its assignments compared in interleaved rounds; FOLDER keeps the profiles, plans
and comparisons, and what it holds already is not measured again. The hand-made assignment is what a person might try
first: convolutions on the last device, all else on the first. Prints Markdown tables:

- what was predicted beside what was measured: by the sum of the layers' times and transfers; calibrated with the
  profile's whole-network runs; and calibrated with the baselines of the comparison itself, which tells the model's own
  error from a machine that is faster or slower than minutes before;
- what switching cost in the hand-made assignment: what the transfers' measurements said, what was measured beyond the
  layers' times (calibrated in the same rounds), and the plain copies between the segments (`Run.transfers_ms`);
- the transfers by size and direction, as measured with the profiles: median, least and most.
"""

import argparse
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from layerswitch import plan
from layerswitch.boards.board import Board
from layerswitch.boards.registry import find
from layerswitch.experiments.compare import compare
from layerswitch.experiments.results import Comparison, Run
from layerswitch.measurement.profile import Profile, ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.network.formats import open_model
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.serialization import load, save

NETWORKS = ("alexnet", "googlenet", "mobilenet-v1", "resnet-50", "squeezenet", "mobilenet-v2")
HAND = "convolutions on {}"


def by_hand(graph, devices):
    """Convolutions that are not depthwise on the last device, everything else on the first."""
    where = {layer.name: devices[-1] if layer.type == "Convolution" else devices[0] for layer in graph.layers}
    return HAND.format(devices[-1]), Assignment(where)


def kept(path, kind, measure):
    """What the file holds, or else what is measured now."""
    if path.exists():
        return load(path, kind)
    value = measure()
    save(path, value)
    return value


def measured(board, name, folder, runs, rounds):
    """(profile, comparison, run of the hand-made assignment) of one network."""
    model = open_model(name)
    settings = ProfileSettings(runs=runs, warmup=1)
    profile = kept(folder / f"{name}.profile.json", Profile, lambda: board().profile(model, settings).whole())
    found = plan(LatencyModel.from_profile(profile), profile.board)
    title, hand = by_hand(model.graph, profile.devices)
    named = [NamedAssignment("plan", "plan", found.assignment), NamedAssignment(title, "own", hand)]
    comparison = kept(
        folder / f"{name}.comparison.json",
        Comparison,
        lambda: compare(
            board(), model, named, predicted=LatencyModel.from_profile(profile), rounds=rounds, warmup=0
        ).whole(),
    )
    run = kept(
        folder / f"{name}.run.json", Run, lambda: board().run(model, hand, runs=runs, warmup=1, name=title).whole()
    )
    return profile, comparison, run


def percent(part, whole):
    """How far one number is from another, signed."""
    return f"{100 * (part / whole - 1):+.1f} %"


def in_rounds(profile, comparison):
    """The model calibrated with the baselines that the comparison measured in its own rounds."""
    rounds = {entry.name: entry.samples_ms for entry in comparison.entries if entry.kind == "baseline"}
    return LatencyModel.from_profile(replace(profile, baselines=rounds))


def predictions(name, profile, comparison):
    """Rows of the first table, and (the errors of the three predictions by assignment, the plan's gain)."""
    models = (
        LatencyModel.from_profile(profile, calibrated=False),
        LatencyModel.from_profile(profile),
        in_rounds(profile, comparison),
    )
    errors, gain = [], None
    for entry in comparison.entries:
        ms, middle = entry.measured_ms, entry.measured_ms.median
        told_ms = [model.cost(model.choice(entry.assignment)) for model in models]
        errors.append([one / middle - 1 for one in told_ms])
        told = entry.verdict
        if entry.gain:
            told += f", {100 * entry.gain.median:.1f} % ({100 * entry.gain.low:.1f} to {100 * entry.gain.high:.1f})"
            gain = entry.gain.median if entry.kind == "plan" else gain
        cells = " | ".join(f"{one:.0f} ({percent(one, middle)})" for one in told_ms)
        print(
            f"| {name} | {entry.name} | {entry.switches} | {cells} | {middle:.0f} ({ms.low:.0f} to {ms.high:.0f}) "
            f"| {told} |"
        )
    return errors, gain


def switching(name, profile, comparison, run):
    """The row of the second table."""
    model = in_rounds(profile, comparison)
    prediction = model.predict(run.assignment)
    entry = next(entry for entry in comparison.entries if entry.assignment == run.assignment)
    beyond = entry.measured_ms.median - float(prediction.layers_ms.sum())
    copies = float(np.median(np.sum(run.transfers_ms, axis=0)))
    moved = sum(transfer.bytes for transfer in prediction.transfers)
    print(
        f"| {name} | {len(prediction.transfers)} | {moved / 1e6:.1f} | {prediction.transfers_ms:.1f} | {beyond:.1f} "
        f"| {copies:.2f} | {run.verified} |"
    )


def transfers(profiles):
    """The third table: the transfers measured with every profile, by size and direction."""
    taken = {}
    for one in (sample for profile in profiles for sample in profile.transfer_samples):
        taken.setdefault(one.bytes, {}).setdefault((one.source, one.target), []).append(one.ms)
    ways = sorted({way for found in taken.values() for way in found})
    print("\n| KB | " + " | ".join(f"{source} to {target}, ms" for source, target in ways) + " |")
    print("|---" * (1 + len(ways)) + "|")
    for size, found in sorted(taken.items()):
        cells = (f"{np.median(found[way]):.2f} ({min(found[way]):.2f} to {max(found[way]):.2f})" for way in ways)
        print(f"| {size / 1e3:.0f} | " + " | ".join(cells) + " |")


def main():
    """Measure what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-n", "--networks", nargs="+", default=NETWORKS, metavar="NETWORK")
    parser.add_argument("-b", "--board", default="emulated-arm")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    connected = []

    def board():
        if not connected:
            connected.append(Board.connect(find(options.board)))
        return connected[0]

    try:
        found = {n: measured(board, n, options.folder, options.runs, options.rounds) for n in options.networks}
    finally:
        for one in connected:
            one.close()
    print("| network | assignment | switches | sum of layers | calibrated | same rounds | measured, ms | verdict |")
    print("|---|---|---|---|---|---|---|---|")
    rows = [predictions(name, profile, comparison) for name, (profile, comparison, _) in found.items()]
    off = 100 * np.abs(np.concatenate([errors for errors, _ in rows]))
    kinds = ("by the sum of layers", "calibrated", "calibrated in the same rounds")
    said = ", ".join(
        f"{off[:, k].mean():.1f} % {kind} (at most {off[:, k].max():.1f} %)" for k, kind in enumerate(kinds)
    )
    gains = [100 * gain for _, gain in rows if gain is not None]
    print(f"\nError on average: {said}. The plan's gain: {np.mean(gains) if gains else 0:.2f} % on average.\n")
    print("| network | transfers | MB | as predicted, ms | as measured, ms | plain copies, ms | verified |")
    print("|---|---|---|---|---|---|---|")
    for name, (profile, comparison, run) in found.items():
        switching(name, profile, comparison, run)
    transfers([profile for profile, _, _ in found.values()])


if __name__ == "__main__":
    main()
