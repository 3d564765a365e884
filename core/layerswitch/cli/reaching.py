"""Reaching a board from the terminal: its person is asked there, and a lost link is gone on with."""

from ..boards import steady
from ..boards.board import Board
from ..boards.catalog import BoardEntry
from .boards import Terminal


def connect(entry: BoardEntry) -> Board:
    """A board that asks at this terminal. Raises BoardError."""
    return steady.connect(entry, ask=Terminal())
