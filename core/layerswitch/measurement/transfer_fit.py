"""What moving a tensor between two devices costs, fitted to measured transfers: affine in bytes, with a floor."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .profile import TransferCost, TransferSample

MOST_FLAT = 64  # break points tried; more sizes than that are not measured in practice


def fit_transfers(samples: Iterable[TransferSample]) -> tuple[TransferCost, ...]:
    """One cost per direction that was measured, in the order of its first sample."""
    grouped: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for sample in samples:
        grouped.setdefault((sample.source, sample.target), []).append((sample.bytes, sample.ms))
    return tuple(fit_cost(source, target, pairs) for (source, target), pairs in grouped.items())


def fit_cost(source: str, target: str, pairs: Iterable[tuple[int, float]]) -> TransferCost:
    """The cost max(floor, a + b * bytes) nearest to measured (bytes, ms); a, b and floor are never negative.

    Robust: medians over repeated sizes, a weighted Theil-Sen line (Sen 1968; weights:
    Jaeckel 1972) through them. The smallest sizes may lie on a flat
    part instead of on the line; how many do is what leaves the least absolute relative error. The floor is the median
    of the flat part, or else the quickest transfer seen: cheaper ones are not made up.
    """
    sizes, medians = _medians(pairs)
    if len(sizes) == 1:
        return TransferCost(source, target, float(medians[0]), 0.0, float(medians[0]))
    best: tuple[float, TransferCost] | None = None
    for flat in (0, *range(2, min(len(sizes) - 1, MOST_FLAT))):
        fixed, slope = _line(sizes[flat:], medians[flat:])
        floor = float(np.median(medians[:flat]) if flat else medians.min())
        cost = TransferCost(source, target, fixed, slope, floor)
        error = float(np.mean(np.abs(cost.of(sizes) / np.maximum(medians, 1e-9) - 1.0)))
        # a break point must earn its place: noise alone always finds one that fits a little better
        if best is None or error < 0.8 * best[0]:
            best = error, cost
    assert best is not None
    return best[1]


def _medians(pairs: Iterable[tuple[int, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The distinct sizes, ascending, and the median ms of each."""
    grouped: dict[float, list[float]] = {}
    for size, ms in pairs:  # two whole numbers that are one double are one size
        grouped.setdefault(float(size), []).append(ms)
    order = sorted(grouped)
    return np.array(order, dtype=float), np.array([np.median(grouped[size]) for size in order])


def _line(sizes: NDArray[np.float64], times: NDArray[np.float64]) -> tuple[float, float]:
    """(ms at 0 bytes, ms per byte) of the robust line, neither negative; `sizes` ascending and distinct.

    Noise grows with the time measured, so every pair's slope and every point's remainder counts by its precision.
    """
    first, second = np.triu_indices(len(sizes), 1)
    times = np.maximum(times, 1e-9)
    apart = sizes[second] - sizes[first]
    precision = apart / np.hypot(times[first], times[second])
    slope = _weighted_median((times[second] - times[first]) / apart, precision)
    if slope < 0:
        return float(np.median(times)), 0.0
    fixed = _weighted_median(times - slope * sizes, 1.0 / times)
    if fixed < 0:
        return 0.0, float(np.median(times / np.maximum(sizes, 1.0)))
    return fixed, slope


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The value with half of the weight on either side, halfway between two where it falls between them."""
    order = np.argsort(values)
    values, share = values[order], np.cumsum(weights[order]) / weights.sum()
    place = int(np.searchsorted(share, 0.5 - 1e-9))  # sums of shares are half to rounding only
    if share[place] <= 0.5 + 1e-9 and place + 1 < len(values):
        return float(values[place] + values[place + 1]) / 2
    return float(values[place])
