"""The state of the board around a measurement: what its clocks, governor, temperatures, load and memory were."""

from typing import Any, Callable, Dict

from . import hardware

AFTER = " after"
"""What the label of a condition ends in that was read after the measurement; only what changed has one."""


def now() -> Dict[str, str]:
    """Clocks, governor, temperatures, load and free memory; whatever cannot be read is left out."""
    found = hardware.conditions()
    free = hardware.free_memory()
    if free is not None:
        found["free memory"] = "%.0f MB" % (free / 1e6)
    return found


def around(measure: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    """What `measure` returns, with the board's state before and after it among its conditions."""
    before = now()
    result = measure()
    changed = {label + AFTER: text for label, text in now().items() if before.get(label) != text}
    conditions = dict(before, **changed)
    conditions.update(result.get("conditions") or {})  # what the engine itself read was nearer to what it measured
    return dict(result, conditions=conditions)
