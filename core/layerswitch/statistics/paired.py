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

from ..results import Interval
from .summaries import COVERAGE, summarize

Verdict = Literal["faster", "slower", "no difference seen"]
POWER = 0.8
"""How likely a verdict should be after the rounds that `more_rounds` asks for, if the gain is as seen so far."""
MOST_ROUNDS = 10_000
"""More rounds than that nobody measures: the difference is too small to matter."""


def gains(samples: Sequence[float], reference: Sequence[float]) -> list[float]:
    """1 - sample / reference of each pair. Pairs whose reference is 0 say nothing and are left out."""
    return [1.0 - ms / base for ms, base in zip(samples, reference, strict=True) if base > 0]


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

    An interval's width goes with one over the square root of the rounds. 0 where the verdict is in already.
    """
    at_least = max(0, fewest(coverage) - gain.samples)
    if not at_least and not gain.low <= 0 <= gain.high:
        return 0
    if gain.median == 0:
        return None
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    ratio = (z + NormalDist().inv_cdf(POWER)) / z * (gain.high - gain.low) / 2 / abs(gain.median)
    more = math.ceil(gain.samples * min(ratio, 1e6) ** 2) - gain.samples
    return max(1, at_least, more) if more <= MOST_ROUNDS else None


def sentence(name: str, reference: str, gain: Interval, shown: Verdict, more: int | None = None) -> str:
    """A gain in words: "plan is faster than CPU by 4.7 % (3.9 to 5.5)"."""
    if shown != "no difference seen":
        sign = 1 if shown == "faster" else -1
        low, high = sorted((sign * gain.low, sign * gain.high))
        return f"{name} is {shown} than {reference} by {100 * sign * gain.median:.1f} % ({_span(low, high, '')})"
    seen = f"no difference to be seen yet between {name} and {reference} ({_span(gain.low, gain.high, '+')} %)"
    if more is None:
        return f"{seen}; if there is any, it is too small for a reasonable number of rounds to show"
    return (
        f"{seen}; about {more} more {'round' if more == 1 else 'rounds'} would settle a gain such as this"
        if more
        else seen
    )


def _span(low: float, high: float, sign: str) -> str:
    return f"{100 * low:{sign}.1f} to {100 * high:{sign}.1f}"
