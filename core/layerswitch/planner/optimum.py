"""`plan`: choose the search that fits, and put what it found into a Plan."""

from collections.abc import Mapping

import numpy as np

from ..measurement.profile import BoardDescription
from ..network.assignment import Assignment
from ..prediction.latency_model import LatencyModel
from ..prediction.prediction import Prediction
from .plan import Plan
from .problem import Problem
from .proof import proven
from .switch_curve import limited, unlimited


def plan(
    model: LatencyModel,
    board: BoardDescription,
    *,
    pins: Mapping[str, str] = {},
    max_switches: int | None = None,
    name: str = "optimum",
    time_limit_s: float = 60.0,
) -> Plan:
    """The assignment with the least predicted latency, and the proof that none is better.

    `pins` hold layers on devices; `max_switches` allows at most so many boundaries between segments. Searches that
    may take exponential time (see docs/planner.md) stop after `time_limit_s` seconds and return the best assignment
    found, its lower bound, and `optimal` False. Raises AssignmentError when a pin names an unknown layer or device, and
    PlanError when no assignment satisfies what is asked.
    """
    problem = Problem.of(model, pins)
    if max_switches is None:
        solution = unlimited(problem, time_limit_s)
    else:
        solution = limited(problem, max_switches, time_limit_s)
    prediction = Prediction.of(model, solution.choice)
    predicted = prediction.total_ms
    uniform = {device: float(model.layer_ms[:, column].sum()) for column, device in enumerate(model.devices)}
    baselines = {device: ms for device, ms in uniform.items() if np.isfinite(ms)}
    best = min(baselines.values(), default=0.0)
    return Plan(
        name=name,
        network=model.graph.name,
        fingerprint=model.graph.fingerprint,
        board=board,
        assignment=Assignment(problem.named(solution.choice)),
        predicted_ms=predicted,
        lower_bound_ms=min(solution.lower_bound_ms, predicted),
        optimal=proven(predicted, solution.lower_bound_ms),
        baselines_ms=baselines,
        switches=prediction.switches,
        transfers=prediction.transfers,
        greedy_ms=model.cost(np.argmin(model.layer_ms, axis=1)),
        gain=1.0 - predicted / best if best > 0 else None,
        pins=dict(pins),
        max_switches=max_switches,
        method=solution.method,
    )
