"""Charts of times: latency bars with the assignment ribbon, timeline, switch curve."""

from .latency import LatencyChart

__all__ = ["LatencyChart"]
