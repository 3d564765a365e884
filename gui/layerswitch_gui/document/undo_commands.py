"""Undoable edits: one small command each, with text people can read, touching only the document."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from layerswitch.network.named_assignment import NamedAssignment

from ..widgets.text_safety import one_line
from .profiled import Profiled

if TYPE_CHECKING:
    from .document import Document

_STROKE = 1  # QUndoStack only asks to merge commands with the same id other than -1


class Edit(QUndoCommand):
    """One step of the history. `loses` says whether discarding it discards a person's edit."""

    loses = True

    def __init__(self, document: "Document", text: str) -> None:
        super().__init__(one_line(text))  # Qt takes what follows a line break for another text
        self._document = document


class ChangeAssignment(Edit):
    """Put some layers on other devices. Commands of one `stroke` (a drag with the mouse) merge into one."""

    def __init__(self, document: "Document", after: Mapping[str, str], text: str, stroke: int | None = None) -> None:
        super().__init__(document, text)
        self._stroke = stroke
        self._after = dict(after)
        self._before = {layer: document.assignment[layer] for layer in after}

    def redo(self) -> None:
        """Do it, the first time too."""
        self._document._apply_assignment(self._after)

    def undo(self) -> None:
        """Put the layers back where they were."""
        self._document._apply_assignment(self._before)

    def id(self) -> int:
        """The same for every command that may merge."""
        return -1 if self._stroke is None else _STROKE

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in a later command of the same stroke."""
        if not isinstance(other, ChangeAssignment) or other._stroke != self._stroke:
            return False
        self._before = {**other._before, **self._before}
        self._after.update(other._after)
        devices = set(self._after.values())
        if (other._stroke or 0) < 0:  # the later one says where the slider is
            self.setText(other.text())
        elif len(devices) == 1:
            self.setText(f"Paint {len(self._after)} layers {devices.pop()}")
        return True


class ChangePins(Edit):
    """Pin or unpin layers: a pinned layer stays on its device in every edit and every plan."""

    def __init__(self, document: "Document", after: Mapping[str, str], text: str) -> None:
        super().__init__(document, text)
        self._before, self._after = dict(document.pins), dict(after)

    def redo(self) -> None:
        """Do it, the first time too."""
        self._document._apply_pins(self._after)

    def undo(self) -> None:
        """Restore the pins that were."""
        self._document._apply_pins(self._before)


class ChangeOwn(Edit):
    """Name an assignment, rename or delete one."""

    def __init__(self, document: "Document", after: tuple[NamedAssignment, ...], text: str) -> None:
        super().__init__(document, text)
        self._before, self._after = document.own, after
        self.loses = len(after) <= len(document.own)  # a new one is counted among the named assignments

    def redo(self) -> None:
        """Do it, the first time too."""
        self._document._apply_own(self._after)

    def undo(self) -> None:
        """Restore those that were."""
        self._document._apply_own(self._before)


class ReplaceProfile(Edit):
    """Take in another profile. Undone, the earlier one is there again with all that stood on it; runs and comparisons
    belong to no profile and stay either way."""

    loses = False  # the profile itself is counted where it was measured

    def __init__(self, document: "Document", after: Profiled, text: str) -> None:
        super().__init__(document, text)
        self._other = after

    def redo(self) -> None:
        """Change places with the other one: what was planned of either meanwhile comes back with it."""
        self._other = self._document._swap_profile(self._other)

    undo = redo
