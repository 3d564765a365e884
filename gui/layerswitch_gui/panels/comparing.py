"""What the comparison panel says, worked out without widgets: its rows and its sentence."""

from dataclasses import dataclass

from layerswitch.assignment import Assignment
from layerswitch.latency import LatencyModel
from layerswitch.results import Entry, Interval

from .. import wording
from ..document import Document, free_name
from .widgets import with_origin

MOST = 200  # assignments remembered


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
    entry: Entry | None = None  # where it was compared: round by round


class Figures:
    """Switches and predicted ms of assignments, worked out once for a latency model: an edit changes one of many."""

    def __init__(self) -> None:
        self._latency: LatencyModel | None = None
        self._known: dict[Assignment, tuple[int, float | None]] = {}

    def of(self, document: Document, assignment: Assignment) -> tuple[int, float | None]:
        """(switches, predicted ms), at the profile's own switch cost: no what-if."""
        latency = document.actual_latency  # what is measured stands beside it
        if assignment == document.assignment and document.prediction is not None and latency is document.latency:
            return document.prediction.switches, document.prediction.total_ms
        if latency is not self._latency or len(self._known) > MOST:
            self._latency, self._known = latency, {}
        if assignment not in self._known:
            ms = latency.cost(latency.choice(assignment)) if latency is not None else None
            self._known[assignment] = assignment.switches, ms
        return self._known[assignment]


def rows(document: Document, figures: Figures) -> list[Row]:
    """Every named assignment, those of the comparison, and the current one.

    What people named has a row of its own. Baselines, greedy and optimum that are the same assignment share one.
    """
    entries = (
        {Assignment(entry.assignment): entry for entry in document.comparison.entries} if document.comparison else {}
    )
    found: list[tuple[str, Assignment, tuple[str, ...]]] = []
    listed: set[Assignment] = set()
    for name, assignment in document.named.items():
        if not is_own(document, name):
            if assignment in listed:
                continue
            names = [other for other in document.names_of(assignment) if not is_own(document, other)]
            found.append((names[0], assignment, tuple(names[1:])))
        else:
            found.append((name, assignment, ()))
        listed.add(assignment)
    taken = {name for name, _, _ in found} | set(document.named)
    rest = [(entry.name, assignment) for assignment, entry in entries.items()]
    if document.graph is not None:
        rest.append(("mine", document.assignment))
    for name, assignment in rest:
        if assignment not in listed:
            free = free_name(name, taken)
            taken.add(free)
            listed.add(assignment)
            found.append((free, assignment, ()))
    return [
        _row(document, figures, name, assignment, also, entries.get(assignment)) for name, assignment, also in found
    ]


def is_own(document: Document, name: str) -> bool:
    """Whether people gave this name: what they named they may rename and delete."""
    plan = document.plan.name if document.plan else ""
    return name in document.named and name not in (*document.devices, "greedy", plan)


def _row(
    document: Document,
    figures: Figures,
    name: str,
    assignment: Assignment,
    also: tuple[str, ...],
    entry: Entry | None,
) -> Row:
    switches, predicted = figures.of(document, assignment)
    if entry is not None and entry.predicted_ms is not None:
        predicted = entry.predicted_ms
    return Row(
        name=name,
        also=also,
        assignment=assignment,
        current=assignment == document.assignment,
        switches=switches,
        predicted_ms=predicted,
        measured_ms=entry.measured_ms if entry else document.measured.get(assignment),
        interleaved=entry is not None,
        gain=entry.gain if entry else None,
        verdict=entry.verdict if entry else "",
        entry=entry,
    )


def sentence(document: Document, *, brief: bool = False) -> str:
    """What the comparison shows, in words that say whether the difference is real, and where its times come from.

    A `brief` one tells of the current assignment only, or of the first.
    """
    comparison = document.comparison
    if document.graph is None:
        return "Open a network to compare assignments."
    if comparison is None:
        return (
            f"Predicted only, so far. Re-run all (F8) measures the baselines and every assignment here in turns, "
            f"and says whether a difference is real.{_actual(document)}"
        )
    word = wording.origin(comparison.board.origin)
    baselines = comparison.board.device_names
    others = [entry for entry in comparison.entries if entry.name != comparison.reference]
    others.sort(key=lambda entry: entry.name in baselines)  # what people made comes first
    telling = [entry for entry in others if entry.name not in (*baselines, "greedy")]
    others = telling if len(others) > 2 and telling else others  # the table has the rest
    if brief:
        mine = [entry for entry in others if Assignment(entry.assignment) == document.assignment]
        others = (mine or others)[:1]
    parts = [_verdict(entry, comparison.reference) for entry in others]
    where = with_origin(comparison.board.title, word)
    parts.append(f"{comparison.rounds} {'round' if comparison.rounds == 1 else 'rounds'} on {where}.")
    return " ".join(parts) + ("" if brief else _actual(document))


def _actual(document: Document) -> str:
    """While another switch cost is asked about: what stands here is not the answer."""
    return " Predictions here are at the profile's own switch cost, not the what-if." if document.what_if else ""


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
