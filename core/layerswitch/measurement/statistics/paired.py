"""Paired gains of one assignment over another, what they show, and how many more rounds would show it.

Each pair was measured in one round, in an order drawn at random, so that slow drift (heat, clocks) cancels. Where two
assignments are equal either is as likely to be the faster of a pair, whatever the noise and its drift look like: the
sign of the difference is a fair coin. The interval of the median gain is that of the sign test, so a verdict on equal
assignments is wrong as rarely as promised, without any assumption about the noise.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Literal

from ..sample_summary import Interval
from .summaries import COVERAGE, FEWEST, summarize

Verdict = Literal["faster", "slower", "no difference seen"]
POWER = 0.8
"""How likely a verdict should be after the rounds that `more_rounds` asks for, if the gain is as seen so far."""
MOST_ROUNDS = 10_000
"""More rounds than that nobody measures: the difference is too small to matter."""


TINIEST = 1e-12
"""ms that are 0: a femtosecond."""


def gains(samples: Sequence[float], reference: Sequence[float]) -> list[float]:
    """1 - sample / reference of each pair, but of those in which a time is 0.

    Such a clock was too coarse. Of two equal assignments either is as likely to get the 0, so both are left out alike:
    with one of them kept the sign would be no fair coin.
    """
    return [1.0 - ms / base for ms, base in zip(samples, reference, strict=True) if min(ms, base) > TINIEST]


def paired_gain(samples: Sequence[float], reference: Sequence[float], coverage: float = COVERAGE) -> Interval:
    """How much faster than the reference, as a fraction: the median of 1 - sample / reference over pairs.

    Raises ValueError when the lengths differ or no pair is left.
    """
    return summarize(gains(samples, reference), coverage, exact=True)


def fewest(coverage: float = COVERAGE) -> int:
    """Rounds under which no interval has that coverage, so that no verdict is possible."""
    return 1 + math.ceil(-math.log2(1.0 - coverage) - 1e-9)


def verdict(gain: Interval, coverage: float = COVERAGE) -> Verdict:
    """What a gain's interval of that coverage shows; with fewer than six rounds (at 95 %) nothing can be shown."""
    if gain.samples >= fewest(coverage) and gain.low > 0:
        return "faster"
    if gain.samples >= fewest(coverage) and gain.high < 0:
        return "slower"
    return "no difference seen"


def more_rounds(gain: Interval, coverage: float = COVERAGE) -> int | None:
    """How many more rounds would show the gain seen so far, four times in five; None where no number will.

    An interval's width goes with one over the square root of the rounds; that of fewer rounds than an interval needs
    is their range, which covers less (from two or three rounds, whose spread is hardly known, what is asked for settles
    it in half of the cases only). 0 where the verdict is in already. One round shows no noise: what is asked for
    then are as many as any verdict needs.
    """
    at_least = max(0, fewest(coverage) - gain.samples)
    if not at_least and not gain.low <= 0 <= gain.high:
        return 0
    if gain.median == 0:
        return None
    if gain.samples < 2:
        return at_least
    normal = NormalDist()
    z, covered = normal.inv_cdf(0.5 + coverage / 2), min(coverage, 1.0 - 2.0 ** (1 - gain.samples))
    error = (gain.high - gain.low) / 2 / normal.inv_cdf(0.5 + covered / 2)
    ratio = (z + normal.inv_cdf(POWER)) * error / abs(gain.median)
    more = math.ceil(gain.samples * min(ratio, 1e6) ** 2) - gain.samples
    return max(1, at_least, more) if more <= MOST_ROUNDS else None


def sentence(name: str, reference: str, gain: Interval, shown: Verdict, more: int | None = None) -> str:
    """A gain in words: "plan is faster than CPU by 4.7 % (3.9 to 5.5)"."""
    if shown != "no difference seen":
        sign = 1 if shown == "faster" else -1
        low, high = sorted((sign * gain.low, sign * gain.high))
        digits = _digits(low)
        text = f"{100 * sign * gain.median:.{digits}f} % ({_span(low, high, '', digits)})"
        return f"{name} is {shown} than {reference} by {text}"
    if not gain.samples:
        return f"{name} and {reference} cannot be compared: every round has a time of 0 ms"
    rounds = f"{gain.samples} {'round' if gain.samples == 1 else 'rounds'}"
    if gain.low == gain.high == 0:
        return f"no difference at all between {name} and {reference} in {rounds}"
    seen = f"no difference to be seen yet between {name} and {reference} ({_span(gain.low, gain.high, '+')} %)"
    if gain.samples < FEWEST:
        seen += f": {rounds} {'is' if gain.samples == 1 else 'are'} too few to show any"
    if gain.samples == 1 or more == 0:
        return seen
    if more is not None:
        return f"{seen}; about {more} more {'round' if more == 1 else 'rounds'} would settle a gain such as this"
    if gain.samples < FEWEST:
        return seen
    return f"{seen}; if there is any, it is too small for a reasonable number of rounds to show"


def _digits(low: float) -> int:
    """Digits behind the point that a gain in per cent needs for its smaller end not to look like none at all."""
    return 1 if low >= 0.0005 or low <= 0 else min(9, -math.floor(math.log10(100 * low)))


def _span(low: float, high: float, sign: str, digits: int = 1) -> str:
    """Both ends in per cent; what rounds to 0 is 0, never -0.0."""
    one, other = (round(100 * end, digits) + 0.0 for end in (low, high))
    return f"{one:{sign}.{digits}f} to {other:{sign}.{digits}f}"
