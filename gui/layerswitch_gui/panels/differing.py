"""Two assignments against each other, worked out without widgets: where they differ, and whether it is real."""

import math
from dataclasses import dataclass

from layerswitch import statistics
from layerswitch.between import between

from .. import wording
from ..document import Document
from .comparing import Row


@dataclass(frozen=True)
class Differing:
    """A layer that two assignments put on different devices, and how many ms longer it runs on the second one's."""

    layer: str
    first: str
    second: str
    change_ms: float | None


def differing(document: Document, first: Row, second: Row) -> list[Differing]:
    """The layers that differ, in execution order; layer times alone, transfers not counted."""
    found = []
    for layer, device in first.assignment.items():
        other = second.assignment[layer]
        if device != other:
            times = document.layer_ms(layer, device), document.layer_ms(layer, other)
            change = times[1] - times[0] if times[0] is not None and times[1] is not None else None
            finite = change is not None and math.isfinite(change)
            found.append(Differing(layer, device, other, change if finite else None))
    return found


def reality(document: Document, first: Row, second: Row) -> str:
    """Whether the measured difference of two assignments is real, in words; says so where it was not measured."""
    if first.assignment == second.assignment:
        return f"{first.name} and {second.name} are the same assignment."
    word = wording.origin(document.origin)
    comparison = document.comparison
    if comparison is not None and first.entry is not None and second.entry is not None:
        gain, shown, more = between(comparison, first.entry, second.entry)
        said = statistics.sentence(first.name, second.name, gain, shown, more)
        real = "The difference is real" if shown != "no difference seen" else "Not shown"
        rounds = f"{gain.samples} round" if gain.samples == 1 else f"{gain.samples} rounds in turns"
        return f"{real}: {said}. {rounds}, {word}."
    if first.measured_ms and second.measured_ms:
        return (
            "Measured in separate runs, between which a board may have warmed up or slowed down: "
            f"{wording.ms(first.measured_ms.median)} and {wording.ms(second.measured_ms.median)}, {word}. "
            "Re-run all (F8) measures them in turns and says whether the difference is real."
        )
    known = [row.predicted_ms for row in (first, second)]
    if None in known or not all(math.isfinite(ms) for ms in known if ms is not None):
        return "Not predicted: profile the network (F5)." if None in known else "One of them cannot run."
    one, two = (float(ms) for ms in known if ms is not None)
    ahead = "as fast as" if abs(one - two) < 5e-4 else "faster than" if one < two else "slower than"
    by = f" by {wording.ms(abs(one - two))}" if abs(one - two) >= 5e-4 else ""
    return (
        f"Predicted only{_at(document)}: {first.name} is {ahead} {second.name}{by}. "
        "Re-run all (F8) measures them in turns and says whether that is real."
    )


def _at(document: Document) -> str:
    """Which switch cost the panel's predictions are of, where another one is being asked about."""
    return ", at the profile's own switch cost" if document.what_if else ""
