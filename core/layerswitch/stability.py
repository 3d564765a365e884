"""How sure a plan and its prediction are: the profile is resampled, and planned again every time.

A profile holds samples; another session would have given others. Drawing whole inferences anew from those of each
device (the bootstrap; of whole inferences, because what slows one layer slows its neighbours too), whole-network runs
and transfers likewise, gives profiles that might as well have been measured. A layer that their optima assign the same
way is sure; one near half does not matter: both devices are about as good for it, its transfers paid for.

What no resampling knows is what the samples do not hold: a later session may be hotter or colder than all of them.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .errors import ProfileError
from .latency import LatencyModel
from .planner.problem import Problem
from .planner.switches import unlimited
from .profile import BoardDescription, Profile
from .results import Interval
from .schema import Count, Value
from .statistics import COVERAGE
from .transfers import fit_transfers

CLOSE = 0.75
"""With less than this share of resampled optima on its device, a layer hardly matters."""
TIME_LIMIT_S = 5.0


class Stability(Value, frozen=True, tag_field="schema", tag="layerswitch/stability/1"):
    """How an optimum fares over `resamples` resampled profiles.

    `shares[layer]` is the share of them whose optimum runs the layer on the same device; `same` the share with the very
    same optimum. `predicted_ms` is the latency of `assignment` with the middle 95 % of what resampled profiles
    predict; `one_run_ms` the same of a single inference, run-to-run noise included. `regret` is how much slower than
    each resampled profile's own optimum it is, as a fraction, with the middle 95 %.
    """

    network: str
    fingerprint: str
    board: BoardDescription
    assignment: dict[str, str]
    shares: dict[str, float]
    same: float
    predicted_ms: Interval
    one_run_ms: Interval
    regret: Interval
    resamples: Count = 200
    seed: Count = 0
    pins: dict[str, str] = {}

    def matters(self, layer: str) -> bool:
        """Whether the layer's device is more than a toss-up."""
        return self.shares[layer] >= CLOSE


def stability(
    profile: Profile,
    assignment: Mapping[str, str] | None = None,
    *,
    pins: Mapping[str, str] = {},
    resamples: int = 200,
    seed: int = 0,
) -> Stability:
    """The stability of an assignment, by default the profile's optimum (with `pins` held).

    A profile with one sample of everything resamples to itself: all shares are 1 then, which shows nothing. Raises
    ProfileError for fewer than 2 resamples, AssignmentError and PlanError as `plan` does.
    """
    if resamples < 2:
        raise ProfileError(f"{resamples} resamples show no spread", where="stability", hint="use 200")
    model = LatencyModel.from_profile(profile)
    problem = Problem.of(model, pins)
    choice = model.choice(assignment) if assignment is not None else unlimited(problem, TIME_LIMIT_S).choice
    random = np.random.default_rng(seed)
    layer_ms, noise = _layers(profile, random, resamples)
    transfer_ms = _transfers(profile, model, random, resamples)
    places, columns = np.arange(len(choice)), np.arange(len(model.devices))
    on = choice[:, None] == columns
    agree = np.zeros(len(choice))
    same, predicted, runs, regrets = 0, [], [], []
    for number in range(resamples):
        drawn = replace(model, layer_ms=layer_ms[number], transfer_ms=transfer_ms[number])
        best = unlimited(replace(problem, model=drawn), TIME_LIMIT_S).choice
        agree += best == choice
        same += bool((best == choice).all())
        ms, least = drawn.cost(choice), drawn.cost(best)
        predicted.append(ms)
        regrets.append(max(0.0, ms / least - 1.0) if least > 0 else 0.0)
        parts = np.where(on, layer_ms[number][places, choice][:, None], 0.0).sum(axis=0)
        runs.append(ms + float(parts @ (noise[number] - 1.0)))
    names = [layer.name for layer in profile.graph.layers]
    return Stability(
        network=profile.graph.name,
        fingerprint=profile.graph.fingerprint,
        board=profile.board,
        assignment=dict(problem.named(choice)),
        shares=dict(zip(names, (agree / resamples).tolist(), strict=True)),
        same=same / resamples,
        predicted_ms=_middle(predicted, model.cost(choice)),
        one_run_ms=_middle(runs),
        regret=_middle(regrets),
        resamples=resamples,
        seed=seed,
        pins=dict(pins),
    )


def _layers(
    profile: Profile, random: np.random.Generator, resamples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Calibrated layer times, [resamples, layers, devices], and one whole run's factor, [resamples, devices]."""
    devices = profile.devices
    layer_ms = np.full((resamples, len(profile.graph.layers), len(devices)), np.inf)
    noise = np.ones((resamples, len(devices)))
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
            medians = np.median(whole[random.integers(0, len(whole), (resamples, len(whole)))], axis=1)
            noise[:, column] = random.choice(whole, resamples) / np.median(whole)
            sums = layer_ms[:, :, column].sum(axis=1)
            if np.isfinite(sums).all() and (sums > 0).all():
                layer_ms[:, :, column] *= (medians / sums)[:, None]
    return layer_ms, noise


def _transfers(
    profile: Profile, model: LatencyModel, random: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """Transfer costs, [resamples, tensors, devices from, devices to]; those not measured as they are."""
    found = np.repeat(model.transfer_ms[None], resamples, axis=0)
    sizes = np.array([profile.graph.tensors[tensor].bytes for tensor in model.tensors], dtype=float)
    measured: dict[tuple[str, str], dict[int, list[int]]] = {}
    for place, sample in enumerate(profile.transfer_samples):
        measured.setdefault((sample.source, sample.target), {}).setdefault(sample.bytes, []).append(place)
    for groups in measured.values():
        for number in range(resamples):
            drawn = [place for places in groups.values() for place in random.choice(places, len(places)).tolist()]
            for cost in fit_transfers(profile.transfer_samples[place] for place in drawn):
                row, column = profile.devices.index(cost.source), profile.devices.index(cost.target)
                priced = np.maximum(cost.floor_ms, cost.fixed_ms + cost.ms_per_byte * sizes)
                found[number, :, row, column] = priced
    return found


def _middle(values: list[float], median: float | None = None) -> Interval:
    """The median (or what takes its place), and the middle 95 %."""
    low, high = np.quantile(values, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2]).tolist()
    return Interval(float(np.median(values)) if median is None else median, low, high, len(values))
