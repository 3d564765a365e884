"""Charts of times: latency bars with the assignment ribbon, timeline, switch curve."""

from .curve import SwitchCurve
from .latency import LatencyChart
from .timeline import Timeline

__all__ = ["LatencyChart", "SwitchCurve", "Timeline"]
