"""Layers and runs as CSV, one row each, with the origin of every time in a column of its own."""

import csv
import io
import statistics
from collections.abc import Mapping

from ..profile import Profile
from ..results import Comparison


def layers_csv(profile: Profile, assignment: Mapping[str, str] | None = None) -> str:
    """One row per layer: what it is, median ms and sample count on each device, and its device in `assignment`."""
    devices = profile.devices
    columns = ["place", "layer", "type", "block", "output_shape", "output_bytes", "macs", "parameters"]
    columns += [f"{device}_{what}" for device in devices for what in ("ms", "samples")]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
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


def runs_csv(comparison: Comparison) -> str:
    """One row per measured inference: assignment, round, ms, and the letters of the assignment."""
    from ..assignment import Assignment

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["assignment", "letters", "round", "ms", "predicted_ms", "origin"])
    for entry in comparison.entries:
        letters = Assignment(entry.assignment).text_on(comparison.board.device_names)
        predicted = "" if entry.predicted_ms is None else entry.predicted_ms
        for number, ms in enumerate(entry.samples_ms, 1):
            writer.writerow([entry.name, letters, number, ms, predicted, comparison.board.origin])
    return text.getvalue()
