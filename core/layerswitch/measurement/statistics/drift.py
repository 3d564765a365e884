"""Drift over a run: Mann-Kendall's test for a trend (Mann 1945), and Sen's slope with its interval (Sen 1968)."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from ..sample_summary import Drift
from .summaries import COVERAGE

LEAST = 10
"""Fewer samples than that show no drift."""
MOST = 400
"""Points looked at; longer series are made medians of equal stretches first: the test looks at every pair."""
ERROR = 0.01


def drift(samples: Sequence[float]) -> Drift | None:
    """The change from the first sample to the last, as a fraction of their median; None for fewer than ten samples.

    `seen` says that a series in random order would show such a trend in less than 1 of 100 cases. Slow wandering that
    happens to go one way is drift too: what is said is that this run's times moved, not why.
    """
    values = np.asarray(samples, dtype=float)
    if len(values) < LEAST or np.median(values) <= 0:
        return None
    if len(values) > MOST:
        values = np.array([np.median(part) for part in np.array_split(values, MOST)])
    count = len(values)
    first, second = np.triu_indices(count, 1)
    steps = values[second] - values[first]
    _, ties = np.unique(values, return_counts=True)
    variance = (count * (count - 1) * (2 * count + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if variance <= 0:
        return Drift(0.0, 0.0, 0.0, 1.0, False)
    score = float(np.sign(steps).sum())
    z = max(0.0, abs(score) - 1) / variance**0.5
    p = min(1.0, 2 * (1 - NormalDist().cdf(z)))
    slopes = np.sort(steps / (second - first))
    reach = NormalDist().inv_cdf(0.5 + COVERAGE / 2) * variance**0.5
    outer = max(0, math.ceil((len(slopes) - reach) / 2) - 1)  # so few may lie on one side of the true slope
    low, high = slopes[outer], slopes[-1 - outer]
    unit = (count - 1) / float(np.median(values))
    change = float(np.median(slopes)) * unit
    return Drift(change, float(low) * unit, float(high) * unit, p, p < ERROR)
