"""What the comparison panel says, worked out without widgets: its rows and its sentence."""

from dataclasses import dataclass

from layerswitch.assignment import Assignment
from layerswitch.results import Entry, Interval

from .. import wording
from ..document import Document, free_name


@dataclass(frozen=True)
class Row:
    """One assignment: what is predicted of it, and what was measured, alone or interleaved with others.

    `also` are its other names: the optimum may be what greedy finds too, or all on one device.
    """

    name: str
    also: tuple[str, ...]
    assignment: Assignment
    current: bool
    switches: int
    predicted_ms: float | None
    measured_ms: Interval | None
    interleaved: bool
    gain: Interval | None
    verdict: str


def rows(document: Document) -> list[Row]:
    """Every named assignment, those of the comparison, and the current one, each once."""
    entries = {e.name: e for e in document.comparison.entries} if document.comparison else {}
    known: dict[str, Assignment] = {name: Assignment(entry.assignment) for name, entry in entries.items()}
    for assignment in document.named.values():
        if assignment not in known.values():
            known[document.name_of(assignment)] = assignment
    if document.graph is not None and document.assignment not in known.values():
        known[free_name("mine", known)] = document.assignment
    return [_row(document, name, assignment, entries.get(name)) for name, assignment in known.items()]


def _row(document: Document, name: str, assignment: Assignment, entry: Entry | None) -> Row:
    predicted = entry.predicted_ms if entry else None
    if predicted is None and document.latency is not None:
        predicted = document.latency.cost(document.latency.choice(assignment))
    return Row(
        name=name,
        also=tuple(other for other in document.names_of(assignment) if other != name),
        assignment=assignment,
        current=assignment == document.assignment,
        switches=assignment.switches,
        predicted_ms=predicted,
        measured_ms=entry.measured_ms if entry else document.measured.get(assignment),
        interleaved=entry is not None,
        gain=entry.gain if entry else None,
        verdict=entry.verdict if entry else "",
    )


def sentence(document: Document) -> str:
    """What the comparison shows, in words that say whether the difference is real, and where its times come from."""
    comparison = document.comparison
    if document.graph is None:
        return "Open a network to compare assignments."
    if comparison is None:
        return (
            "Predicted only, so far. Compare (F8) measures the baselines, the optimum and your assignment interleaved, "
            "and says whether a difference is real."
        )
    word = wording.origin(comparison.board.origin)
    baselines = comparison.board.device_names
    others = [entry for entry in comparison.entries if entry.name != comparison.reference]
    others.sort(key=lambda entry: entry.name in baselines)  # what people made comes first
    parts = [_verdict(entry, comparison.reference) for entry in others]
    parts.append(f"{comparison.rounds} rounds, {word}, on {comparison.board.title}.")
    return " ".join(parts)


def _verdict(entry: Entry, reference: str) -> str:
    name = entry.name
    if entry.gain is None or entry.verdict == "reference":
        return f"{name}: {wording.ms(entry.measured_ms.median)}."
    gain = entry.gain
    low, high = sorted((abs(gain.low), abs(gain.high)))
    span = f"{wording.percent(low)} to {wording.percent(high)}"
    match entry.verdict:
        case "faster":
            return f"{name} is faster than {reference} by {wording.percent(gain.median)} ({span})."
        case "slower":
            return f"{name} is slower than {reference} by {wording.percent(-gain.median)} ({span})."
        case _:
            span = f"{wording.percent(gain.low, signed=True)} to {wording.percent(gain.high, signed=True)}"
            return f"Between {name} and {reference} no difference is seen ({span})."
