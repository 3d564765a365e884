"""Why layers prefer a device: their work, the rooflines, reasons made of numbers, and what goes with the preference.

    explanation = explain(profile)
    explanation.layer("conv1").reason

Everything said is computed from the profile; docs/explain.md has the rules.
"""

from .attributes import Attribute, Group, Spot, strength
from .clauses import Clause, Fact
from .explanation import Explanation, LayerExplanation, explain
from .roofline import Point, Roofline, assigned
from .times import OnDevice
from .work import Product, Work, work_of

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
