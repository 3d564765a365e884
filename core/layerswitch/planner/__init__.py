"""The planner: the provably best assignment of layers to devices, every transfer paid for.

Two devices: a minimum cut, on any DAG. More: integer programming with its proven gap. At most k switches: dynamic
programming over the execution order. docs/planner.md tells how, with figures.
"""

from .greedy import greedy
from .optimum import plan
from .switch_curve import CurvePoint, switch_curve

__all__ = ["CurvePoint", "greedy", "plan", "switch_curve"]
