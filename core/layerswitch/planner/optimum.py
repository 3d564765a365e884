"""`plan`: choose the search that fits, and put what it found into a Plan."""

from collections.abc import Mapping

import numpy as np

from ..measurement.profile import BoardDescription
from ..network.assignment import Assignment
from ..prediction.latency_model import LatencyModel, Prediction
from .plan import Plan
from .problem import Problem, proven
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

    Two devices without a limit: a minimum cut (Stone, IEEE Transactions on Software Engineering 3(1), 1977), in
    practice close to linear in layers and readings of tensors. `max_switches`: dynamic programming, exponential only in
    how many tensors wait to be read at once. Three devices and more: an integer program.

    >>> best = plan(latency, profile.board)
    >>> f"{best.predicted_ms:.1f} ms, {best.gain:.1%} under the better baseline"
    '33.7 ms, 14.4% under the better baseline'
    >>> plan(latency, profile.board, pins={"conv1": "CPU"}).assignment["conv1"]
    'CPU'
    >>> plan(latency, profile.board, max_switches=0).letters == "G" * 39
    True
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
