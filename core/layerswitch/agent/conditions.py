"""The state of the board around a measurement: read once before and once after it, and sent as numbers."""

from typing import Any, Callable, Dict

from . import hardware


def around(measure: Callable[[], Dict[str, Any]]) -> Dict[str, Any]:
    """What `measure` returns, with the board's state before and after it as its conditions."""
    before = hardware.state()
    result = measure()
    return dict(result, conditions={"before": before, "after": hardware.state()})
