"""Undoable edits: one small command each, with text people can read, touching only the document."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from ..widgets.text_safety import one_line

if TYPE_CHECKING:
    from .document import Document

_STROKE = 1  # QUndoStack only asks to merge commands with the same id other than -1


class ChangeAssignment(QUndoCommand):
    """Put some layers on other devices. Commands of one `stroke` (a drag with the mouse) merge into one."""

    def __init__(self, document: "Document", after: Mapping[str, str], text: str, stroke: int | None = None) -> None:
        super().__init__(one_line(text))  # Qt takes what follows a line break for another text
        self._document = document
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
        if (other._stroke or 0) < 0:  # the later one says where the slider stands
            self.setText(other.text())
        elif len(devices) == 1:
            self.setText(f"Paint {len(self._after)} layers {devices.pop()}")
        return True


class ChangePins(QUndoCommand):
    """Pin or unpin layers: a pinned layer stays on its device in every edit and every plan."""

    def __init__(self, document: "Document", after: Mapping[str, str], text: str) -> None:
        super().__init__(one_line(text))
        self._document = document
        self._before, self._after = dict(document.pins), dict(after)

    def redo(self) -> None:
        """Do it, the first time too."""
        self._document._apply_pins(self._after)

    def undo(self) -> None:
        """Restore the pins that were."""
        self._document._apply_pins(self._before)
