"""How work on a board tells how far it is."""

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """`done` of `total` units of work, and what is being done now."""

    done: float
    total: float
    text: str


Show = Callable[[Progress], None]
