"""A device's coefficients, and the time they give to work."""

import math
from typing import Any, Dict, NamedTuple

import numpy as np

from .kernel_work import FAMILIES, Library, Table


class Coefficients(NamedTuple):
    """What a simulated device is. Times are ms, rates units per ms, bandwidths bytes per ms.

    A kernel takes `launch_ms` and then compute and memory, which overlap:
    (compute^overlap + memory^overlap)^(1/overlap), where

    compute = units * (1 / rate + refetch) * (1 + half_depth / depth) * idle
    memory = stream / stream_bytes_per_ms + weights * (1 + half_columns / columns) / weight_bytes_per_ms

    - `half_depth`: starting and ending a number of a product costs as much as so many multiply-accumulates.
    - idle = 1 + idle_gemm (or idle_winograd) * half_rows / (half_rows + passes): a product with few rows of tiles
      leaves the device partly idle.
    - `half_columns`: with so few columns a matrix-vector product leaves the memory half idle.
    - refetch: a matrix product whose constants outgrow the device's cache fetches them again for every row of tiles,
      s / (1 + s) / refetch_rate with s = (weights / cache_bytes)^cache_steepness; cache_bytes 0: never.

    `whole_run_factor`: a whole network's time over the sum of its layers' times.
    """

    library: Library
    launch_ms: float
    stream_bytes_per_ms: float
    weight_bytes_per_ms: float
    overlap: float
    half_depth: float
    half_rows: float
    idle_gemm: float
    idle_winograd: float
    half_columns: float
    refetch_rate: float
    cache_bytes: float
    cache_steepness: float
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
            launch_ms=number(data, "launch_ms"),
            stream_bytes_per_ms=number(data, "stream_bytes_per_ms", positive=True),
            weight_bytes_per_ms=number(data, "weight_bytes_per_ms", positive=True),
            overlap=number(data, "overlap", positive=True),
            half_depth=number(data, "half_depth"),
            half_rows=number(data, "half_rows", positive=True),
            idle_gemm=number(data, "idle_gemm"),
            idle_winograd=number(data, "idle_winograd"),
            half_columns=number(data, "half_columns"),
            refetch_rate=number(data, "refetch_rate", positive=True),
            cache_bytes=number(data, "cache_bytes"),
            cache_steepness=number(data, "cache_steepness"),
            whole_run_factor=number(data, "whole_run_factor", positive=True),
            rates={name: number(data["rates"], name, positive=True) for name in FAMILIES},
        )

    def times(self, table: Table) -> "np.ndarray":
        """Expected ms of every kernel, [works]."""
        per_unit = 1.0 / np.array([self.rates[family] for family in FAMILIES])[table.family]
        if self.cache_bytes:
            crowding = (np.maximum(table.weights, 1.0) / self.cache_bytes) ** self.cache_steepness
            per_unit = per_unit + np.where(table.is_gemm, crowding / (1.0 + crowding) / self.refetch_rate, 0.0)
        most = np.where(table.is_winograd, self.idle_winograd, np.where(table.is_gemm, self.idle_gemm, 0.0))
        idle = 1.0 + most * self.half_rows / (self.half_rows + table.passes)
        compute = table.units * per_unit * (1.0 + self.half_depth / table.depth) * idle
        constants = table.weights * (1.0 + np.where(table.is_vector, self.half_columns, 0.0) / table.columns)
        memory = table.stream / self.stream_bytes_per_ms + constants / self.weight_bytes_per_ms
        together = (compute**self.overlap + memory**self.overlap) ** (1.0 / self.overlap)
        total: "np.ndarray" = self.launch_ms + together
        return total

    def peaks(self) -> Dict[str, Any]:
        """What micro-benchmarks of such a device would reach: a large matrix product, memory in order, a launch."""
        return {
            "gflops": 2.0 * self.rates["gemm"] / 1e6,
            "gb_per_s": self.stream_bytes_per_ms / 1e6,
            "launch_ms": self.launch_ms,
            "source": "simulated: the cost model's own limits, not a benchmark",
        }


def number(data: Dict[str, Any], key: str, positive: bool = False) -> float:
    """A finite number >= 0 (or > 0) of a table. Raises KeyError, TypeError or ValueError."""
    value = float(data[key])
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise ValueError("{} is {}".format(key, data[key]))
    return value
