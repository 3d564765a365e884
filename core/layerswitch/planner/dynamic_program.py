"""Dynamic programming over the execution order: exact for any number of devices and any limit on switches.

After each layer, all that the rest of the network can feel is the state of the frontier: the device of the last layer
(for counting switches) and, of each tensor still to be read, the device it was written on and the devices that it has
been moved to already. A table of least cost per state and number of switches, extended layer by layer, is a complete
enumeration; its size is what the network's width allows, not its depth. On two devices states go that a bound shows to
be part of no best plan (bounds.py), as soon as there are many.

Complexity: O(layers * states * devices * switches) time and memory, states <= devices * 3^width for two devices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bounds import Bounds
from .problem import Choice, Problem

MOST_CELLS = 60_000_000
"""Cells of all tables together; beyond, the frontier counts as too wide (each cell takes four bytes)."""
MOST_STATES = 300_000
FEW = 16
"""States of one place that are kept without asking what they may still lead to: working out bounds takes time too."""


class TooWideError(Exception):
    """The frontier has too many states; another search has to serve."""


@dataclass(frozen=True)
class _Step:
    """One layer's table: per new state the device it ends on, and per switches allowed the state it came from."""

    device: NDArray[np.int8]  # [states]
    came_from: NDArray[np.int32]  # [states, limits]


class Frontier:
    """Least cost of the whole network for some limits on switches, and the assignments that attain it."""

    def __init__(self, problem: Problem, limits: Sequence[int], known: Sequence[Choice] = ()) -> None:
        """Fills the tables; `known` are good assignments, if any. Raises TooWideError.

        Some assignment must keep to each of the limits.
        """
        self._problem, self._steps = problem, list[_Step]()
        self._limits, self._known = limits, known
        self._bounds: Bounds | None = None
        most = max(limits)
        self._cells = 0
        model, flow = problem.model, problem.model.dataflow
        last = {row: readers[-1] for row, readers in enumerate(flow.readers)}
        live: list[int] = []
        state = np.full((1, 1), -1, dtype=np.int64)  # [states, 1 + live tensors]: last device, then a code per tensor
        cost = np.zeros((1, most + 1))
        for place, (read, written) in enumerate(map(flow.touching, range(flow.layers))):
            state, cost = self._layer(place, live, read, state, cost)
            keep = [column for column, row in enumerate(live) if last[row] != place]
            live = [live[column] for column in keep] + written
            devices = state[:, :1]
            fresh = [devices << len(model.devices) | 1 << devices] * len(written)
            state = np.hstack([devices, state[:, 1:][:, keep], *fresh])
            state, cost = self._merge(state, cost)
            state, cost = self._narrow(place + 1, live, state, cost)
        self._final = cost

    def _layer(
        self, place: int, live: list[int], read: list[int], state: NDArray[np.int64], cost: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Extend every state by every device that layer `place` may run on; `self._origin` remembers from where."""
        model, size = self._problem.model, len(self._problem.model.devices)
        full = (1 << size) - 1
        states, costs, origin = [], [], []
        shifted = np.hstack([np.full((len(cost), 1), np.inf), cost[:, :-1]])
        for device in np.flatnonzero(self._problem.allowed[place]).tolist():
            after = state.copy()
            after[:, 0] = device
            switched = (state[:, 0] != device) & (state[:, 0] >= 0)
            total = np.where(switched[:, None], shifted, cost) + model.layer_ms[place, device]
            for row in read:
                code = after[:, 1 + live.index(row)]
                source = code >> size
                there = (code >> device) & 1 == 1
                total += np.where(there, 0.0, model.transfer_ms[row, source, device])[:, None]
                code |= 1 << device
                code[code & full == full] = full  # everywhere: who wrote it matters no more
            states.append(after)
            costs.append(total)
            origin.append(np.arange(len(state), dtype=np.int32))
        self._origin = np.concatenate(origin)
        return np.concatenate(states), np.concatenate(costs)

    def _merge(
        self, state: NDArray[np.int64], cost: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Keep, of equal states, the cheapest for each limit."""
        group = _groups(state)
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        if len(starts) > MOST_STATES:
            raise TooWideError
        ordered = cost[order]
        least = np.minimum.reduceat(ordered, starts, axis=0)
        counts = np.diff(starts, append=len(order))
        cheapest = ordered == np.repeat(least, counts, axis=0)
        place = np.where(cheapest, np.arange(len(order))[:, None], len(order))
        first = np.minimum.reduceat(place, starts, axis=0)
        merged = state[order[starts]]
        self._steps.append(_Step(merged[:, 0].astype(np.int8), self._origin[order][first]))
        return merged, least

    def _narrow(
        self, done: int, live: list[int], state: NDArray[np.int64], cost: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Drop the states that can be part of no best plan, once there are many; on two devices."""
        if len(cost) > FEW and len(self._problem.model.devices) == 2:
            if self._bounds is None:
                self._bounds = Bounds.of(self._problem, self._limits, self._known)
            useful = self._bounds.useful(done, live, state, cost)
            needed = useful.any(axis=1)
            step = self._steps[-1]
            self._steps[-1] = _Step(step.device[needed], step.came_from[needed])
            state, cost = state[needed], np.where(useful, cost, np.inf)[needed]
        self._cells += cost.size
        if self._cells > MOST_CELLS:
            raise TooWideError
        return state, cost

    @property
    def least_ms(self) -> NDArray[np.float64]:
        """Least predicted latency with at most 0, 1 ... switches; of no meaning for a limit that was not asked for."""
        least: NDArray[np.float64] = self._final.min(axis=0)
        return least

    def choice(self, limit: int) -> Choice:
        """The assignment that attains `least_ms[limit]`."""
        columns = np.empty(len(self._steps), dtype=np.intp)
        state = int(self._final[:, limit].argmin())
        for place in range(len(self._steps) - 1, -1, -1):
            step = self._steps[place]
            columns[place] = step.device[state]
            state = int(step.came_from[state, limit])
            if place and self._steps[place - 1].device[state] != columns[place]:
                limit -= 1
        return columns


def _groups(state: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number per row, the same for equal rows."""
    group, count = np.zeros(len(state), dtype=np.int64), 1
    for column in state.T:
        base = int(column.max(initial=0)) + 1
        if count * base >= 1 << 62:
            unique, group = np.unique(group, return_inverse=True)
            count = len(unique)
        group, count = group * base + column, count * base
    return group
