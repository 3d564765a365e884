"""How a card is coloured: by device, by time, by CPU/GPU ratio, or by difference to another assignment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from PySide6.QtGui import QColor

from layerswitch.prediction.latency_model import LatencyModel

from ...platform.theme_snapshot import Look, blend
from ...widgets import formatting
from ...widgets.device_letters import letter

Mode = Literal["device", "time", "ratio", "difference", "stability"]
MODES: dict[Mode, str] = {
    "device": "Device",
    "time": "Time",
    "ratio": "CPU/GPU ratio",
    "difference": "Difference",
    "stability": "Stability",
}
HEAT = ("#e9eef5", "#f3d9a4", "#e58f65", "#b8475a", "#5f2050")
"""Light to dark, so that it reads without hue; its text colour turns from black to white."""
RATIO_SPAN = 3.0  # log2: eight times faster is as strong as the colour gets


@dataclass(frozen=True)
class Badge:
    """A device's share of a card: its colour, letter and the part (0..1) of the card's layers on it."""

    colour: QColor
    letter: str
    share: float


@dataclass(frozen=True)
class Style:
    """What a card looks like: fill and outline, its device badges, and a second line of text."""

    fill: QColor
    outline: QColor
    badges: tuple[Badge, ...]
    note: str = ""
    struck: bool = False  # cannot run where it is put
    pinned: bool = False


def heat(part: float) -> QColor:
    """A colour of the sequential scale, 0 (least) to 1 (most)."""
    place = min(max(part, 0.0), 1.0) * (len(HEAT) - 1)
    low = min(int(place), len(HEAT) - 2)
    return blend(QColor(HEAT[low]), QColor(HEAT[low + 1]), place - low)


@dataclass(frozen=True)
class Painter:
    """Chooses cards' styles for one state of the document; made again for each, it keeps nothing."""

    look: Look
    mode: Mode
    latency: LatencyModel | None
    assignment: Mapping[str, str] | None
    other: Mapping[str, str] | None = None  # what "difference" compares to
    pins: Collection[str] = ()
    mine: Mapping[str, str] | None = None  # what "difference" compares; None: the assignment
    cards: Sequence[Sequence[int]] = ()  # the places of the layers of each card shown; () for one layer a card
    shares: Mapping[str, float] | None = None  # of each layer, how sure its device in the plan is

    def style(self, names: Sequence[str], places: Sequence[int]) -> Style:
        """The style of a card that shows these layers (several when it is a folded block)."""
        style = self._unpinned(names, places)
        return replace(style, pinned=True) if any(name in self.pins for name in names) else style

    def _unpinned(self, names: Sequence[str], places: Sequence[int]) -> Style:
        neutral = self.look.raised
        badges = self._badges(names)
        if self.latency is None:
            return Style(neutral, self.look.line, badges)
        rows = np.asarray(places)
        table = self.latency.layer_ms[rows]
        here = self._chosen(names, table)
        note = formatting.ms(here) if here is not None else ""
        struck = here is not None and not np.isfinite(here)
        if self.mode == "time" and here is not None:
            fill = heat(self._part_of_longest(here)) if np.isfinite(here) else neutral
            return Style(fill, blend(fill, self.look.text, 0.35), badges, note, struck)
        if self.mode == "ratio" and table.shape[1] >= 2:
            first, second = table[:, 0].sum(), table[:, 1].sum()
            return self._by_ratio(float(first), float(second), badges)
        if self.mode == "difference":
            return self._by_difference(names, badges, note, struck)
        if self.mode == "stability":
            return self._by_stability(names, badges, struck)
        if not badges:
            return Style(neutral, self.look.line, badges, note, struck)
        strongest = max(badges, key=lambda badge: badge.share).colour
        return Style(blend(neutral, strongest, 0.16), strongest, badges, note, struck)

    def _badges(self, names: Sequence[str]) -> tuple[Badge, ...]:
        if self.assignment is None:
            return ()
        on = [self.assignment[name] for name in names if name in self.assignment]
        return tuple(
            Badge(self.look.device(device), self._letter(device), on.count(device) / len(on))
            for device in dict.fromkeys(on)
        )

    def _letter(self, device: str) -> str:
        return letter(device, self.latency.devices if self.latency else ())

    def _chosen(self, names: Sequence[str], table: np.ndarray) -> float | None:
        """Predicted ms of the layers where they are put; on their faster device while nothing is assigned."""
        if self.latency is None:
            return None
        if self.assignment is None:
            return float(table.min(axis=1).sum())
        column = {device: place for place, device in enumerate(self.latency.devices)}
        return float(sum(table[row, column[self.assignment[name]]] for row, name in enumerate(names)))

    @cached_property
    def _longest(self) -> float:
        """The longest that a shown card can take on either device: folded blocks are told apart too."""
        assert self.latency is not None
        table = np.where(np.isfinite(self.latency.layer_ms), self.latency.layer_ms, 0.0)
        sums = [table[np.asarray(places)].sum(axis=0).max() for places in self.cards if len(places) > 1]
        return float(max([table.max(initial=0.0), *sums]))

    def _part_of_longest(self, value: float) -> float:
        """The square root, so that short layers are told apart too."""
        return (value / self._longest) ** 0.5 if self._longest > 0 else 0.0

    def _by_ratio(self, first: float, second: float, badges: tuple[Badge, ...]) -> Style:
        assert self.latency is not None
        one, two = self.latency.devices[:2]
        if not (np.isfinite(first) and np.isfinite(second) and first > 0 and second > 0):
            only = one if np.isfinite(first) else two
            return Style(self.look.raised, self.look.device(only), badges, f"{only} only")
        lead = float(np.log2(first / second))
        winner = two if lead > 0 else one
        strength = min(abs(lead) / RATIO_SPAN, 1.0)
        fill = blend(self.look.raised, self.look.device(winner), 0.08 + 0.92 * strength)
        note = f"{winner} {formatting.times(2 ** abs(lead))}" if abs(lead) > 0.014 else "equal"
        return Style(fill, self.look.device(winner), badges, note)

    def _by_stability(self, names: Sequence[str], badges: tuple[Badge, ...], struck: bool) -> Style:
        """By the least sure of the card's layers: the stronger, the less its device matters."""
        known = [self.shares[name] for name in names if name in self.shares] if self.shares else []
        if not known:
            return Style(self.look.raised, self.look.line, badges, "not known yet", struck)
        least = min(known)
        fill = blend(self.look.raised, self.look.warning, min(1.0, 2 * (1 - least)) * 0.75)
        return Style(fill, self.look.warning if least < 1 else self.look.line, badges, f"sure {least:.0%}", struck)

    def _by_difference(self, names: Sequence[str], badges: tuple[Badge, ...], note: str, struck: bool) -> Style:
        mine = self.mine if self.mine is not None else self.assignment
        if self.other is None or mine is None:
            return Style(self.look.raised, self.look.line, badges, note, struck)
        differing = [name for name in names if mine.get(name) != self.other.get(name)]
        if not differing:
            return Style(self.look.raised, self.look.line, badges, "same", struck)
        one = differing[0]
        change = f"{self._letter(mine[one])} → {self._letter(self.other[one])}"
        fill = blend(self.look.raised, self.look.warning, 0.45)
        return Style(fill, self.look.warning, badges, change if len(names) == 1 else f"{len(differing)} differ", struck)
