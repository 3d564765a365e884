"""What is believed of the devices before fitting, and why."""

import numpy as np
from numpy.typing import NDArray

from layerswitch.agent.engines.simulated.kernel_work import Library

from .fitting import NAMES, Prior

# name: (Cortex-A73 cluster of the Khadas VIM3, Mali-G52 of the Khadas VIM3, spread of the logarithm: CPU, GPU).
# Units per ms; 1e6 bytes per ms are 1 GB/s; 1e6 multiply-accumulates per ms are 1 GMAC/s.
BELIEFS = {
    "launch_ms": (0.03, 0.08, 0.5, 0.3),  # the smallest published operators; an OpenCL enqueue
    "stream_bytes_per_ms": (6e6, 8e6, 0.4, 0.4),  # memcpy of 5 GB/s on one A73
    "weight_bytes_per_ms": (4.2e6, 5.5e6, 0.2, 0.08),  # both read the same DRAM
    "overlap": (1.5, 1.5, 0.15, 0.15),  # 1: one after the other; large: the longer one only
    "half_depth": (20.0, 30.0, 0.7, 0.5),
    "half_rows": (1.0, 15.0, 0.0, 0.5),
    "idle_gemm": (0.0, 0.5, 0.0, 0.5),
    "idle_winograd": (0.0, 1.5, 0.0, 0.4),
    "half_columns": (0.0, 1200.0, 0.0, 0.4),
    "refetch_rate": (1e7, 7e6, 0.0, 0.4),  # one number serves four rows of a tile: as many as bytes per ms
    "cache_bytes": (0.0, 1.2e6, 0.0, 0.5),
    "cache_steepness": (1.0, 2.0, 0.0, 0.3),
    "gemm": (1.8e7, 2.2e7, 0.4, 0.3),  # about half of the peak of 35 and 38 GMAC/s
    "winograd": (1.8e7, 2e7, 0.4, 0.2),
    "gemv": (1e7, 5e7, 0.4, 0.3),
    "depthwise": (5e6, 6e6, 0.4, 0.4),  # no depthwise operator was published: this stays as believed
    "im2col": (9e5, 2e6, 0.7, 0.7),
    "transform": (8e5, 2e6, 0.7, 0.7),
    "copy": (1e6, 3e6, 0.5, 0.5),
    "elementwise": (2e6, 3e6, 0.5, 0.5),
    "exponential": (2e5, 1e6, 0.5, 0.5),
    "pool": (8e5, 2.5e6, 0.5, 0.4),
    "lrn": (9e4, 3e5, 0.5, 0.5),
}
# The RK3399Pro's devices are believed to be the Khadas VIM3's of the same kind, slower by these factors.
RK3399_CPU = {"gemm": 0.5, "winograd": 0.45}  # peak 28.8 for 70.4 GFLOP/s; two cores leave each more memory
RK3399_GPU = {"launch_ms": 2.5, "gemm": 0.6, "winograd": 0.7, "stream_bytes_per_ms": 0.7, "refetch_rate": 0.8}
RK3399_SHRINK = 0.7  # how much narrower they are believed to lie
WINOGRAD = {"khadas-vim3": (16, 1_000_000), "rock-pi-n10": (16, 191)}  # CPU; see docs/simulated-boards.md


def vim3(kind: str) -> Prior:
    """The prior of the Khadas VIM3's "cpu" or "gpu"."""
    column = 0 if kind == "cpu" else 1
    values = np.array([BELIEFS[name][column] for name in NAMES], dtype=float)
    spread = np.array([BELIEFS[name][column + 2] for name in NAMES], dtype=float)
    return Prior(values, spread, Library(kind, WINOGRAD["khadas-vim3"]))


def rk3399(vim3_prior: Prior, values: NDArray[np.float64]) -> Prior:
    """The prior of the RK3399Pro's device of the same kind, about the Khadas VIM3's fitted `values`."""
    kind = vim3_prior.library.kind
    moved = vim3_prior.shifted(values, RK3399_CPU if kind == "cpu" else RK3399_GPU, RK3399_SHRINK)
    return moved._replace(library=Library(kind, WINOGRAD["rock-pi-n10" if kind == "cpu" else "khadas-vim3"]))
