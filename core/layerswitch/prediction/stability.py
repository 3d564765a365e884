"""How sure a plan and its prediction are: the profile is resampled, and planned again every time.

A profile holds samples; another session would have given others. Drawing whole inferences anew from those of each
device (the bootstrap; of whole inferences, because what slows one layer slows its neighbours too), whole-network runs
and transfers likewise, gives profiles that might as well have been measured. A layer that their optima assign the same
way is sure; one near half does not matter: both devices are about as good for it, its transfers paid for.

Whatever is chosen as the best on noisy samples was helped by them: it takes longer than they say (the optimizer's
curse: Smith & Winkler, Management Science 52(3), 2006). By how much, the resamples show as well (Efron & Tibshirani, An
Introduction to the Bootstrap, 1993, section 17.6): their optima fare as much worse on the profile than on themselves.

What the samples do not hold is how the session compares with others: each device's times are therefore also drawn as
far from the profile's as another session's would be (session_variance.py), twice the variance of one session, since
both differ from the board's mean.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..boards.progress import Progress, Show
from ..errors import CancelledError, ProfileError
from ..measurement.profile import BoardDescription, Profile
from ..measurement.sample_summary import Interval
from ..measurement.statistics import COVERAGE
from ..measurement.transfer_fit import fit_transfers
from ..planner.problem import Problem
from ..planner.switch_curve import unlimited
from ..serialization import Count, Value
from .latency_model import LatencyModel
from .session_variance import spread_of

CLOSE = 0.75
"""With less than this share of resampled optima on its device, a layer hardly matters."""
TIME_LIMIT_S = 5.0
TOLD = 0.005
"""Optimism from which on it is worth a sentence: a tenth of the paper's gain."""
SAME = 1e-9
"""Costs this close, as a fraction, are the same: an assignment that costs as little as the optimum is one."""


class Stability(Value, frozen=True, tag_field="schema", tag="layerswitch/stability/1"):
    """How an optimum fares over `resamples` resampled profiles.

    `shares[layer]` is the share of them whose optimum runs the layer on the same device; `same` the share with the very
    same optimum. `predicted_ms` is the latency of `assignment` with the middle 95 % of what resampled profiles
    predict, which is where the median of another session lies; `one_run_ms` the same of a single inference, run-to-run
    noise included. `regret` is how much slower than each resampled profile's own optimum it is, as a fraction, with the
    middle 95 %. `optimism` is by how much, as a fraction, the assignment is expected to take longer than predicted
    because it was chosen as the best on these samples; None where it is not the optimum. `spread` is each device's
    relative standard deviation between sessions that was drawn with.
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
    spread: dict[str, float] = {}
    optimism: float | None = None

    def matters(self, layer: str) -> bool:
        """Whether the layer's device is more than a toss-up."""
        return self.shares[layer] >= CLOSE

    @property
    def caution(self) -> str:
        """What to expect of a plan that noise has helped to choose, in a sentence; "" where it is next to nothing."""
        if self.optimism is None or self.optimism < TOLD:
            return ""
        likely = self.predicted_ms.median * (1.0 + self.optimism)
        ms = np.format_float_positional(likely, 3, fractional=False, trim="-")
        return (
            f"Chosen as the best on noisy samples, it is expected to take about {100 * self.optimism:.1f} % longer "
            f"than predicted: {ms} ms. More runs per layer would choose better."
        )


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
        rows, targets = np.nonzero(self.model.moved(choice))
        sources = choice[self.model.writers[rows]]
        layers = self.layer_ms[:, np.arange(len(choice)), choice].sum(axis=1)
        return np.asarray(layers + self.transfer_ms[:, rows, sources, targets].sum(axis=1))

    def interval(self, choice: NDArray[np.intp]) -> Interval:
        """The prediction of an assignment, with the middle 95 % of what they predict, ms."""
        return _middle(self.predicted(choice).tolist(), self.model.cost(choice))


def stability(
    profile: Profile,
    assignment: Mapping[str, str] | None = None,
    *,
    pins: Mapping[str, str] = {},
    resamples: int = 200,
    seed: int = 0,
    spread: Mapping[str, float] | None = None,
    drawn: Resamples | None = None,
    progress: Show | None = None,
    cancel: threading.Event | None = None,
) -> Stability:
    """The stability of an assignment, by default the profile's optimum (with `pins` held).

    `spread` is how far sessions lie apart (`spread_of` the profile and what else is known; by default of it alone).
    `drawn` are the profile's resamples where they are there already. Of a profile with one sample of everything only
    the spread between sessions is left. Raises ProfileError for fewer than 2 resamples, AssignmentError and PlanError
    as `plan` does, CancelledError within one plan of `cancel`.
    """
    drawn = drawn or Resamples.of(profile, resamples, seed, spread)
    model, resamples = drawn.model, len(drawn)
    problem = Problem.of(model, pins)
    optimum = unlimited(problem, TIME_LIMIT_S).choice
    choice = model.choice(assignment) if assignment is not None else optimum
    ms = model.cost(choice)
    chosen = ms <= model.cost(optimum) * (1.0 + SAME)
    on = choice[:, None] == np.arange(len(model.devices))
    agree = np.zeros(len(choice))
    same, predicted, regrets, luck = 0, drawn.predicted(choice), [], []
    for number in range(resamples):
        if cancel is not None and cancel.is_set():
            raise CancelledError("working out how sure the plan is was cancelled")
        one = replace(model, layer_ms=drawn.layer_ms[number], transfer_ms=drawn.transfer_ms[number])
        best = unlimited(replace(problem, model=one), TIME_LIMIT_S).choice
        agree += best == choice
        same += bool((best == choice).all())
        least = one.cost(best)
        regrets.append(max(0.0, float(predicted[number]) / least - 1.0) if least > 0 else 0.0)
        luck.append(regrets[-1] + max(0.0, model.cost(best) / ms - 1.0) if least > 0 and ms > 0 else 0.0)
        if progress is not None:
            progress(Progress(number + 1, resamples, f"resampled profile {number + 1} of {resamples}"))
    parts = np.where(on, drawn.layer_ms, 0.0).sum(axis=1)
    runs = predicted + (parts * (drawn.noise - 1.0)).sum(axis=1)
    names = [layer.name for layer in profile.graph.layers]
    return Stability(
        network=profile.graph.name,
        fingerprint=profile.graph.fingerprint,
        board=profile.board,
        assignment=dict(problem.named(choice)),
        shares=dict(zip(names, (agree / resamples).tolist(), strict=True)),
        same=same / resamples,
        predicted_ms=drawn.interval(choice),
        one_run_ms=_middle(runs.tolist()),
        regret=_middle(regrets),
        resamples=resamples,
        seed=seed,
        pins=dict(pins),
        spread=dict(drawn.spread),
        optimism=float(np.mean(luck)) if chosen else None,
    )


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
