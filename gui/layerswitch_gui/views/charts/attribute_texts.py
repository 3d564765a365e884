"""What the attributes chart says in words: an attribute's correlation, its groups, its values."""

from typing import TYPE_CHECKING

from ...jobs.analysis import Analysis
from ...widgets import formatting
from ...widgets.text_safety import one_line

if TYPE_CHECKING:
    from layerswitch.explain import Attribute

RULES = {"map": "large maps", "convolution map": "large maps of convolutions", "type": "fully connected"}


def finding(shown: "Attribute", analysis: Analysis) -> str:
    """What the library finds of an attribute, with the correlation's strength in words, or its groups' medians."""
    from layerswitch.explain import strength

    found = analysis.explanation
    rule = RULES.get(shown.name, f"trend {shown.name}")  # what is said of the maps has the trend in it
    parts = [clause.text for clause in found.findings if clause.rule == rule] if found else []
    if shown.rho is not None and shown.rho_p is not None:
        parts.append(f"Rank correlation {shown.rho:+.2f}, {strength(shown.rho)} ({_chance(shown.rho_p)}).")
    elif shown.p is not None:
        parts.append(f"Chance alone makes groups as unlike as these with {_chance(shown.p)}.")
    else:
        parts.append("Too few layers to tell a trend.")
    groups = "; ".join(f"{group.label}: {formatting.number(group.median)} ({group.layers})" for group in shown.groups)
    return " ".join(parts) + (f" Median ratio (layers): {groups}." if groups else "")


def grouped(shown: "Attribute", second: str) -> list[str]:
    """A line for each group: how many layers, their median ratio and quartiles, how many the second runs faster."""
    number = formatting.number
    return [
        f"{one_line(group.label)}: {formatting.counted(group.layers, 'layer')}, median {number(group.median)}, "
        f"quartiles {number(group.lower)} to {number(group.upper)}, {group.over} faster on the {one_line(second)}"
        for group in shown.groups
    ]


def written(value: float) -> str:
    """An attribute's value: whole numbers whole, others in four digits."""
    return f"{value:,.0f}" if value == round(value) else formatting.number(value, 4)


def _chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
