"""What the parts of the window work with: each takes this, or less, and none takes the window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..dialogs.questions import Questions
from ..document.document import Document
from ..jobs.workflow import Workbench
from ..platform.preferences import Preferences


class Navigation(Protocol):
    """Where the window can go, and how it can be arranged."""

    def show_start(self) -> None:
        """Bring the start page to the front."""

    def show_network(self) -> None:
        """Bring the layer graph to the front, and the panels with it."""

    def show_what_if(self) -> None:
        """Give the slider of the switch cost the keyboard."""

    def show_palette(self) -> None:
        """Offer every command to somebody who types."""

    def bring(self, title: str) -> None:
        """Show the panel of that title, in front of the others."""

    def reset_layout(self) -> None:
        """Put every panel back where it was at first."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""

    def close(self) -> bool:
        """Close the window, if the person agrees."""


@dataclass(frozen=True)
class Context:
    """The open document, the jobs that feed it, whom to ask, what is remembered, and where to go.

    `show_error` says in the window what went wrong during the work of a title. `attended`: whether somebody can answer
    a question; nobody can while a picture is made.
    """

    document: Document
    workbench: Workbench
    questions: Questions
    preferences: Preferences
    navigation: Navigation
    show_error: Callable[[str, BaseException], None]
    attended: bool = True

    # what can be done depends on: predicates of commands

    def has_graph(self) -> bool:
        """Whether a network is open."""
        return self.document.graph is not None

    def has_profile(self) -> bool:
        """Whether it is profiled."""
        return self.document.profile is not None

    def has_plan(self) -> bool:
        """Whether it has a plan."""
        return self.document.plan is not None

    def has_selection(self) -> bool:
        """Whether layers are selected."""
        return bool(self.document.selection)

    def can_measure(self) -> bool:
        """Whether there is something to measure, and a board that has nothing else to do."""
        document = self.document
        return document.model is not None and document.entry is not None and not self.workbench.measuring
