"""A device's coefficients, and the time they give to work."""

import math
from typing import Any, Dict, NamedTuple

import numpy as np

from .work import FAMILIES, Library, Table


class Coefficients(NamedTuple):
    """What a simulated device is. Times are ms, rates units per ms, bandwidths bytes per ms.

    A kernel takes `launch_ms` and then compute and memory, which overlap:
    (compute^overlap + memory^overlap)^(1/overlap), where

    memory = stream / stream_bytes_per_ms + weights / weight_bytes_per_ms
    compute = units * (1 / rate + refetch) * (1 + half_items / items)

    `half_items`: with so few pieces of work the device is half idle. `refetch` counts only for matrix products whose
    constant side outgrows the device's cache, as it is then read again for every few rows:
    s / (1 + s) / refetch_rate with s = (weights / cache_bytes)^cache_steepness; refetch_rate 0 switches it off.
    `whole_run_factor`: a whole network's time over the sum of its layers' times.
    """

    library: Library
    launch_ms: float
    stream_bytes_per_ms: float
    weight_bytes_per_ms: float
    overlap: float
    half_items: float
    cache_bytes: float
    cache_steepness: float
    refetch_rate: float
    whole_run_factor: float
    rates: Dict[str, float]

    @classmethod
    def from_dict(cls, data: Dict[str, Any]) -> "Coefficients":
        """Read a device's table of a board file. Raises KeyError, TypeError or ValueError when it is not one."""
        low, high = data["winograd_channels"]
        if data["kind"] not in ("cpu", "gpu"):
            raise ValueError("kind is {!r}, neither cpu nor gpu".format(data["kind"]))
        return cls(
            library=Library(str(data["kind"]), (int(low), int(high))),
            launch_ms=_number(data, "launch_ms"),
            stream_bytes_per_ms=_number(data, "stream_bytes_per_ms", positive=True),
            weight_bytes_per_ms=_number(data, "weight_bytes_per_ms", positive=True),
            overlap=_number(data, "overlap", positive=True),
            half_items=_number(data, "half_items"),
            cache_bytes=_number(data, "cache_bytes", positive=True),
            cache_steepness=_number(data, "cache_steepness"),
            refetch_rate=_number(data, "refetch_rate"),
            whole_run_factor=_number(data, "whole_run_factor", positive=True),
            rates={name: _number(data["rates"], name, positive=True) for name in FAMILIES},
        )

    def times(self, table: Table) -> "np.ndarray":
        """Expected ms of every kernel, [works]."""
        per_unit = 1.0 / np.array([self.rates[family] for family in FAMILIES])[table.family]
        if self.refetch_rate:
            crowding = (np.maximum(table.weights, 1.0) / self.cache_bytes) ** self.cache_steepness
            per_unit = per_unit + np.where(table.is_product, crowding / (1.0 + crowding) / self.refetch_rate, 0.0)
        idle = np.where(table.is_vector, 1.0, 1.0 + self.half_items / table.items)
        compute = table.units * per_unit * idle
        memory = table.stream / self.stream_bytes_per_ms + table.weights / self.weight_bytes_per_ms
        together = (compute**self.overlap + memory**self.overlap) ** (1.0 / self.overlap)
        return self.launch_ms + together


def _number(data: Dict[str, Any], key: str, positive: bool = False) -> float:
    value = float(data[key])
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise ValueError("{} is {}".format(key, data[key]))
    return value
