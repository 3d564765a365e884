"""Why layers prefer a device: their work, the rooflines, reasons made of numbers, and what goes with the preference.

    explanation = explain(profile)
    explanation.layer("conv1").reason

Everything said is computed from the profile; docs/explain.md has the rules.
"""

from .clauses import Clause, Fact
from .correlations import Attribute, Group, Spot, strength
from .device_times import OnDevice
from .explanation import Explanation, LayerExplanation, explain
from .layer_work import Product, Work, work_of
from .roofline import Point, Roofline, assigned

__all__ = [
    "Attribute",
    "Clause",
    "Explanation",
    "Fact",
    "Group",
    "LayerExplanation",
    "OnDevice",
    "Point",
    "Product",
    "Roofline",
    "Spot",
    "Work",
    "assigned",
    "explain",
    "strength",
    "work_of",
]
