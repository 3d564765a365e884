"""The letter that stands for a device on screen, and the coloured patch it stands on."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from PySide6.QtGui import QColor

from layerswitch.network.assignment import letters

from ..platform.theme_snapshot import ink


def letter(device: str, devices: Sequence[str] = ()) -> str:
    """The letter that stands for a device among a board's devices: the one that copied assignments have."""
    return _letters((*devices, device))[device]


@lru_cache(64)
def _letters(devices: tuple[str, ...]) -> dict[str, str]:
    return letters(devices)


def chip(colour: QColor, text: str) -> str:
    """A coloured patch with text on it."""
    return f"<span style='background:{colour.name()};color:{ink(colour).name()}'>&nbsp;{escape(text)}&nbsp;</span>"
