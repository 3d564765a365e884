"""Greedy: what one would do if switching were free."""

import numpy as np

from ..network.assignment import Assignment
from ..prediction.latency_model import LatencyModel
from .problem import Problem


def greedy(model: LatencyModel) -> Assignment:
    """Each layer on its faster device (the first of equals), transfers ignored; O(layers).

    Raises PlanError as `plan` does.

    >>> assignment = greedy(latency)
    >>> assignment.switches, latency.predict(assignment).total_ms > best.predicted_ms
    (11, True)
    """
    problem = Problem.of(model, {})
    return Assignment(problem.named(np.argmin(problem.layer_ms, axis=1)))
