"""What runs teach about a latency model: a factor for each device's layers, and for each direction of transfer a factor
and ms added to every one.

Regularised least squares on the runs' relative errors (ridge regression towards what the profile says: Hoerl & Kennard
1970): a run's latency is linear in all of these, and where the runs say nothing of one, it stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .latency_model import LatencyModel

RUN_ERROR = 0.01
"""How far a run's median lies from what another session's would be, as a fraction: the published spread."""
DEVICE_SPREAD = 0.05
"""How far a device's factor may reasonably lie from 1, where its layers are calibrated to whole runs already."""
TRANSFER_SPREAD = 0.5
"""Transfers within a network differ much more from those measured on their own."""
ADDED_SPREAD = 0.05
"""What a transfer may reasonably take beyond its cost (starting a segment, say; or the profile knows no costs), as a
fraction of the runs' latency."""

ABSURD = 10.0
"""A run that took so many times more or less than predicted is hardly in ms, or of something else: it teaches nothing.
Errors are relative, so that a single one of seconds would outweigh all others."""


@dataclass(frozen=True)
class Learned:
    """The factors, by device and by direction (source, target), and the ms added to each transfer of a direction."""

    devices: Mapping[str, float]
    transfers: Mapping[tuple[str, str], float]
    added_ms: Mapping[tuple[str, str], float]

    def applied(self, model: LatencyModel) -> LatencyModel:
        """The model with all of it in its times."""
        layers = np.array([self.devices.get(device, 1.0) for device in model.devices])
        moves = np.array([[self.transfers.get((a, b), 1.0) for b in model.devices] for a in model.devices])
        added = np.array([[self.added_ms.get((a, b), 0.0) for b in model.devices] for a in model.devices])
        return replace(
            model,
            layer_ms=model.layer_ms * layers,
            transfer_ms=model.transfer_ms * moves + added,
            scales={device: scale * self.devices.get(device, 1.0) for device, scale in model.scales.items()},
        )


def learn(model: LatencyModel, runs: Sequence[tuple[Mapping[str, str], float]]) -> Learned:
    """What explains (assignment, measured ms) best; nothing is negative. Runs of 0 ms, and absurd ones, say nothing."""
    return learn_across(model.devices, [(model, assignment, ms) for assignment, ms in runs])


def learn_across(devices: Sequence[str], runs: Sequence[tuple[LatencyModel, Mapping[str, str], float]]) -> Learned:
    """The same of (model, assignment, measured ms): each run is held against the model of its own session.

    So one session's switched runs teach another what switching costs beyond its own baselines. All models are of
    `devices`.
    """
    runs = [run for run in runs if run[2] > 0]
    devices = list(devices)
    pairs = [(a, b) for a in devices for b in devices if a != b]
    ms = np.array([ms for _, _, ms in runs])
    before = np.array([1.0] * (len(devices) + len(pairs)) + [0.0] * len(pairs))
    rows = np.array([_parts(model, assignment, pairs) for model, assignment, _ in runs]).reshape(len(runs), len(before))
    known = np.isfinite(rows).all(axis=1)  # not so where a layer ran on a device the profile has no time of
    rows, ms = rows[known], ms[known]
    predicted = rows @ before
    sane = (predicted / ABSURD < ms) & (ms < predicted * ABSURD)
    rows, ms, predicted = rows[sane], ms[sane], predicted[sane]
    extra = ADDED_SPREAD * float(np.median(ms)) if len(ms) else 1.0
    spread = np.array([DEVICE_SPREAD] * len(devices) + [TRANSFER_SPREAD] * len(pairs) + [extra] * len(pairs))
    weights = 1.0 / (RUN_ERROR * ms)
    # in units of what is reasonable, from what the profile says: else ms of one size drown factors of another
    matrix = np.vstack([rows * weights[:, None] * spread, np.eye(len(spread))])
    wanted = np.concatenate([(ms - predicted) * weights, np.zeros(len(spread))])
    least = (0.001 * before - before) / spread
    from scipy.optimize import lsq_linear  # here, since every command would wait for it

    best = before + spread * lsq_linear(matrix, wanted, bounds=(least, np.inf), method="bvls").x
    factors, moves, added = np.split(best, [len(devices), len(devices) + len(pairs)])
    return Learned(
        dict(zip(devices, factors.tolist(), strict=True)),
        dict(zip(pairs, moves.tolist(), strict=True)),
        dict(zip(pairs, added.tolist(), strict=True)),
    )


def _parts(model: LatencyModel, assignment: Mapping[str, str], pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """What a prediction consists of: ms of layers on each device, of transfers in each direction, and their number."""
    prediction = model.predict(assignment)
    choice = model.choice(assignment)
    layers = [float(prediction.layers_ms[choice == column].sum()) for column in range(len(model.devices))]
    moved, number = dict.fromkeys(pairs, 0.0), dict.fromkeys(pairs, 0.0)
    for transfer in prediction.transfers:
        moved[transfer.source, transfer.target] += transfer.ms
        number[transfer.source, transfer.target] += 1
    return np.array([*layers, *moved.values(), *number.values()])
