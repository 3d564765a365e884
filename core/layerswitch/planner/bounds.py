"""What cannot be part of the best plan for any limit on switches: bounds that keep the table over the order small.

Let f be a flow at a price p per switch (lagrangian.py). Whatever stands before a layer, the layers from it on cost
at least

    sum of f(source, i) over them, and for each tensor they still read: the sum of f(writer, reader) over those
    readers if it is on the first device only, nothing if it is on the second only, the negative ones' sum if it is
    on both; and f(last, next) if the last layer is on the first device,

less p for each switch still allowed. For capacities bound what flows: a reader on the other device pays the transfer,
one on the same device passes its flow on. With what the state has cost so far this is under every assignment that goes
through it; where it is over what some assignment with so few switches is known to cost, the state can go.

Prices come from the lower hull of the known points (switches, ms): between two of them the price at which both cost the
same, until no cut lies under an edge. The bound of a limit on the hull is its own latency, that of another nearly so.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .problem import Choice, Floats, Problem, switches

if TYPE_CHECKING:
    from .lagrangian import Priced

MOST_CUTS = 128
SLACK = 1e-9
"""Of a latency: how far over the known one a bound must be, far above what adding up in floating point loses."""
FIRST, BOTH = 1, 3
"""Codes of dynamic_program.py for two devices: a tensor on the device it was written on, the first; on both."""
Point = tuple[int, float]
"""Switches, and the latency of an assignment that has so many, in ms."""


@dataclass(frozen=True)
class Bounds:
    """Bounds for some limits on switches, at prices that suit them.

    allowed [prices, limits]: what state and rest may cost together, prices of unused switches included, so as to matter
    to some limit. starts [prices, layers + 1]: flow from the source to the layers from each on. switching
    [prices, layers]. carried, back [prices, readings + 1]: running sums of flows to readers, and of the negative ones.
    """

    problem: Problem
    allowed: Floats
    starts: Floats
    switching: Floats
    carried: Floats
    back: Floats
    begins: NDArray[np.intp]  # of each tensor's readings

    @classmethod
    def of(cls, problem: Problem, limits: Sequence[int], known: Iterable[Choice]) -> "Bounds":
        """The bounds for limits that some assignment keeps to; `known` are good assignments, the optimum among them."""
        priced, points = _search(problem, limits, known)
        latency = np.array([min((ms for count, ms in points if count <= limit), default=np.inf) for limit in limits])
        proven = np.array([[one.bound_ms - one.price * limit for limit in limits] for one in priced])
        best = proven.argmax(axis=0)
        used = [priced[place] for place in np.unique(best).tolist()]
        allowed = np.full((len(used), max(limits) + 1), -np.inf)
        for row, one in enumerate(used):
            for limit, ms, place in zip(limits, latency.tolist(), best.tolist(), strict=True):
                if priced[place] is one:
                    allowed[row, limit] = ms * (1 + SLACK) + one.price * limit
            allowed[row] = np.maximum.accumulate(allowed[row, ::-1])[::-1] - one.price * np.arange(allowed.shape[1])
        starts = np.array([one.starts for one in used])
        carried = np.array([one.carried for one in used])
        sums = np.cumsum(starts[:, ::-1], axis=1)[:, ::-1]
        counts = [len(readers) for readers in problem.model.dataflow.readers]
        return cls(
            problem,
            allowed,
            np.hstack([sums, np.zeros((len(used), 1))]),
            np.array([[*one.switching, 0.0] for one in used]),
            _running(carried),
            _running(np.minimum(carried, 0.0)),
            np.concatenate([[0], np.cumsum(counts, dtype=np.intp)]),
        )

    def useful(self, done: int, live: Sequence[int], state: NDArray[np.int64], cost: Floats) -> NDArray[np.bool_]:
        """Which states may be part of a best plan, [states, limits], after the first `done` layers.

        state and cost as dynamic_program.py has them: [states, 1 + live tensors] and [states, limits].
        """
        readers = self.problem.model.dataflow.readers
        ends = self.begins[1:][np.array(live, dtype=np.intp)]
        nows = np.array([self.begins[row] + bisect_left(readers[row], done) for row in live], dtype=np.intp)
        codes = state[:, 1:]
        rest = (self.carried[:, ends] - self.carried[:, nows]) @ (codes == FIRST).T.astype(float)
        rest += (self.back[:, ends] - self.back[:, nows]) @ (codes == BOTH).T.astype(float)
        rest += self.starts[:, done][:, None] + self.switching[:, done - 1][:, None] * (state[:, 0] == 0)
        most = np.full(cost.shape, -np.inf)
        for allowed, least in zip(self.allowed, rest, strict=True):
            np.maximum(most, allowed[None, :] - least[:, None], out=most)
        useful: NDArray[np.bool_] = cost <= most
        return useful


def _running(values: Floats) -> Floats:
    return np.hstack([np.zeros((len(values), 1)), np.cumsum(values, axis=1)])


def _search(problem: Problem, limits: Sequence[int], known: Iterable[Choice]) -> tuple["list[Priced]", list[Point]]:
    """Cuts at the prices that bound these limits best, and the points known in the end."""
    from .lagrangian import PricedCuts  # here, so that no command waits for scipy.sparse that does not plan

    cuts, model = PricedCuts(problem), problem.model
    points: dict[int, float] = {}

    def add(choice: Choice) -> None:
        count = switches(choice)
        points[count] = min(points.get(count, np.inf), model.cost(choice))

    def cut(price: float) -> None:
        tried.add(price)
        priced.append(cuts.solve(price, min(ms + price * count for count, ms in points.items())))
        add(priced[-1].choice)

    for choice in (problem.fewest_switches(), *problem.obvious(), *known):
        add(choice)
    priced: list[Priced] = []
    tried: set[float] = set()
    cut(points[min(points)])  # no switch more than needed is worth so much
    cut(0.0)
    while len(priced) < MOST_CUTS:
        edges = [
            (other[0] - one[0], (one[1] - other[1]) / (other[0] - one[0]))
            for one, other in pairwise(_hull(sorted(points.items())))
            if any(one[0] <= limit <= other[0] for limit in limits)
        ]
        untried = [edge for edge in edges if edge[1] not in tried]
        if not untried:
            break
        cut(max(untried)[1])
    return priced, sorted(points.items())


def _hull(points: list[Point]) -> list[Point]:
    """The corners of the lower hull, down to the least latency; points sorted by switches."""
    hull: list[Point] = []
    for count, ms in points:
        while len(hull) > 1 and _over(hull[-2], hull[-1], (count, ms)):
            hull.pop()
        hull.append((count, ms))
    least = min(range(len(hull)), key=lambda place: hull[place][1])
    return hull[: least + 1]


def _over(first: Point, middle: Point, last: Point) -> bool:
    """Whether the middle one of three points lies on or over the line through the others."""
    return (middle[1] - first[1]) * (last[0] - first[0]) >= (last[1] - first[1]) * (middle[0] - first[0])
