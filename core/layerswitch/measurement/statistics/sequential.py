"""Measure until decided, at most N rounds, with the error rate of one fixed test.

Looking after every round and stopping at the first interval without 0 would be wrong far more often than in 5 % of
cases. Here the error is spent over the rounds (Lan & DeMets 1983, Biometrika 70:659, with their Pocock-type function
alpha * ln(1 + (e - 1) * n / N)): after round n a verdict needs so many signs on one side that the chance of ever
having got there with a fair coin stays within what may be spent by then. These numbers are computed exactly, by
carrying the coin's distribution from round to round, so nothing rests on normal noise. At each round the gains that the
same test would not reject make an interval (repeated confidence intervals: Jennison & Turnbull 1989, JRSS B 51:305).
All of them hold together, at least as often as promised, so what they have in common does too (the running intersection
of a confidence sequence: Howard & Ramdas 2022, Bernoulli 28:1704): that is the interval, which never grows, and a
verdict once reached stands while others are still measured.

Only four fifths of the error are spent: a rule that spends all of it would be seen above 5 % in every other thousand
comparisons, by chance alone. (Fixed numbers of rounds leave as much unspent, because ranks are whole numbers.)
"""

import math
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

import numpy as np

from ..sample_summary import Interval
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
        if not rounds:
            return 1
        rounds = min(rounds, self.most)
        known = min(self.most, 1 << (rounds - 1).bit_length())  # twice as many at a time: a limit may be far off
        return _needed(known, self.most, 1.0 - self.coverage)[rounds - 1]

    def interval(self, gains: Sequence[float]) -> Interval:
        """The median gain within what all repeated intervals so far have in common; their range where none is possible.

        `gains` in the order of the rounds. Where the intervals have nothing in common the difference has changed
        meanwhile, and the last one counts. The median is kept within. Raises ValueError without gains.
        """
        if not len(gains):
            raise ValueError("no samples to summarize")
        ordered: list[float] = []
        low, high = -math.inf, math.inf
        last: tuple[float, float] | None = None
        for count, gain in enumerate(map(float, gains), 1):
            insort(ordered, gain)
            needed = self.needed(count)
            if needed <= count:
                last = ordered[count - needed], ordered[needed - 1]
                low, high = max(low, last[0]), min(high, last[1])
        if last is None:
            low, high = ordered[0], ordered[-1]
        elif low > high:
            low, high = last
        return Interval(min(max(median(ordered), low), high), low, high, len(ordered))

    def verdict(self, gain: Interval) -> Verdict:
        """What such an interval shows."""
        if self.needed(gain.samples) > gain.samples:
            return "no difference seen"
        return "faster" if gain.low > 0 else "slower" if gain.high < 0 else "no difference seen"


@cache
def _needed(known: int, most: int, alpha: float) -> tuple[int, ...]:
    """The signs needed after round 1, 2 ... `known`, of `most` at most."""
    needed: list[int] = []
    alive, first, spent = np.ones(1), 0, 0.0  # alive[i]: the chance of first + i heads and of no verdict so far
    for count in range(1, known + 1):
        alive = (np.append(alive, 0.0) + np.append(0.0, alive)) / 2
        allowed = SPENT * alpha * math.log1p((math.e - 1) * (count / most)) - spent
        tail, heads = 0.0, first + len(alive)
        while heads - 1 > count / 2 and tail + 2 * alive[heads - 1 - first] <= allowed:
            heads -= 1
            tail += 2 * float(alive[heads - first])
        lost = max(0, count - heads + 1 - first)
        alive, first = alive[lost : heads - first], first + lost
        spent += tail
        needed.append(heads)
    return tuple(needed)
