"""Clauses: pieces of a reason, each with the rule that said it and the numbers it rests on."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..measurement.statistics import FEWEST
from ..network.graph import Layer
from ..serialization import Value
from .device_times import OnDevice
from .kernel_purposes import Part
from .layer_work import Work
from .roofline import Roofline

DRIFT = 0.035
"""How far intervals must lie apart: devices are measured one after the other, and meanwhile their speed drifts.

Published sessions on one board differ by a standard deviation of 1.57 % (docs/simulated-boards.md), which samples taken
within seconds of each other cannot show. With it, two equal devices are seen as different in about 3 % of layers.
"""


class Fact(Value, frozen=True):
    """A number in a clause: what it is, its value, and how it is written."""

    name: str
    value: float
    text: str


class Clause(Value, frozen=True):
    """A piece of a reason. Every number in `text` is one of `facts`."""

    rule: str
    text: str
    facts: tuple[Fact, ...] = ()


@dataclass
class Saying:
    """Writes one clause: each number passes through here, so that none gets in that is no fact."""

    rule: str
    facts: list[Fact] = field(default_factory=list)

    def number(self, name: str, value: float) -> str:
        """A number to three significant digits."""
        return self._keep(name, value, significant(value))

    def percent(self, name: str, value: float) -> str:
        """A fraction in per cent."""
        return self._keep(name, value, percent(value))

    def whole(self, name: str, value: int) -> str:
        """A count."""
        return self._keep(name, value, str(value))

    def clause(self, text: str) -> Clause:
        """The clause of the numbers written so far."""
        return Clause(self.rule, text, tuple(self.facts))

    def _keep(self, name: str, value: float, text: str) -> str:
        self.facts.append(Fact(name, value, text))
        return text


def significant(value: float) -> str:
    """Three significant digits, never an exponent, nor more than fourteen digits behind the point."""
    rounded = float(f"{value:.3g}")
    digits = min(14, max(0, 2 - _power(rounded)))
    return f"{rounded:.{digits}f}"


def _power(value: float) -> int:
    return int(f"{value:e}".partition("e")[2]) if value else 0


def percent(value: float) -> str:
    """A fraction in per cent: whole ones, one digit more under ten, and what is not all is never 100 %."""
    if 0.995 <= value < 1:
        return f"{math.floor(1000 * value) / 10:.1f} %"
    return f"{100 * value:.0f} %" if abs(value) >= 0.0995 else f"{100 * value:.1f} %"


@dataclass(frozen=True)
class Case:
    """What the rules know of one layer. `typical` is device -> median GFLOP/s over the network's layers of its type."""

    layer: Layer
    work: Work
    times: tuple[OnDevice, ...]
    roofs: Mapping[str, Roofline]
    unsupported: Mapping[str, str]
    typical: Mapping[str, float] = field(default_factory=dict)

    @property
    def fast(self) -> OnDevice:
        """The faster device (the first of equals)."""
        return min(self.times, key=lambda one: one.ms.median)

    @property
    def slow(self) -> OnDevice:
        """The device that comes nearest to the fastest: of several the one least shown to be slower."""
        fast = self.fast
        others = [one for one in self.times if one is not fast]
        return min(others, key=lambda one: (one.ms.samples >= FEWEST, one.ms.low))

    @property
    def difference(self) -> float:
        """How many ms longer the slower device takes."""
        return self.slow.ms.median - self.fast.ms.median

    def excess(self, part: Part) -> float | None:
        """How many ms more a part takes on the slower device; None unless the kernels of both are known."""
        if not (self.slow.shares and self.fast.shares):
            return None
        slower, faster = self.slow.shares.parts[part], self.fast.shares.parts[part]
        return slower * self.slow.ms.median - faster * self.fast.ms.median

    @property
    def verdict(self) -> str:
        """The device seen to be faster; "only X" where one alone runs it; "noise", or "too few samples"."""
        if len(self.times) < 2:
            return f"only {self.times[0].device}"
        if min(self.fast.ms.samples, self.slow.ms.samples) < FEWEST:
            return "too few samples"
        return self.fast.device if self.fast.ms.high * (1 + DRIFT) < self.slow.ms.low else "noise"


Rule = Callable[[Case], Clause | None]


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    *front, last = words
    return f"{', '.join(front)} and {last}" if front else last


def spaced(name: str) -> str:
    """A type's name as people write it: "FullyConnected" is "Fully connected"."""
    if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", name):
        first, *others = re.findall(r"[A-Z][a-z]+", name)
        return " ".join([first, *(word.lower() for word in others)])
    return name
