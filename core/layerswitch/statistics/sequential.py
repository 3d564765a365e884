"""Measure until decided, at most N rounds, with the error rate of one fixed test.

Looking after every round and stopping at the first interval without 0 would be wrong far more often than in 5 % of
cases. Here the error is spent over the rounds (Lan & DeMets 1983, Biometrika 70:659, with their Pocock-type function
alpha * ln(1 + (e - 1) * n / N)): after round n a verdict needs so many signs on one side that the chance of ever
having got there with a fair coin stays within what may be spent by then. These numbers are computed exactly, by
carrying the coin's distribution from round to round, so nothing rests on normal noise. The interval at each round holds
all gains that the same test would not reject (repeated confidence intervals: Jennison & Turnbull 1989, JRSS B 51:305):
it covers at least as often as promised whenever one stops, and usually more often.

Only four fifths of the error are spent: a rule that spends all of it would be seen above 5 % in every other thousand
comparisons, by chance alone. (Fixed numbers of rounds leave as much unspent, because ranks are whole numbers.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

import numpy as np

from ..results import Interval
from .paired import Verdict
from .summaries import COVERAGE

SPENT = 0.8


@dataclass(frozen=True)
class Sequential:
    """A rule for at most `most` rounds, of that coverage in all."""

    most: int
    coverage: float = COVERAGE

    def needed(self, rounds: int) -> int:
        """Pairs of one sign that a verdict needs after so many rounds; more than `rounds` where none is possible."""
        return _needed(self.most, 1.0 - self.coverage)[min(rounds, self.most) - 1] if rounds else 1

    def interval(self, gains: Sequence[float]) -> Interval:
        """The median gain within its repeated interval after len(gains) rounds; the range where none is possible yet.

        Raises ValueError without gains.
        """
        if not len(gains):
            raise ValueError("no samples to summarize")
        ordered, count = sorted(map(float, gains)), len(gains)
        needed = min(self.needed(count), count)
        return Interval(median(ordered), ordered[count - needed], ordered[needed - 1], count)

    def verdict(self, gain: Interval) -> Verdict:
        """What such an interval shows."""
        if self.needed(gain.samples) > gain.samples:
            return "no difference seen"
        return "faster" if gain.low > 0 else "slower" if gain.high < 0 else "no difference seen"


@cache
def _needed(most: int, alpha: float) -> tuple[int, ...]:
    """The signs needed after round 1, 2 ... most."""
    needed: list[int] = []
    alive, spent = np.ones(1), 0.0  # alive[k]: the chance of k heads and of no verdict so far
    for count in range(1, most + 1):
        alive = (np.append(alive, 0.0) + np.append(0.0, alive)) / 2
        allowed = SPENT * alpha * math.log1p((math.e - 1) * count / most) - spent
        tail, heads = 0.0, count + 1
        while heads - 1 > count / 2 and tail + 2 * alive[heads - 1] <= allowed:
            heads -= 1
            tail += 2 * float(alive[heads])
        alive[heads:] = 0.0
        alive[: max(0, count - heads + 1)] = 0.0
        spent += tail
        needed.append(heads)
    return tuple(needed)
