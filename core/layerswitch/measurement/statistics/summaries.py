"""Robust summaries of measured times: medians, their 95 % intervals, noise, outliers.

Latency samples are skewed and have outliers, so everything here is of ranks: no mean, no standard deviation. The
interval of a median is that of order statistics, interpolated between the two ranks whose exact (binomial) coverage
lies around 95 % (Hettmansperger & Sheather 1986; Nyblom 1992). It needs no seed, and on log-normal times with outliers
covers 94.5 to 95.5 % for any number of samples from 6 up, where the percentile bootstrap of a median covers 91 to 95 %.
Five samples or fewer cannot give 95 %: the interval is then their whole range, which covers 1 - 2^(1-n) (two: 50 %).
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sample_summary import Interval

COVERAGE = 0.95
FEWEST = 6
"""Samples that an interval needs to cover 95 %, and rounds that a verdict needs."""
FAR = 3.5
"""Modified z-score from which a sample counts as an outlier (Iglewicz & Hoaglin 1993)."""


def summarize(samples: Sequence[float], coverage: float = COVERAGE, *, exact: bool = False) -> Interval:
    """The median of independent samples, within an interval of that coverage; in the samples' unit.

    An `exact` one is not interpolated: it covers at least that often whatever the samples' distribution, and more often
    for few samples.
    Raises ValueError without samples.
    """
    if not len(samples):
        raise ValueError("no samples to summarize")
    ordered = np.sort(np.asarray(samples, dtype=float))
    low, high = _between(ordered, coverage, exact)
    return Interval(float(np.median(ordered)), float(low), float(high), len(ordered))


def intervals(rows: NDArray[np.float64], coverage: float = COVERAGE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of the median's interval of each row of samples, [rows]: as `summarize` has them, for many at once.

    `rows` is [rows, samples]. Raises ValueError without samples.
    """
    if not rows.shape[1]:
        raise ValueError("no samples to summarize")
    return _between(np.sort(rows, axis=1), coverage, exact=False)


def _between(ordered: NDArray[np.float64], coverage: float, exact: bool) -> tuple[Any, Any]:
    """Low and high of ascending samples along the last axis."""
    count = ordered.shape[-1]
    rank, weight = _rank(count, coverage)
    weight = 0.0 if exact else weight
    inner = min(rank + 1, count - 1)
    sides = ((side[..., rank], side[..., inner]) for side in (ordered, ordered[..., ::-1]))
    low, high = (
        outer + weight * (far - outer) for outer, far in sides
    )  # in this form equal samples stay what they are
    return low, high


def noise(samples: Sequence[float]) -> float:
    """Run-to-run spread as a fraction of the median: 1.4826 * MAD / median (for normal noise, sigma / mean).

    0 for fewer than two samples or a median of 0. Raises ValueError without samples.
    """
    if not len(samples):
        raise ValueError("no samples to summarize")
    values = np.asarray(samples, dtype=float)
    median = float(np.median(values))
    return 1.4826 * float(np.median(np.abs(values - median))) / median if median > 0 else 0.0


def outliers(samples: Sequence[float]) -> tuple[int, ...]:
    """The places of samples far from the rest, by the modified z-score of their logarithms; they are only pointed at.

    None among fewer than six samples, nor where more than half are equal.
    """
    values = np.log(np.maximum(np.asarray(samples, dtype=float), 1e-12))
    if len(values) < FEWEST:
        return ()
    apart = np.abs(values - np.median(values))
    scale = 1.4826 * float(np.median(apart))
    return tuple(np.flatnonzero(apart > FAR * scale).tolist()) if scale > 1e-12 else ()


@cache
def _rank(count: int, wanted: float) -> tuple[int, float]:
    """The outer rank (from 0) whose interval still covers `wanted`, and how far to go from there to the next one in."""
    if 1.0 - 2.0 ** (1 - count) < wanted:
        return 0, 0.0
    ranks = np.arange(count // 2)
    logs = [math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1) for k in ranks.tolist()]
    coverage = 1.0 - 2.0 * np.cumsum(np.exp(np.array(logs) - count * math.log(2)))  # of rank k .. count - 1 - k
    outer = int(np.flatnonzero(coverage >= wanted - 1e-12)[-1])
    if outer + 1 >= len(ranks):
        return outer, 0.0
    part = float((coverage[outer] - wanted) / (coverage[outer] - coverage[outer + 1]))
    order = outer + 1
    return outer, (count - order) * part / (order + (count - 2 * order) * part)
