"""Layers and runs as CSV, one row each, with the origin of every time in a column of its own."""

import csv
import io
import math
import statistics
from collections.abc import Mapping, Sequence

from ..experiments.results import Comparison, Run
from ..measurement.profile import Profile
from ..prediction.latency_model import LatencyModel

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula; it would work it out when it opens the file."""


class _Writer:
    """Writes rows in which the names of layers, devices and assignments are text, whatever they begin with."""

    def __init__(self, text: io.StringIO) -> None:
        self._rows = csv.writer(text, lineterminator="\n")

    def writerow(self, row: Sequence[object]) -> None:
        self._rows.writerow([f"'{one}" if isinstance(one, str) and one.startswith(FORMULA) else one for one in row])


def layers_csv(profile: Profile, assignment: Mapping[str, str] | None = None) -> str:
    """One row per layer: what it is, median ms and sample count on each device, and its device in `assignment`."""
    devices = profile.devices
    columns = ["place", "layer", "type", "block", "output_shape", "output_bytes", "macs", "parameters"]
    columns += [f"{device}_{what}" for device in devices for what in ("ms", "samples")]
    text = io.StringIO()
    writer = _Writer(text)
    writer.writerow([*columns, "assigned", "origin"])
    for place, layer in enumerate(profile.graph.layers, 1):
        outputs = [profile.graph.tensors[name] for name in layer.outputs]
        shape = "x".join(map(str, outputs[0].shape)) if outputs else ""
        row: list[object] = [place, layer.name, layer.type, layer.block, shape, sum(t.bytes for t in outputs)]
        row += [layer.macs, layer.parameters]
        for device in devices:
            samples = profile.samples.get(device, {}).get(layer.name, ())
            row += [statistics.median(samples) if samples else "", len(samples)]
        writer.writerow([*row, assignment[layer.name] if assignment else "", profile.board.origin])
    return text.getvalue()


def runs_csv(
    comparison: Comparison | None = None, runs: Sequence[Run] = (), predicted: LatencyModel | None = None
) -> str:
    """One row per measured inference: assignment, its letters, round, ms, origin; `measured` says how.

    Inferences of `runs` come first ("alone": one assignment at a time), then the comparison's rounds ("in turns").
    `predicted` is of the same network; it predicts the runs, while a comparison brings its own predictions.
    """
    text = io.StringIO()
    writer = _Writer(text)
    writer.writerow(["assignment", "letters", "round", "ms", "predicted_ms", "origin", "measured"])
    for run in runs:
        cost = predicted.cost(predicted.choice(run.assignment)) if predicted else math.inf
        ahead = [run.name, run.assignment.text_on(run.board.device_names)]
        behind = [cost if math.isfinite(cost) else "", run.board.origin, "alone"]
        for number, ms in enumerate(run.samples_ms, 1):
            writer.writerow([*ahead, number, ms, *behind])
    for entry in comparison.entries if comparison else ():
        assert comparison is not None
        letters = entry.assignment.text_on(comparison.board.device_names)
        known = "" if entry.predicted_ms is None else entry.predicted_ms
        for number, ms in enumerate(entry.samples_ms, 1):
            writer.writerow([entry.name, letters, number, ms, known, comparison.board.origin, "in turns"])
    return text.getvalue()
