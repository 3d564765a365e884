"""What a board's state around a measurement says of its times: warnings as values, for the terminal and the window."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from .client.collectors import SITTINGS

AFTER = " after"
SLOWER = 0.9  # clocks below this part of what they were before count as throttled
HOT = 85.0  # degrees Celsius: common boards lower their clocks from 85 to 95
BUSY = 1.0  # load before the measurement, in processes that want to run
LITTLE = 150.0  # MB of free memory under which a system writes pages out
FIXED = ("performance", "userspace", "powersave")  # governors that leave the clocks where they are
LABELS = ("clocks", "governor", "temperatures", "load", "free memory")
"""The conditions that are the board's state; others say what was measured, and how."""

Kind = Literal["throttling", "heat", "busy", "memory", "governor", "sittings"]


class StateWarning(NamedTuple):
    """Why times may be other than usual: one sentence, and how bad it is beside others of its kind."""

    kind: Kind
    text: str
    weight: float = 0.0


def warnings(conditions: Mapping[str, str]) -> tuple[StateWarning, ...]:
    """What the conditions of a Profile or a Run warn of, the gravest first; nothing where they say nothing."""
    found: list[StateWarning] = []
    before, after = _numbers(conditions.get("clocks", "")), _numbers(conditions.get("clocks" + AFTER, ""))
    governor = conditions.get("governor", "")
    words = governor.partition(" (")[0].split(", ")  # of all cores; a simulated board's says so behind it
    fixed = all(word in FIXED for word in words)
    if fixed and before and len(before) == len(after) and sum(after) < SLOWER * sum(before):
        text = (
            f"clocks fell from {_mean(before):.0f} to {_mean(after):.0f} MHz while it was measured: the board throttles"
        )
        found.append(StateWarning("throttling", text, -_mean(after)))
    hottest = max((*_degrees(conditions, ""), *_degrees(conditions, AFTER)), default=0.0)
    if hottest >= HOT:
        text = f"the board was at {hottest:.0f} °C, where boards lower their clocks: let it cool, or give it air"
        found.append(StateWarning("heat", text, hottest))
    load = _numbers(conditions.get("load", ""))
    if load and load[0] >= BUSY:
        text = f"the board was busy before it was measured (load {load[0]:g}): with other work, or with what ran last"
        found.append(StateWarning("busy", text, load[0]))
    free = _numbers(conditions.get("free memory" + AFTER, conditions.get("free memory", "")))
    if free and free[0] < LITTLE:
        found.append(StateWarning("memory", f"the board had {free[0]:.0f} MB of free memory left", -free[0]))
    if governor and not fixed:
        text = f"the governor is {governor}: clocks change with the load; `performance` makes times steadier"
        found.append(StateWarning("governor", text))
    if SITTINGS in conditions:
        text = (
            f"measured in several sittings: {conditions[SITTINGS]}; of a profile the whole-network runs, and of a run"
            " the segments' times, are the last one's"
        )
        found.append(StateWarning("sittings", text))
    return tuple(found)


def warnings_of_rounds(rounds: Sequence[Mapping[str, str]]) -> tuple[StateWarning, ...]:
    """What the rounds' conditions of a Comparison warn of: the gravest of each kind, and in how many rounds it was so.

    Clocks are held against those before the first round, since a board that throttles may do so between two rounds. Of
    the loads only that before the first one tells of other work: later ones are those of measuring itself.
    """
    worst: dict[Kind, StateWarning] = {}
    count: dict[Kind, int] = {}
    for number, conditions in enumerate(rounds):
        for warning in warnings(_since_the_first(rounds[0], conditions) if number else conditions):
            count[warning.kind] = count.get(warning.kind, 0) + 1
            if warning.kind not in worst or warning.weight > worst[warning.kind].weight:
                worst[warning.kind] = warning
    found = []
    for kind, warning in worst.items():
        told = kind not in ("busy", "governor") and len(rounds) > 1
        text = f"{warning.text} (in {count[kind]} of {len(rounds)} rounds)" if told else warning.text
        found.append(warning._replace(text=text))
    order = list(Kind.__args__)  # type: ignore[attr-defined]  # as `warnings` has them
    return tuple(sorted(found, key=lambda warning: order.index(warning.kind)))


def joined(conditions: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The board's state before the first of some runs and after the last one, as the conditions of all of them."""
    if not conditions:
        return {}
    first, last = conditions[0], conditions[-1]
    found = {label: first[label] for label in LABELS if label in first}
    for label in LABELS:
        after = last.get(label + AFTER, last.get(label))  # what has not changed is not said again
        if after is not None and after != found.get(label):
            found[label + AFTER] = after
    sittings = [one[SITTINGS] for one in conditions if SITTINGS in one]
    return {**found, SITTINGS: sittings[-1]} if sittings else found


def _since_the_first(first: Mapping[str, str], conditions: Mapping[str, str]) -> dict[str, str]:
    """A later round's conditions with the first one's clocks before, and without its load before."""
    clocks = conditions.get("clocks" + AFTER, conditions.get("clocks", ""))
    rest = {label: text for label, text in conditions.items() if label != "load"}
    return {**rest, "clocks": first.get("clocks", ""), "clocks" + AFTER: clocks}


def _numbers(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)]


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def _degrees(conditions: Mapping[str, str], when: str) -> list[float]:
    return [float(one) for one in re.findall(r"(-?\d+) °C", conditions.get("temperatures" + when, ""))]
