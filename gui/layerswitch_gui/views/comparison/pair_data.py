"""Two assignments against each other, worked out without widgets: where they differ, and whether it is real."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from layerswitch.experiments.comparison_sentences import of_profile
from layerswitch.experiments.pairwise_verdicts import between
from layerswitch.experiments.results import other_profile
from layerswitch.measurement import statistics
from layerswitch.prediction.latency_model import LatencyModel

from ...document.document import Document
from ...widgets import formatting
from .rows import Row


@dataclass(frozen=True)
class Differing:
    """A layer that two assignments put on different devices, and how many ms longer it runs on the second one's."""

    layer: str
    first: str
    second: str
    change_ms: float | None


class Differences(Sequence[Differing]):
    """The layers that differ, in execution order. Each is looked at when it is asked for: thousands may differ."""

    def __init__(self, latency: LatencyModel | None, moves: Sequence[tuple[str, str, str]] = ()) -> None:
        self._latency, self.moves = latency, moves

    @property
    def layers(self) -> list[str]:
        """Their names."""
        return [layer for layer, _, _ in self.moves]

    def __len__(self) -> int:
        return len(self.moves)

    @overload
    def __getitem__(self, place: int) -> Differing: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Differing, ...]: ...
    def __getitem__(self, place: int | slice) -> Differing | tuple[Differing, ...]:
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        layer, first, second = self.moves[place]
        change = math.nan
        if (latency := self._latency) is not None and {first, second} <= {*latency.devices}:
            columns = [latency.devices.index(first), latency.devices.index(second)]
            before, after = latency.layer_ms[latency.graph.index[layer], columns].tolist()
            change = after - before
        return Differing(layer, first, second, change if math.isfinite(change) else None)

    def same_as(self, other: "Differences") -> bool:
        """Whether both say the same of the same layers."""
        return self._latency is other._latency and self.moves == other.moves


def differing(document: Document, first: Row, second: Row) -> Differences:
    """The layers that differ, in execution order; layer times alone, transfers not counted."""
    other = dict(second.assignment)
    moves = [(layer, device, other[layer]) for layer, device in first.assignment.items() if device != other[layer]]
    return Differences(document.latency, moves)


def reality(document: Document, first: Row, second: Row) -> str:
    """Whether the measured difference of two assignments is real, in words; says so where it was not measured."""
    if first.assignment == second.assignment:
        return f"{first.name} and {second.name} are the same assignment."
    comparison = document.comparison
    if comparison is not None and first.entry is not None and second.entry is not None:
        gain, shown, more = between(comparison, first.entry, second.entry)
        words = statistics.sentence(first.name, second.name, gain, shown, more)
        real = "The difference is real" if shown != "no difference seen" else "Not shown"
        rounds = f"{gain.samples} round" if gain.samples == 1 else f"{gain.samples} rounds in turns"
        beside = of_profile(other_profile(comparison, document.profile))
        return f"{real}: {words}. {rounds}, {formatting.origin(comparison.board.origin)}. {beside}".strip()
    if first.measured_ms and second.measured_ms:
        word = formatting.origin(document.runs[-1].board.origin if document.runs else document.origin)
        return (
            "Measured in separate runs, between which a board may have warmed up or slowed down: "
            f"{formatting.ms(first.measured_ms.median)} and {formatting.ms(second.measured_ms.median)}, {word}. "
            "Compare assignments (F8) measures them in turns and shows whether they differ."
        )
    known = [row.predicted_ms for row in (first, second)]
    if None in known or not all(math.isfinite(ms) for ms in known if ms is not None):
        return "Not predicted: profile the network (F5)." if None in known else "One of them cannot run."
    one, two = (float(ms) for ms in known if ms is not None)
    ahead = "as fast as" if abs(one - two) < 5e-4 else "faster than" if one < two else "slower than"
    by = f" by {formatting.ms(abs(one - two))}" if abs(one - two) >= 5e-4 else ""
    return (
        f"Predicted only{_at(document)}: {first.name} is {ahead} {second.name}{by}. "
        "Compare assignments (F8) measures them in turns and shows whether that is so."
    )


def _at(document: Document) -> str:
    """Which transfer cost the panel's predictions are of, where another one is being asked about."""
    return ", at the profile's own transfer cost" if document.what_if else ""
