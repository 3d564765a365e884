"""Variants: the current assignment kept with one key and recalled with its number, for trying many in little time."""

from layerswitch.network.named_assignment import NamedAssignment

from .document import Document

MOST = 9  # number keys; more are kept all the same, and reached by stepping
NAME = "variant"


class Variants:
    """Works on the document's named assignments: a variant is one called "variant 1", "variant 2" ..."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def has(self, number: int) -> bool:
        """Whether there is a variant of that number."""
        return self._variant(number) is not None

    def keep(self) -> None:
        """Keep the current assignment under the next free number, unless it is kept already."""
        document = self._document
        if document.graph is None:
            return
        known = [one.name for one in document.own if one.assignment == document.assignment]
        if known:
            document.notice.emit(f"Already kept as {known[0]}")
            return
        number = 1
        while self._variant(number) is not None:
            number += 1
        name = document.keep_as(f"{NAME} {number}")
        key = f"press {number} to come back to it" if number <= MOST else "Ctrl+Page Up and Down step through all"
        document.notice.emit(f"Kept as {name}: {key}")

    def recall(self, number: int) -> None:
        """Load a variant, as one undoable edit."""
        if one := self._variant(number):
            self._document.load(one.assignment, f"Load {one.name}")
            self._document.notice.emit(f"This is {one.name}")

    def step(self, by: int) -> None:
        """Load the next (1) or previous (-1) of everything that has a name."""
        document = self._document
        named = document.named
        if not named:
            return
        here = document.known_as(document.assignment)
        at = named.index(here) + by if here in named else 0 if by > 0 else len(named) - 1
        one = named[at % len(named)]
        document.load(one.assignment, f"Load {one.name}")
        document.notice.emit(f"This is {' = '.join(other.name for other in document.named_as(one.assignment))}")

    def _variant(self, number: int) -> NamedAssignment | None:
        """What a person has under that number: the number is in the name, and renaming gives it up."""
        return next((one for one in self._document.own if one.name == f"{NAME} {number}"), None)
