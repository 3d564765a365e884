"""Work: what one kernel has to do, counted from shapes alone; a device's coefficients turn it into time."""

from typing import NamedTuple, Sequence, Tuple

import numpy as np

FAMILIES = (
    "gemm", "winograd", "gemv", "depthwise", "im2col", "transform", "copy", "elementwise", "exponential", "pool", "lrn",
)  # fmt: skip


class Library(NamedTuple):
    """How the Arm Compute Library chooses kernels on a device: `kind` is "cpu" or "gpu"; 3x3 convolutions run as
    Winograd when their input channels (of one group) lie in `winograd_channels`, both ends included."""

    kind: str
    winograd_channels: Tuple[int, int] = (16, 1_000_000)


class Work(NamedTuple):
    """One kernel launch of an operator.

    `name` is shown to people. `family` (of FAMILIES) names the rate at which `units` are done: multiply-accumulates
    (padded to the kernel's tiles) for gemm, winograd, gemv and depthwise, window elements for pool, numbers for the
    rest. `stream` are bytes of activations read and written, `weights` bytes of constants read. Of products, `depth`
    multiply-accumulates make one number of the result, its `columns` are the output's channels, and its rows of tiles
    are `passes` over the constants.
    """

    name: str
    family: str
    units: float
    stream: float = 0.0
    weights: float = 0.0
    depth: float = 1e9
    columns: float = 1e9
    passes: float = 1e9


class Table:
    """Many pieces of work as arrays, each [works]: family (index in FAMILIES) and the fields of Work."""

    def __init__(self, works: Sequence[Work]) -> None:
        def column(field: str) -> "np.ndarray":
            return np.array([getattr(work, field) for work in works], dtype=float)

        self.family = np.array([FAMILIES.index(work.family) for work in works], dtype=np.intp)
        self.units, self.stream, self.weights = column("units"), column("stream"), column("weights")
        self.depth, self.columns, self.passes = (np.maximum(1.0, column(one)) for one in ("depth", "columns", "passes"))
        self.is_gemm, self.is_winograd, self.is_vector = (
            self.family == FAMILIES.index(one) for one in ("gemm", "winograd", "gemv")
        )
