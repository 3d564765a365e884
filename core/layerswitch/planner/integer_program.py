"""Integer programming with HiGHS: any number of devices, any limit on switches, with the gap it proved.

Variables: x[layer, device] (binary) and, per tensor, z[from, to] >= 0: moved so (z[d, d]: read where it was written).
A tensor is written where its layer runs, and is at hand wherever a reader runs:

    sum_to z[p, from, to] = x[p, from] with one reader;  z[t, from, to] <= x[p, from] with several
    sum_from z[t, from, to] >= x[r, to] for every reader r

b[i] >= x[i, d] - x[i + 1, d] marks the boundary after layer i, and sum b <= k limits them. For two devices without a
limit the linear relaxation is already integral (it is the minimum cut); for more it is tight in practice.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from .problem import ABSOLUTE_MS, Choice, Problem, Solution, switches

METHOD = "integer program (HiGHS)"
SCALE = 1000.0
"""The objective is scaled so that a known assignment costs this much: HiGHS's gaps are absolute as well as relative."""


@dataclass
class _Rows:
    """Sparse constraint rows as they are written: low <= sum of value * variable <= high."""

    row: list[NDArray[np.intp]] = field(default_factory=list)
    column: list[NDArray[np.intp]] = field(default_factory=list)
    value: list[NDArray[np.float64]] = field(default_factory=list)
    low: list[NDArray[np.float64]] = field(default_factory=list)
    high: list[NDArray[np.float64]] = field(default_factory=list)
    count: int = 0

    def add(self, columns: NDArray[np.intp], values: list[float], low: float, high: float) -> None:
        """Rows of one shape: `columns` is [rows, terms], `values` [terms]."""
        rows = self.count + np.arange(len(columns))
        self.row.append(np.repeat(rows, columns.shape[1]))
        self.column.append(columns.ravel())
        self.value.append(np.tile(np.asarray(values, dtype=float), len(columns)))
        self.low.append(np.full(len(columns), low))
        self.high.append(np.full(len(columns), high))
        self.count += len(columns)

    def constraint(self, variables: int) -> LinearConstraint:
        """All rows as one constraint."""
        place = (np.concatenate(self.row), np.concatenate(self.column))
        matrix: csr_array = csr_array((np.concatenate(self.value), place), shape=(self.count, variables))
        return LinearConstraint(matrix, np.concatenate(self.low), np.concatenate(self.high))


def integer_program(problem: Problem, limit: int | None, time_limit_s: float) -> Solution:
    """The best assignment found within the time, with HiGHS's lower bound (proved in floating point, to about 1e-7)."""
    model, allowed = problem.model, problem.allowed
    layers, devices = allowed.shape
    tensors = len(model.dataflow.tensors)
    known = _known(problem, limit)
    least = model.cost(known)
    if least <= ABSOLUTE_MS:  # nothing takes less than no time
        return Solution(known, 0.0, METHOD)
    scale = SCALE / least
    x = np.arange(layers * devices).reshape(layers, devices)
    z = x.size + np.arange(tensors * devices * devices).reshape(tensors, devices, devices)
    b = x.size + z.size + np.arange(layers - 1 if limit is not None else 0)
    variables = x.size + z.size + b.size
    cost = np.concatenate([np.where(allowed, model.layer_ms, 0.0).ravel(), model.transfer_ms.ravel(), np.zeros(b.size)])
    rows = _Rows()
    rows.add(x, [1.0] * devices, 1.0, 1.0)
    counts = np.array([len(places) for places in model.dataflow.readers], dtype=np.intp)
    written = x[model.dataflow.writers]
    for source in range(devices):
        one = counts == 1
        rows.add(np.hstack([z[one, source, :], written[one, source, None]]), [1.0] * devices + [-1.0], 0.0, 0.0)
        for target in range(devices):
            pair = np.stack([z[~one, source, target], written[~one, source]], axis=1)
            rows.add(pair, [1.0, -1.0], -np.inf, 0.0)
    tensor, reader = model.dataflow.reads
    for target in range(devices):
        rows.add(np.hstack([z[tensor, :, target], x[reader, target, None]]), [1.0] * devices + [-1.0], 0.0, np.inf)
        if limit is not None:
            rows.add(np.stack([b, x[:-1, target], x[1:, target]], axis=1), [1.0, -1.0, 1.0], 0.0, np.inf)
    if limit is not None:
        rows.add(b[None, :], [1.0] * b.size, -np.inf, float(limit))
    high = np.ones(variables)
    high[: x.size] = allowed.ravel()
    whole = np.zeros(variables, dtype=np.int64)
    whole[: x.size] = 1
    result = milp(
        np.minimum(cost, 2.0 * least) * scale,  # what alone takes longer than the known one is in no better one
        integrality=whole,
        bounds=Bounds(0.0, high),
        constraints=rows.constraint(variables),
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    best = known
    if result.x is not None:
        choice = np.argmax(result.x[: x.size].reshape(layers, devices), axis=1)
        if (limit is None or switches(choice) <= limit) and model.cost(choice) < model.cost(known):
            best = choice
    bound = result.mip_dual_bound
    trivial = float(problem.layer_ms.min(axis=1).sum())
    return Solution(best, max(trivial, bound / scale if bound is not None else 0.0), METHOD)


def _known(problem: Problem, limit: int | None) -> Choice:
    """The best assignment within the limit that needs no search."""
    fitting = [choice for choice in problem.obvious() if limit is None or switches(choice) <= limit]
    return min(fitting or [problem.fewest_switches()], key=problem.model.cost)
