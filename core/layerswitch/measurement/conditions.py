"""Conditions: what a board was like around a measurement, in numbers, and whether the measurement was resumed."""

from collections.abc import Sequence
from typing import Literal

from ..serialization import Count, Value

Reason = Literal["the link was lost", "the agent ended"]


class BoardState(Value, frozen=True):
    """A board at one moment; what it does not say is left out.

    `clocks_mhz` are by cluster (its cores), `temperatures_c` in °C by sensor; `governors` are those of all clusters,
    `load` the processes that want to run, `free_bytes` the memory that can be had.
    """

    clocks_mhz: dict[str, float] = {}
    governors: tuple[str, ...] = ()
    temperatures_c: dict[str, float] = {}
    load: float | None = None
    free_bytes: Count | None = None


class Resumption(Value, frozen=True):
    """That a measurement was taken in several parts, and what ended the last one that was broken off."""

    parts: Count
    reason: Reason = "the link was lost"


class Conditions(Value, frozen=True):
    """The board before and after a measurement; `resumed` where that was taken in several parts."""

    before: BoardState = BoardState()
    after: BoardState = BoardState()
    resumed: Resumption | None = None


UNKNOWN = Conditions()
"""Of a measurement around which no board said anything."""


def spanning(conditions: Sequence[Conditions]) -> Conditions:
    """The conditions of several measurements as of one: before the first and after the last that says anything."""
    known = [one for one in conditions if one != UNKNOWN]
    if not known:
        return UNKNOWN
    resumed = [one.resumed for one in known if one.resumed]
    return Conditions(known[0].before, known[-1].after, resumed[-1] if resumed else None)
