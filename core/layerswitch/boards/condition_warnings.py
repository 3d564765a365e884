"""What a board's state around a measurement says of its times: warnings as values, for the terminal and the window."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from msgspec.structs import replace

from ..measurement.conditions import Conditions

SLOWER = 0.9  # clocks below this part of what they were before count as throttled
HOT = 85.0  # degrees Celsius: common boards lower their clocks from 85 to 95
BUSY = 1.0  # load before the measurement, in processes that want to run
LITTLE = 150e6  # bytes of free memory under which a system writes pages out
FIXED = ("performance", "userspace", "powersave")  # governors that leave the clocks where they are

Kind = Literal["throttling", "heat", "busy", "memory", "governor", "resumed"]


class StateWarning(NamedTuple):
    """Why times may be other than usual: one sentence, and how bad it is beside others of its kind."""

    kind: Kind
    text: str
    weight: float = 0.0


def warnings(conditions: Conditions) -> tuple[StateWarning, ...]:
    """What the conditions of a Profile or a Run warn of, the gravest first; nothing where they say nothing."""
    warned: list[StateWarning] = []
    before, after = conditions.before, conditions.after
    fixed = bool(before.governors) and set(before.governors) <= set(FIXED)
    clocks, later = _mean(before.clocks_mhz), _mean(after.clocks_mhz)
    if fixed and later and before.clocks_mhz.keys() == after.clocks_mhz.keys() and later < SLOWER * clocks:
        text = f"clocks fell from {clocks:.0f} to {later:.0f} MHz while it was measured: the board throttles"
        warned.append(StateWarning("throttling", text, -later))
    hottest = max((*before.temperatures_c.values(), *after.temperatures_c.values()), default=0.0)
    if hottest >= HOT:
        text = f"the board was at {hottest:.0f} °C, where boards lower their clocks: let it cool, or give it air"
        warned.append(StateWarning("heat", text, hottest))
    if before.load is not None and before.load >= BUSY:
        busy = f"the board was busy before it was measured (load {before.load:g})"
        text = f"{busy}: with other work, or with what ran last"
        warned.append(StateWarning("busy", text, before.load))
    free = before.free_bytes if after.free_bytes is None else after.free_bytes
    if free is not None and free < LITTLE:
        warned.append(StateWarning("memory", f"the board had {free / 1e6:.0f} MB of free memory left", -free))
    if before.governors and not fixed:
        governors = ", ".join(before.governors)
        text = f"the governor is {governors}: clocks change with the load; `performance` makes times steadier"
        warned.append(StateWarning("governor", text))
    if conditions.resumed:
        resumed = conditions.resumed
        text = (
            f"measured in {resumed.parts} parts, as {resumed.reason} in between; of a profile the whole-network runs"
            " are those of the last part"
        )
        warned.append(StateWarning("resumed", text, resumed.parts))
    return tuple(warned)


def warnings_of_rounds(rounds: Sequence[Conditions]) -> tuple[StateWarning, ...]:
    """What the rounds' conditions of a Comparison warn of: the gravest of each kind, and in how many rounds it was so.

    Clocks are compared with those before the first round, since a board that throttles may do so between two rounds. Of
    the loads only that before the first one shows other work: later ones are those of measuring itself.
    """
    worst: dict[Kind, StateWarning] = {}
    count: dict[Kind, int] = {}
    for number, conditions in enumerate(rounds):
        if number:
            first = replace(conditions.before, clocks_mhz=rounds[0].before.clocks_mhz, load=None)
            conditions = replace(conditions, before=first)
        for warning in warnings(conditions):
            count[warning.kind] = count.get(warning.kind, 0) + 1
            if warning.kind not in worst or warning.weight > worst[warning.kind].weight:
                worst[warning.kind] = warning
    warned = []
    for kind, warning in worst.items():
        counted = kind not in ("busy", "governor") and len(rounds) > 1
        text = f"{warning.text} (in {count[kind]} of {len(rounds)} rounds)" if counted else warning.text
        warned.append(warning._replace(text=text))
    order = list(get_args(Kind))  # as `warnings` has them
    return tuple(sorted(warned, key=lambda warning: order.index(warning.kind)))


def _mean(numbers: Mapping[str, float]) -> float:
    return sum(numbers.values()) / len(numbers) if numbers else 0.0
