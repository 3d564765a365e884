"""The HTML report: one file that stands alone and explains itself."""

import base64
import math
import statistics
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..boards import condition_warnings
from ..experiments import comparison_sentences
from ..experiments.results import Comparison, other_profile
from ..measurement.profile import Profile, now
from ..measurement.statistics import FEWEST
from ..planner.plan import Plan
from ..prediction.latency_model import LatencyModel
from ..serialization import write_whole
from .condition_texts import condition_texts

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
"""Okabe-Ito: blue for the first device (CPU), orange for the second (GPU), then green and purple."""


def write_report(
    path: Path | str,
    profile: Profile,
    plan: Plan,
    comparison: Comparison | None = None,
    *,
    picture: Path | bytes | None = None,
) -> None:
    """Write the report, whole or not at all; `picture` is a PNG of the window, or its file. Raises FileError."""
    write_whole(path, render_report(profile, plan, comparison, picture=picture).encode())


def render_report(
    profile: Profile, plan: Plan, comparison: Comparison | None = None, *, picture: Path | bytes | None = None
) -> str:
    """The report's HTML. Every text from a model is escaped; nothing is fetched from elsewhere."""
    environment = Environment(
        loader=PackageLoader("layerswitch.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        profile=profile,
        plan=plan,
        comparison=comparison,
        warnings={
            "profile": condition_warnings.warnings(profile.conditions),
            "comparison": condition_warnings.warnings_of_rounds(comparison.conditions) if comparison else (),
        },
        devices=dict(zip(profile.devices, COLOURS * len(profile.devices), strict=False)),
        rows=_rows(profile, plan),
        totals=_totals(profile),
        conditions=condition_texts(profile.conditions) | profile.notes,
        created=now(),
        picture=_encoded(picture) if picture else None,
        scale=_scale(comparison) if comparison else 1.0,
        shown=_shown(comparison, profile) if comparison else {},
    )


def _encoded(picture: Path | bytes) -> str:
    return base64.b64encode(picture if isinstance(picture, bytes) else picture.read_bytes()).decode()


def _rows(profile: Profile, plan: Plan) -> list[dict[str, Any]]:
    """Each layer with its uncalibrated median times and how long its bars are, in per cent of the longest."""
    model = LatencyModel.from_profile(profile, calibrated=False)
    longest = max((ms for ms in model.layer_ms.flat if math.isfinite(ms)), default=0.0) or 1.0
    transfers: dict[str, float] = {}
    for transfer in plan.transfers:
        transfers[transfer.tensor] = transfers.get(transfer.tensor, 0.0) + transfer.ms
    rows = []
    for place, layer in enumerate(profile.graph.layers):
        shape = profile.graph.tensors[layer.outputs[0]].shape if layer.outputs else ()
        times = [
            {"device": device, "ms": ms, "width": 100 * ms / longest} if math.isfinite(ms) else {"device": device}
            for device, ms in zip(model.devices, map(float, model.layer_ms[place]), strict=True)
        ]
        sent = sum(transfers.get(tensor, 0.0) for tensor in layer.outputs)
        comparison_sentences = "×".join(map(str, shape))
        device = plan.assignment.get(layer.name, "")
        rows.append({"layer": layer, "shape": comparison_sentences, "times": times, "device": device, "sent": sent})
    return rows


def _totals(profile: Profile) -> list[dict[str, Any]]:
    """Per device, the sum of the layers and the whole network as measured: two numbers that are not the same."""
    model = LatencyModel.from_profile(profile, calibrated=False)
    return [
        {
            "device": device,
            "sum": total if math.isfinite(total := float(model.layer_ms[:, column].sum())) else None,
            "whole": statistics.median(profile.baselines[device]) if profile.baselines.get(device) else None,
        }
        for column, device in enumerate(model.devices)
    ]


def _shown(comparison: Comparison, profile: Profile) -> dict[str, Any]:
    """What the comparison shows in words, and what its columns may be called."""
    return {
        "interval": "95 % interval" if comparison.rounds >= FEWEST else "range",
        "reference_role": comparison_sentences.reference_role(comparison),
        "verdicts": comparison_sentences.verdicts(comparison),
        "coverage": comparison_sentences.coverage(comparison),
        "beside": comparison_sentences.of_profile(other_profile(comparison, profile)),
    }


def _scale(comparison: Comparison) -> float:
    """What the right edge of the interval chart means, in ms."""
    highest = max(max(entry.measured_ms.high, entry.predicted_ms or 0.0) for entry in comparison.entries)
    return highest * 1.04 or 1.0
