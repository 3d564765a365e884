"""How sure a plan and its prediction are: the profile is resampled, and planned again every time.

Another session would have given other samples (resampling.py). A layer that the optima of such profiles assign the same
way is sure; one near half does not matter: both devices are about as good for it, its transfers paid for.

Whatever is chosen as the best on noisy samples was helped by them: it takes longer than they say (the optimizer's
curse: Smith & Winkler, Management Science 52(3), 2006). By how much, the resamples show as well (Efron & Tibshirani, An
Introduction to the Bootstrap, 1993, section 17.6): their optima fare as much worse on the profile than on themselves.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..boards.progress import Progress, Show
from ..errors import CancelledError
from ..measurement.profile import BoardDescription, Profile
from ..measurement.sample_summary import Interval
from ..prediction.resampling import Resamples, middle
from ..serialization import Count, Value
from .problem import Problem
from .switch_curve import unlimited

CLOSE = 0.75
"""With less than this share of resampled optima on its device, a layer hardly matters."""
TIME_LIMIT_S = 5.0
NOTABLE = 0.005
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
        if self.optimism is None or self.optimism < NOTABLE:
            return ""
        likely = self.predicted_ms.median * (1.0 + self.optimism)
        ms = np.format_float_positional(likely, 3, fractional=False, trim="-")
        return (
            f"Chosen as the best on noisy samples, it is expected to take about {100 * self.optimism:.1f} % longer "
            f"than predicted: {ms} ms. More runs per layer would choose better."
        )


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
    as `plan` does, CancelledError within one plan of `cancel`. As long as `resamples` plans (Efron & Tibshirani, An
    Introduction to the Bootstrap, 1993).

    >>> sure = stability(profile, resamples=20)
    >>> 0.5 < sure.same <= 1.0, sure.matters("conv1")
    (True, True)
    >>> sure.predicted_ms.low < best.predicted_ms < sure.predicted_ms.high
    True
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
        one_run_ms=middle(runs.tolist()),
        regret=middle(regrets),
        resamples=resamples,
        seed=seed,
        pins=dict(pins),
        spread=dict(drawn.spread),
        optimism=float(np.mean(luck)) if chosen else None,
    )
