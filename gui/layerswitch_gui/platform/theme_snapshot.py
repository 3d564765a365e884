"""Look: a theme's colours as they are at one moment, made once for thousands of items instead of read at each paint."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor

from .theme import Theme


@dataclass(frozen=True)
class Look:
    """The colours of the roles in `theme.Colours` that graph and charts paint with."""

    base: QColor
    raised: QColor
    text: QColor
    muted: QColor
    line: QColor
    accent: QColor
    warning: QColor
    bad: QColor
    device: Callable[[str], QColor]
    dark: bool

    @classmethod
    def of(cls, theme: Theme) -> "Look":
        """The look of a theme now."""
        roles = ("base", "raised", "text", "muted", "line", "accent", "warning", "bad")
        return cls(**{role: theme.colour(role) for role in roles}, device=theme.device, dark=theme.dark)


def blend(first: QColor, second: QColor, part: float) -> QColor:
    """`part` (0..1) of the way from the first colour to the second, opaque."""
    return QColor(_blend(first.rgba(), second.rgba(), part))


def ink(fill: QColor) -> QColor:
    """Black or white, whichever reads better on a fill (WCAG relative luminance)."""
    return QColor(_ink(fill.rgba()))


@lru_cache(4096)  # cards ask for the same few at every repaint
def _blend(first: int, second: int, part: float) -> QColor:
    pairs = zip(_parts(QColor.fromRgba(first)), _parts(QColor.fromRgba(second)), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * part for a, b in pairs))


@lru_cache(4096)
def _ink(fill: int) -> QColor:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = _parts(QColor.fromRgba(fill))
    light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    return QColor("#000000") if light > 0.179 else QColor("#ffffff")


def _parts(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()
