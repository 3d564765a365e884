"""Charts of times: latency bars with the assignment ribbon, timeline, switch curve."""

from .latency_chart import LatencyChart
from .switch_curve_chart import SwitchCurve
from .timeline_chart import Timeline

__all__ = ["LatencyChart", "SwitchCurve", "Timeline"]
