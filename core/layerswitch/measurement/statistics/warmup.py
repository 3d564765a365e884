"""Where warm-up ends, read from the samples themselves: a change point in the first half.

Two tests. Ranks: for every k up to half of the samples, how far the first k's rank sum is from what it would be in any
order (the scan of Mann-Whitney statistics, as in Pettitt 1979, but restricted to the start and standardised); its
greatest value is held against that of random orders, so that it errs in 1 % of steady series. One or two slow first
inferences are too few for ranks: samples at the very start that lie further out than anything steady counts too.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

LEAST = 10
"""Fewer samples than that do not show where warm-up ended."""
ERROR = 0.01
FAR = 6.0
"""Robust standard deviations from the second half's median that hardly a steady sample is away; of few samples more."""
FAR_ERROR = 0.005
KNOWN = 40
"""Samples from which on their robust standard deviation is known well enough."""
STILL = 0.92
"""After a step at k the score falls towards the middle as sqrt(k / (n - k)); under a drift it does not fall."""
TRIALS = 4000
MOST = 512
"""Samples looked at: warm-up is over long before."""


def warmup_end(samples: Sequence[float]) -> int:
    """How many samples at the start belong to warm-up: slower or faster than what follows. 0: steady from the start."""
    values = np.asarray(samples, dtype=float)[:MOST]
    if len(values) < LEAST:
        return 0
    return max(_leading(values), _changed(values))


def _leading(values: NDArray[np.float64]) -> int:
    """Samples at the start that are each far above the second half."""
    logs = np.log(np.maximum(values, 1e-12))
    rest = logs[len(logs) // 2 :]
    centre = float(np.median(rest))
    scale = 1.4826 * float(np.median(np.abs(rest - centre)))
    if scale <= 1e-12:
        return 0
    far = logs[: len(logs) // 2] > centre + _far(len(rest)) * scale
    return len(far) if far.all() else int(np.argmin(far))


def _changed(values: NDArray[np.float64]) -> int:
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]  # equal samples share the mean of their ranks
    scores = _scores(ranks[None, :])[0]
    place = int(np.argmax(scores))
    if scores[-1] > STILL * scores[place]:  # the middle differs about as much: a drift, not a start
        return 0
    return place + 1 if scores[place] > _limit(len(values)) else 0


def _scores(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """|z| of the first k = 1 .. n // 2 ranks' sum, [series, n // 2]."""
    count = ranks.shape[1]
    k = np.arange(1, count // 2 + 1)
    sums = np.cumsum(ranks[:, : count // 2], axis=1)
    scores: NDArray[np.float64] = np.abs(sums - k * (count + 1) / 2) / np.sqrt(k * (count - k) * (count + 1) / 12)
    return scores


@cache
def _far(count: int) -> float:
    """How many robust standard deviations of `count` samples another one like them lies over their median in 5 of 1,000
    cases (normal noise), FAR at least: of a few samples that deviation is not well known."""
    if count >= KNOWN:
        return FAR
    drawn = np.random.default_rng(count).standard_normal((5 * TRIALS, count + 1))
    rest = drawn[:, 1:]
    centre = np.median(rest, axis=1)
    scale = 1.4826 * np.median(np.abs(rest - centre[:, None]), axis=1)
    return max(FAR, float(np.quantile((drawn[:, 0] - centre) / scale, 1.0 - FAR_ERROR)))


@cache
def _limit(count: int) -> float:
    """What the greatest score of a series in random order stays under, in 99 of 100."""
    random = np.random.default_rng(count)
    orders = random.permuted(np.tile(np.arange(1.0, count + 1), (TRIALS, 1)), axis=1)
    return float(np.quantile(_scores(orders).max(axis=1), 1.0 - ERROR))
