"""Explanation: everything that explains a profile, layer by layer and across the network."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from ..errors import ProfileError
from ..measurement.profile import BoardDescription, Profile
from ..measurement.sample_summary import Interval
from ..serialization import Value
from .clauses import Case, Clause
from .correlations import Attribute, Entry, attributes
from .device_times import OnDevice, scales_of, times_of
from .layer_work import Work, work_of
from .network_findings import findings
from .reasons import reason, sentences
from .roofline import Roofline, roofline


class LayerExplanation(Value, frozen=True):
    """A layer's work and times, and why it prefers a device.

    `verdict` is the device seen to be faster, "only X", "noise" or "too few samples". `reason` are the clauses' texts
    as one or two sentences.
    """

    name: str
    type: str
    work: Work
    devices: tuple[OnDevice, ...]
    verdict: str
    reason: str
    clauses: tuple[Clause, ...]


class Explanation(Value, frozen=True, tag_field="schema", tag="layerswitch/explanation/1"):
    """Of a profile: every layer's reason, every device's roofline, and what goes with the preference.

    `times` says whether all ms here are medians as measured ("raw") or scaled so that each device's layers add up to
    its baseline ("calibrated", by `scales`). `pair` are the two devices that `attributes` and `findings` compare: the
    ratio is the first's time over the second's. `unknown` says what the profile does not hold.
    """

    network: str
    fingerprint: str
    board: BoardDescription
    times: Literal["calibrated", "raw"]
    scales: dict[str, Interval]
    layers: tuple[LayerExplanation, ...]
    rooflines: tuple[Roofline, ...]
    pair: tuple[str, str] | None = None
    attributes: tuple[Attribute, ...] = ()
    findings: tuple[Clause, ...] = ()
    unknown: tuple[str, ...] = ()

    def layer(self, name: str) -> LayerExplanation:
        """A layer's explanation by its name. Raises ProfileError."""
        for one in self.layers:
            if one.name == name:
                return one
        raise ProfileError(f"has no layer {name!r}", where=self.network)


def explain(profile: Profile, *, calibrated: bool = True, pair: tuple[str, str] | None = None) -> Explanation:
    """Explain a profile. `pair` names the devices to compare across the network; else the board's first two.

    `calibrated` scales times as `LatencyModel.from_profile` does. Raises ProfileError when the board has no such pair.
    Rooflines: Williams, Waterman & Patterson, Communications of the ACM 52(4), 2009.

    >>> first = explain(profile).layer("conv1")
    >>> first.verdict, first.work.macs
    ('GPU', 22064832)
    >>> first.reason[:60]
    'Convolution 3x3 (12769 x 64 x 27), 11.3 FLOP/byte: at only 2'
    """
    graph = profile.graph
    if pair is None and len(profile.devices) >= 2:
        pair = profile.devices[0], profile.devices[1]
    if pair is not None and (len(set(pair)) < 2 or not set(pair) <= set(profile.devices)):
        hint = f"use two of {', '.join(profile.devices)}" if len(profile.devices) > 1 else "it has one device"
        raise ProfileError(f"{pair[0]} and {pair[1]} cannot be compared", where=profile.board.title, hint=hint)
    scales = scales_of(profile, calibrated=calibrated)
    measured = {}
    for layer in graph.layers:
        work = work_of(layer, graph)
        measured[layer.name] = (work, times_of(layer.name, work, profile, scales))
    rooflines = tuple(roofline(device, measured, profile) for device in profile.devices)
    roofs = {one.device: one for one in rooflines}
    typical = _typical(profile, measured)
    layers, cases = [], []
    for layer in graph.layers:
        work, times = measured[layer.name]
        missing = {d: why for d in profile.devices if (why := profile.unsupported.get(d, {}).get(layer.name))}
        case = Case(layer, work, times, roofs, missing, typical.get(layer.type, {}))
        cases.append(case)
        clauses = reason(case)
        layers.append(LayerExplanation(layer.name, layer.type, work, times, case.verdict, sentences(clauses), clauses))
    found = attributes(entries) if pair and (entries := _entries(layers, pair)) else ()
    connected = _connected(cases, pair) if pair else []
    return Explanation(
        network=graph.name,
        fingerprint=graph.fingerprint,
        board=profile.board,
        times="calibrated" if any(scale.samples for scale in scales.values()) else "raw",
        scales=scales,
        layers=tuple(layers),
        rooflines=rooflines,
        pair=pair,
        attributes=found,
        findings=findings(found, *pair, connected) if pair and found else (),
        unknown=_unknown(profile, scales if calibrated else {}),
    )


def _typical(
    profile: Profile, measured: Mapping[str, tuple[Work, tuple[OnDevice, ...]]]
) -> dict[str, dict[str, float]]:
    """type -> device -> the median GFLOP/s over the layers of that type; at least four of them."""
    rates: dict[str, dict[str, list[float]]] = {}
    for layer in profile.graph.layers:
        for one in measured[layer.name][1]:
            if one.gflops:
                rates.setdefault(layer.type, {}).setdefault(one.device, []).append(one.gflops)
    return {
        kind: {device: float(np.median(taken)) for device, taken in devices.items() if len(taken) >= 4}
        for kind, devices in rates.items()
    }


def _entries(layers: list[LayerExplanation], pair: tuple[str, str]) -> list[Entry]:
    """The layers that both devices of a pair ran, in times over zero that have a ratio."""
    entries = []
    for place, one in enumerate(layers):
        times = {on.device: on for on in one.devices}
        if all(device in times and times[device].ms.median > 0 for device in pair):
            entry = Entry(one.name, place, one.type, one.work, times[pair[0]], times[pair[1]])
            if 0 < entry.ratio < math.inf:
                entries.append(entry)
    return entries


def _connected(cases: Sequence[Case], pair: tuple[str, str]) -> list[str]:
    """The verdicts on the fully connected layers between two devices alone, of those that either of them runs."""
    both = (
        replace(case, times=tuple(one for one in case.times if one.device in pair))
        for case in cases
        if case.layer.type == "FullyConnected"
    )
    return [case.verdict for case in both if case.times]


def _unknown(profile: Profile, scales: Mapping[str, Interval]) -> tuple[str, ...]:
    """What the profile does not hold, and what therefore cannot be said; `scales` where times are calibrated."""
    lacking = []
    if not any(layer.operators for layer in profile.graph.layers):
        lacking.append("operators: no MACs, matrix products or intensity are known, and no roofline is drawn")
    for device in profile.devices:
        if not profile.kernels.get(device):
            lacking.append(f"kernels on {device}: how its times divide is not known")
        peaks = profile.peaks.get(device)
        if not (peaks and peaks.gflops and peaks.gb_per_s):
            lacking.append(f"peaks of {device}: what bounds a layer there is not known")
        elif peaks.launch_ms is None and profile.kernels.get(device):
            lacking.append(f"what a launch takes on {device}: launches cannot be separated from the rest")
        if not profile.baselines.get(device):
            lacking.append(f"a whole run on {device}: its times are not calibrated")
        elif device in scales and not scales[device].samples:
            whole = f"what the layers add up to on {device} (some took no time, or the whole run)"
            lacking.append(f"{whole}: its times are not calibrated")
    return tuple(lacking)
