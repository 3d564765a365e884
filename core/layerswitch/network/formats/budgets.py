"""What a network file may ask for at most, whoever wrote it: a small one must not take all time or memory."""

from ...errors import ModelError

MOST_OPERATORS = 20_000
"""Ten times those of the largest networks that are measured layer by layer; so many take about 2 s to open."""

MOST_MADE_BYTES = 1 << 30
"""Of a constant that is not in the file but made from what is: the largest layer of VGG-16 has 0.4 GB."""

MOST_COMPUTED = 8
"""Times the file's own constants that all computed ones together may hold, beside `MOST_MADE_BYTES`: weights of 8 bits
become four times as large, in a few steps each."""


def check_operators(count: int, where: str) -> None:
    """Raises ModelError where a network has more operators than can be shown and measured."""
    if count > MOST_OPERATORS:
        raise ModelError(f"the network has more than {MOST_OPERATORS} operators ({count})", where=where)
