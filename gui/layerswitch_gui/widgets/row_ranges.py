"""Rows gathered into unbroken runs: item views select and repaint one range faster than as many rows."""

from collections.abc import Sequence


def unbroken(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted rows as (first, last) of each unbroken run.

    >>> unbroken([2, 3, 4, 7])
    [(2, 4), (7, 7)]
    """
    starts = [row for place, row in enumerate(rows) if place == 0 or rows[place - 1] != row - 1]
    ends = [row for place, row in enumerate(rows) if place == len(rows) - 1 or rows[place + 1] != row + 1]
    return list(zip(starts, ends, strict=True))
