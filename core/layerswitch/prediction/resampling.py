"""Profiles that might as well have been measured: the samples of one, drawn with replacement (the bootstrap).

Whole inferences are drawn from those of each device, because what slows one layer slows its neighbours too; whole
runs of the network and transfers likewise.

What the samples do not hold is how the session compares with others: each device's times are therefore also drawn as
far from the profile's as another session's would be (session_variance.py), twice the variance of one session, since
both differ from the board's mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ProfileError
from ..measurement.profile import Profile
from ..measurement.sample_summary import Interval
from ..measurement.statistics import COVERAGE
from ..measurement.transfer_fit import fit_transfers
from .calibration import factors
from .latency_model import LatencyModel, parts_of
from .session_variance import spread_of


@dataclass(frozen=True, eq=False)
class Resamples:
    """Profiles that might as well have been measured, as the times of `model`.

    layer_ms: [resamples, layers, devices]; transfer_ms: [resamples, tensors, devices from, devices to]; noise: a single
    whole run over the median one, [resamples, devices]; spread: device -> relative standard deviation between sessions.
    """

    model: LatencyModel
    layer_ms: NDArray[np.float64]
    transfer_ms: NDArray[np.float64]
    noise: NDArray[np.float64]
    spread: Mapping[str, float]

    @classmethod
    def of(
        cls, profile: Profile, resamples: int = 200, seed: int = 0, spread: Mapping[str, float] | None = None
    ) -> "Resamples":
        """Draw them, with that spread between sessions (else `spread_of` the profile alone).

        Raises ProfileError for fewer than 2.
        """
        if resamples < 2:
            raise ProfileError(f"{resamples} resamples show no spread", where="stability", hint="use 200")
        model = LatencyModel.from_profile(profile)
        random = np.random.default_rng(seed)
        spread = spread_of(profile) if spread is None else dict(spread)
        layer_ms, noise = _layers(profile, random, resamples)
        transfer_ms = _transfers(profile, model, random, resamples)
        layer_ms *= _sessions([spread.get(device, 0.0) for device in profile.devices], random, resamples)[:, None, :]
        return cls(model, layer_ms, transfer_ms, noise, spread)

    def __len__(self) -> int:
        return len(self.layer_ms)

    def predicted(self, choice: NDArray[np.intp]) -> NDArray[np.float64]:
        """What each of them predicts of an assignment given as device columns, ms, [resamples]."""
        dataflow = self.model.dataflow
        readings = dataflow.readings(choice, len(self.model.devices))
        layers, moves = parts_of(dataflow, choice, readings, self.layer_ms, self.transfer_ms)
        return np.asarray(layers.sum(axis=1) + moves.sum(axis=(1, 2)))

    def interval(self, choice: NDArray[np.intp]) -> Interval:
        """The prediction of an assignment, with the middle 95 % of what they predict, ms."""
        return middle(self.predicted(choice).tolist(), self.model.cost(choice))


def _sessions(spread: list[float], random: np.random.Generator, resamples: int) -> NDArray[np.float64]:
    """What another session multiplies each device's times with: log-normal, median 1, [resamples, devices]."""
    drawn = random.standard_normal((resamples, len(spread)))
    return np.asarray(np.exp(np.sqrt(2.0) * np.array(spread) * drawn))


def _layers(
    profile: Profile, random: np.random.Generator, resamples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Calibrated layer times, [resamples, layers, devices], and one whole run's factor, [resamples, devices]."""
    devices = profile.devices
    layer_ms = np.full((resamples, len(profile.graph.layers), len(devices)), np.inf)
    noise, whole_ms = np.ones((resamples, len(devices))), np.full((resamples, len(devices)), np.nan)
    for column, device in enumerate(devices):
        grouped: dict[int, list[str]] = {}
        for layer, samples in profile.samples.get(device, {}).items():
            grouped.setdefault(len(samples), []).append(layer)
        for count, layers in grouped.items():
            drawn = random.integers(0, count, (resamples, count))
            for layer in layers:
                times = np.asarray(profile.samples[device][layer])
                layer_ms[:, profile.graph.index[layer], column] = np.median(times[drawn], axis=1)
        whole = np.asarray(profile.baselines.get(device, ()), dtype=float)
        if len(whole) and np.median(whole) > 0:
            whole_ms[:, column] = np.median(whole[random.integers(0, len(whole), (resamples, len(whole)))], axis=1)
            noise[:, column] = random.choice(whole, resamples) / np.median(whole)
    return layer_ms * np.nan_to_num(factors(layer_ms, whole_ms), nan=1.0)[:, None, :], noise


def _transfers(
    profile: Profile, model: LatencyModel, random: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """Transfer costs, [resamples, tensors, devices from, devices to]; those not measured as they are."""
    prices = np.repeat(model.transfer_ms[None], resamples, axis=0)
    measured: dict[tuple[str, str], dict[int, list[int]]] = {}
    for place, sample in enumerate(profile.transfer_samples):
        measured.setdefault((sample.source, sample.target), {}).setdefault(sample.bytes, []).append(place)
    sizes = model.dataflow.sizes(profile.graph)
    for groups in measured.values():
        for number in range(resamples):
            drawn = [place for places in groups.values() for place in random.choice(places, len(places)).tolist()]
            for cost in fit_transfers(profile.transfer_samples[place] for place in drawn):
                row, column = profile.devices.index(cost.source), profile.devices.index(cost.target)
                prices[number, :, row, column] = cost.of(sizes)
    return prices


def middle(values: list[float], median: float | None = None) -> Interval:
    """The median (or what takes its place), and the middle 95 %."""
    low, high = np.quantile(values, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2]).tolist()
    return Interval(float(np.median(values)) if median is None else median, low, high, len(values))
