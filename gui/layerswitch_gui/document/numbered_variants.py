"""Variants: the current assignment kept with one key and recalled with its number, for trying many in little time."""

from ..views.comparison.rows import is_own
from .document import Document

MOST = 9  # number keys; more are kept all the same, and reached by stepping
NAME = "variant"


class Variants:
    """Works on the document's named assignments: a variant is one called "variant 1", "variant 2" ..."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def has(self, number: int) -> bool:
        """Whether there is a variant of that number."""
        return f"{NAME} {number}" in self._document.named

    def keep(self) -> None:
        """Keep the current assignment under the next free number, unless it is kept already."""
        document = self._document
        if document.graph is None:
            return
        own = [name for name in document.names_of(document.assignment) if is_own(document, name)]
        if own:
            document.notice.emit(f"Already kept as {own[0]}")
            return
        number = 1
        while f"{NAME} {number}" in document.named:
            number += 1
        name = document.keep_as(f"{NAME} {number}")
        key = f"press {number} to come back to it" if number <= MOST else "Ctrl+Page Up and Down step through all"
        document.notice.emit(f"Kept as {name}: {key}")

    def recall(self, number: int) -> None:
        """Load a variant, as one undoable edit."""
        name = f"{NAME} {number}"
        if name in self._document.named:
            self._document.load(self._document.named[name], f"Load {name}")
            self._document.notice.emit(f"This is {name}")

    def step(self, by: int) -> None:
        """Load the next (1) or previous (-1) of everything that has a name."""
        document = self._document
        names = list(document.named)
        if not names:
            return
        here = document.name_of(document.assignment)
        at = names.index(here) + by if here in names else 0 if by > 0 else len(names) - 1
        name = names[at % len(names)]
        document.load(document.named[name], f"Load {name}")
        document.notice.emit(f"This is {' = '.join(document.names_of(document.named[name])) or name}")
