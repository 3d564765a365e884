"""The best plan with at most k switches, and the curve of it over k."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import PlanError
from ..network.assignment import Assignment
from ..prediction.latency_model import LatencyModel
from .dynamic_program import Frontier, TooWideError
from .min_cut import minimum_cut
from .problem import Choice, Problem, Solution, proven, switches

EQUAL = 1e-12
"""Costs that differ by less than this fraction count as equal: the one with fewer switches is kept."""


@dataclass(frozen=True)
class CurvePoint:
    """The best assignment with at most `switches` boundaries between segments (itself, it may have fewer)."""

    switches: int
    predicted_ms: float
    assignment: Assignment
    lower_bound_ms: float
    optimal: bool


def integer_program(problem: Problem, limit: int | None, time_limit_s: float) -> Solution:
    """HiGHS, imported when it is needed: scipy.optimize takes a third of a second, and two devices never need it."""
    from .integer_program import integer_program as solve

    return solve(problem, limit, time_limit_s)


def unlimited(problem: Problem, time_limit_s: float) -> Solution:
    """The best assignment with any number of switches."""
    layers, devices = problem.allowed.shape
    if devices == 1:
        return Solution(np.zeros(layers, dtype=np.intp), float(problem.model.layer_ms.sum()), "only one device")
    if devices > 2:
        return integer_program(problem, None, time_limit_s)

    return minimum_cut(problem)


def limited(problem: Problem, limit: int, time_limit_s: float) -> Solution:
    """The best assignment with at most `limit` switches. Raises PlanError when none has so few."""
    check_limit(problem, limit)
    free = unlimited(problem, time_limit_s)
    if switches(free.choice) <= limit:
        return free
    try:
        return _of(Frontier(problem, (limit,), (free.choice,)), limit)
    except TooWideError:
        return integer_program(problem, limit, time_limit_s)


def switch_curve(
    model: LatencyModel,
    *,
    pins: Mapping[str, str] = {},
    up_to: int | None = None,
    time_limit_s: float = 60.0,
    table_only: bool = False,
) -> tuple[CurvePoint, ...]:
    """The best plan with at most k switches for k = 0, 1 ... `up_to`; by default until more switches gain nothing.

    Starts at the fewest switches that pins and unsupported layers leave possible. Where the network is too wide for an
    exact table, each point takes an integer program of its own, of at most `time_limit_s` seconds; or, `table_only`,
    there are none. Raises AssignmentError and PlanError as `plan` does. One table serves all points, in O(layers *
    states * devices * switches); states grow with how many tensors wait to be read at once (dynamic_program.py).

    >>> [(point.switches, round(point.predicted_ms, 1), point.optimal) for point in switch_curve(latency)]
    [(0, 39.4, True), (1, 33.7, True)]
    """
    problem = Problem.of(model, pins)
    fewest = switches(problem.fewest_switches())
    free = unlimited(problem, time_limit_s)
    enough = switches(free.choice)
    limits = range(fewest, (enough if up_to is None else up_to) + 1)
    below = min(limits.stop, enough) - 1  # the last limit that binds
    points: dict[int, Solution] = {}
    if below >= fewest:
        try:
            table = Frontier(problem, range(fewest, below + 1), (free.choice,))
            points = {limit: _of(table, limit) for limit in range(fewest, below + 1)}
        except TooWideError:
            if table_only:
                return ()
            points = {limit: integer_program(problem, limit, time_limit_s) for limit in range(fewest, below + 1)}
    return tuple(_point(problem, limit, points.get(limit, free)) for limit in limits)


def check_limit(problem: Problem, limit: int) -> None:
    """Raises PlanError when no assignment has so few switches."""
    fewest = switches(problem.fewest_switches())
    if limit < fewest:
        raise PlanError(
            f"no assignment has at most {limit} switches",
            where=problem.model.graph.name,
            hint=f"pins and layers that run on one device only need at least {fewest}",
        )


def _of(table: Frontier, limit: int) -> Solution:
    """The solution for a limit; among equals, with the fewest switches."""
    least = table.least_ms[: limit + 1]
    fewest = int(np.argmax(least <= least[limit] * (1 + EQUAL)))
    choice: Choice = table.choice(fewest)
    return Solution(choice, float(least[limit]), "dynamic programming over the execution order")


def _point(problem: Problem, limit: int, solution: Solution) -> CurvePoint:
    predicted = problem.model.cost(solution.choice)
    bound = min(solution.lower_bound_ms, predicted)
    return CurvePoint(limit, predicted, Assignment(problem.named(solution.choice)), bound, proven(predicted, bound))
