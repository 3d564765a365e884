"""What one comparison shows of any two of its assignments, with the same error shared as in its own verdicts.

A pair with the reference has the verdict that stands in the comparison. One with another baseline has been counted in
`Comparison.pairs`, and covers as much. The pairs without a baseline share 5 % of error of their own (Bonferroni), so
that all verdicts on them hold together with 95 %. Where a comparison measured until decided, every interval is one that
holds whenever one stops (measurement/statistics/sequential.py).
"""

import math
from typing import NamedTuple

from ..measurement.sample_summary import Interval
from ..measurement.statistics import COVERAGE, Sequential, Verdict, more_rounds, summarize, verdict
from ..measurement.statistics.paired import gains
from .results import Comparison, Entry


class Difference(NamedTuple):
    """How much faster the first is than the second, as a fraction, paired by round; `more_rounds` would settle it."""

    gain: Interval
    verdict: Verdict
    more_rounds: int | None


def between(comparison: Comparison, first: Entry, second: Entry) -> Difference:
    """What the comparison shows of two of its entries; of no samples where every round has a time of 0 ms."""
    reference = comparison.reference
    if second.name == reference and first.gain is not None and first.verdict != "reference":
        return Difference(first.gain, first.verdict, first.more_rounds)
    if first.name == reference and second.gain is not None and second.verdict != "reference":
        mirrored: dict[str, Verdict] = {"faster": "slower", "slower": "faster"}
        return Difference(_mirrored(second.gain), mirrored.get(second.verdict, NONE), second.more_rounds)
    coverage = 1.0 - (1.0 - COVERAGE) / _sharing(comparison, first, second)
    found = gains(first.samples_ms, second.samples_ms)
    if not found:
        return Difference(Interval(0.0, 0.0, 0.0, 0), NONE, None)
    if comparison.max_rounds is not None:
        rule = Sequential(comparison.max_rounds, coverage)
        gain = rule.interval(found)
        shown = rule.verdict(gain)
    else:
        gain = summarize(found, coverage, exact=True)
        shown = verdict(gain, coverage)
    same = first.samples_ms == second.samples_ms
    more = more_rounds(gain, coverage) or None if shown == NONE and not same else None
    return Difference(gain, shown, more)


NONE: Verdict = "no difference seen"
TINY = 1e-16
"""The least part of the reference's time that a gain tells from none at all: 1 minus less of it is 1."""


def _mirrored(gain: Interval) -> Interval:
    """1 - r/s from 1 - s/r: what the reference gains over what it was the reference of."""
    ends = (gain.high, gain.median, gain.low)
    low, median, high = (1.0 - 1.0 / max(1.0 - one, TINY) for one in ends)
    return Interval(median, low, high, gain.samples)


def _sharing(comparison: Comparison, first: Entry, second: Entry) -> int:
    """How many pairs share the error with this one."""
    if "baseline" in (first.kind, second.kind):
        return comparison.pairs
    alone = {one.assignment for one in comparison.entries if one.kind == "baseline"}
    others = {one.assignment for one in comparison.entries} - alone
    return max(1, math.comb(len(others), 2))
