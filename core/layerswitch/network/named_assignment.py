"""Named assignment: an assignment, what people call it, and what it is; nothing is learned from the name."""

from collections.abc import Container
from typing import Literal

from ..serialization import Value
from .assignment import Assignment

Kind = Literal["baseline", "greedy", "plan", "refined", "own"]
"""What an assignment is: every layer on one device, each layer on its faster device, the planner's, the fastest that a
refinement measured, or a person's. What is computed comes before what people made."""


class NamedAssignment(Value, frozen=True):
    """An assignment with its kind. Names are shown, and two assignments may share one."""

    name: str
    kind: Kind
    assignment: Assignment


def free_name(name: str, taken: Container[str]) -> str:
    """The name, or the first of "name 2", "name 3" ... that is not taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
