"""Layers that are decided before any search: their advantage on one device outweighs every transfer it could cost.

For a layer, and any assignment of the others, going from the second device to the first changes the latency by its own
times' difference and by what its tensors' transfers become. Where even the worst case of that is a gain, every optimum
has the layer on the first device; likewise for the second. What is decided narrows the cases of its neighbours, so the
rule is applied again until nothing changes (Hammer, Hansen & Simeone 1984 call such variables strongly persistent).
Strictly: a draw decides nothing, so that all optima stay and ties can still be broken by switches.

Complexity: O(readings of what is undecided) per round; a round decides something, or is the last.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .problem import Problem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MARGIN = 1e-9
"""Of the sizes compared: far above what adding them in floating point loses, so a decision is never due to rounding."""
MOST_ROUNDS = 8
WORTH = 0.15
"""Of what is undecided: a round that decides less is the last; the search takes less time than another one."""


@dataclass(frozen=True)
class Decided:
    """Where each layer may still be, [layers] each: `first` and `second` both hold for an undecided layer."""

    first: Flags
    second: Flags

    @property
    def free(self) -> Flags:
        """The layers that are left to the search, [layers]."""
        free: Flags = self.first & self.second
        return free


def decide(problem: Problem, times: Floats, transfers: Floats) -> Decided:
    """Decide what can be on two devices; `times` [layers, 2] and `transfers` [tensors, 2, 2] in any one unit."""
    model = problem.model
    first, second = problem.allowed[:, 0].copy(), problem.allowed[:, 1].copy()
    rows, readers = model.dataflow.reads
    writers, layers = model.dataflow.writers, len(first)
    forth, back = transfers[:, 0, 1], transfers[:, 1, 0]
    gain: Floats = times[:, 1] - times[:, 0]  # of the first device; of no meaning where one is not allowed
    forth_read, back_read = forth[rows], back[rows]
    most: Floats = _sums(writers, forth, layers) + _sums(readers, back_read, layers)  # with all others undecided
    least: Floats = -_sums(writers, back, layers) - _sums(readers, forth_read, layers)
    margin = MARGIN * (np.abs(gain) + most - least)
    for _ in range(MOST_ROUNDS):
        free = first & second
        to_first, to_second = free & (gain - most > margin), free & (least - gain > margin)
        second[to_first] = first[to_second] = False
        decided = np.count_nonzero(to_first) + np.count_nonzero(to_second)
        if decided <= WORTH * np.count_nonzero(free):
            break
        free = first & second
        open_ = free[writers]  # only tensors with an undecided end matter to the next round
        open_[rows[free[readers]]] = True
        kept = open_[rows]
        rows, readers = (np.cumsum(open_) - 1)[rows[kept]], readers[kept]
        writers, forth, back = writers[open_], forth[open_], back[open_]
        most, least = _changes(first, second, rows, readers, writers, forth, back)
    return Decided(first, second)


def _changes(
    first: Flags,
    second: Flags,
    rows: NDArray[np.intp],
    readers: NDArray[np.intp],
    writers: NDArray[np.intp],
    forth: Floats,
    back: Floats,
) -> tuple[Floats, Floats]:
    """Bounds, above and below, of what transfers cost more when a layer goes to the first device, [layers] each."""
    tensors, layers = len(writers), len(first)
    can_first, can_second = first[readers], second[readers]
    count = np.bincount(rows, minlength=tensors)
    may_first, may_second = (np.bincount(rows[can], minlength=tensors) for can in (can_first, can_second))
    must_first, must_second = count - may_second, count - may_first
    # as their writer: on the first it pays `forth` if some reader is on the second, else `back` if one is on the first
    most = _sums(writers, np.where(may_second > 0, forth, 0.0) - np.where(must_first > 0, back, 0.0), layers)
    least = _sums(writers, np.where(must_second > 0, forth, 0.0) - np.where(may_first > 0, back, 0.0), layers)
    # as one of their readers: by where the writer may be, and whether another reader pays anyway
    forth, back, writer = forth[rows], back[rows], writers[rows]
    others_second, others_first = may_second[rows] - can_second, may_first[rows] - can_first
    pay_first, pay_second = must_first[rows] - ~can_second, must_second[rows] - ~can_first
    dearest = np.where(second[writer], np.where(pay_first > 0, 0.0, back), np.where(others_second > 0, 0.0, -forth))
    cheapest = np.where(first[writer], np.where(pay_second > 0, 0.0, -forth), np.where(others_first > 0, 0.0, back))
    return most + _sums(readers, dearest, layers), least + _sums(readers, cheapest, layers)


def _sums(places: NDArray[np.intp], values: Floats, layers: int) -> Floats:
    """The sum of the values at each place, [layers]."""
    return np.bincount(places, values, layers).astype(np.float64, copy=False)  # of nothing, it counts in integers
