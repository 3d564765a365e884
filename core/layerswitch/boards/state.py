"""What a board's state around a measurement says of its times: warnings as values, for the terminal and the window."""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from .sittings import SITTINGS

AFTER = " after"
SLOWER = 0.9  # clocks below this part of what they were before count as throttled
HOT = 85.0  # degrees Celsius: common boards lower their clocks from 85 to 95
BUSY = 1.0  # load before the measurement, in processes that want to run
LITTLE = 150.0  # MB of free memory under which a system writes pages out

Kind = Literal["throttling", "heat", "busy", "memory", "governor", "sittings"]


class StateWarning(NamedTuple):
    """Why times may be other than usual: one sentence."""

    kind: Kind
    text: str


def warnings(conditions: Mapping[str, str]) -> tuple[StateWarning, ...]:
    """What the conditions of a Profile or a Run warn of, the gravest first; nothing where they say nothing."""
    found: list[StateWarning] = []
    before, after = _numbers(conditions.get("clocks", "")), _numbers(conditions.get("clocks" + AFTER, ""))
    fixed = conditions.get("governor", "") in ("performance", "userspace", "powersave")
    if fixed and before and len(before) == len(after) and sum(after) < SLOWER * sum(before):
        text = (
            f"clocks fell from {_mean(before):.0f} to {_mean(after):.0f} MHz while it was measured: the board throttles"
        )
        found.append(StateWarning("throttling", text))
    hottest = max((*_degrees(conditions, ""), *_degrees(conditions, AFTER)), default=0.0)
    if hottest >= HOT:
        text = f"the board was at {hottest:.0f} °C, where boards lower their clocks: let it cool, or give it air"
        found.append(StateWarning("heat", text))
    load = _numbers(conditions.get("load", ""))
    if load and load[0] >= BUSY:
        text = f"the board was busy with something else before it was measured (load {load[0]:g})"
        found.append(StateWarning("busy", text))
    free = _numbers(conditions.get("free memory" + AFTER, conditions.get("free memory", "")))
    if free and free[0] < LITTLE:
        found.append(StateWarning("memory", f"the board had {free[0]:.0f} MB of free memory left"))
    governor = conditions.get("governor", "")
    if governor and not fixed:
        text = f"the governor is {governor}: clocks change with the load; `performance` makes times steadier"
        found.append(StateWarning("governor", text))
    if SITTINGS in conditions:
        found.append(StateWarning("sittings", f"measured in several sittings: {conditions[SITTINGS]}"))
    return tuple(found)


def _numbers(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)]


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def _degrees(conditions: Mapping[str, str], when: str) -> list[float]:
    return [float(one) for one in re.findall(r"(-?\d+) °C", conditions.get("temperatures" + when, ""))]
