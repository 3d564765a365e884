"""What the comparison panel says, worked out without widgets: its rows and its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from layerswitch.experiments.comparison_sentences import coverage, of_profile
from layerswitch.experiments.results import Comparison, Entry, other_profile
from layerswitch.measurement import statistics
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.named_assignment import NamedAssignment, free_name
from layerswitch.prediction.latency_model import LatencyModel

from ...document.document import Document
from ...widgets import formatting
from ...widgets.makers import with_origin

MOST = 200  # assignments remembered


@dataclass(frozen=True)
class Row:
    """One assignment: what is predicted of it, and what was measured, alone or interleaved with others.

    `name` is one that no other row has. `also` are its other names: the optimum may be what greedy finds too, or all on
    one device. `named` is None of what has no name in the document: the current one, or what was compared before.
    """

    name: str
    named: NamedAssignment | None
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
    note: str = ""  # what the comparison shows of it, and how many more rounds would settle it


class Figures:
    """What an edit does not change, worked out once: switches and predicted ms of assignments, and who was compared."""

    def __init__(self) -> None:
        self._latency: LatencyModel | None = None
        self._known: dict[Assignment, tuple[int, float | None]] = {}
        self._comparison: Comparison | None = None
        self._compared: dict[Assignment, Entry] = {}

    def of(self, document: Document, assignment: Assignment) -> tuple[int, float | None]:
        """(switches, predicted ms), at the profile's own transfer cost: no what-if."""
        latency = document.actual_latency  # what is measured stands beside it
        if assignment == document.assignment and document.prediction is not None and latency is document.latency:
            return document.prediction.switches, document.prediction.total_ms
        if latency is not self._latency or len(self._known) > MOST:
            self._latency, self._known = latency, {}
        if assignment not in self._known:
            ms = latency.cost(latency.choice(assignment)) if latency is not None else None
            self._known[assignment] = assignment.switches, ms
        return self._known[assignment]

    def compared(self, document: Document) -> Mapping[Assignment, Entry]:
        """The comparison's entries, one for each assignment: a baseline before its other names, which share samples."""
        if document.comparison is not self._comparison:
            self._comparison, self._compared = document.comparison, {}
            for entry in document.comparison.entries if document.comparison else ():
                self._compared.setdefault(entry.assignment, entry)
        return self._compared


def rows(document: Document, figures: Figures) -> list[Row]:
    """Every named assignment, those of the comparison, and the current one.

    What people named has a row of its own. Baselines, greedy and optimum that are the same assignment share one.
    """
    entries = figures.compared(document)
    found: list[tuple[str, NamedAssignment | None, Assignment, tuple[str, ...]]] = []
    listed: set[Assignment] = set()
    for one in document.computed:
        if one.assignment not in listed:
            listed.add(one.assignment)
            first, *others = [other for other in document.named_as(one.assignment) if other in document.computed]
            found.append((first.name, first, one.assignment, tuple(other.name for other in others)))
    taken = {one.name for one in document.computed}
    rest: list[tuple[str, NamedAssignment | None, Assignment]] = []
    rest += [(one.name, one, one.assignment) for one in document.own]
    known = listed | {one.assignment for one in document.own}
    rest += [(entry.name, None, assignment) for assignment, entry in entries.items() if assignment not in known]
    if document.graph is not None and document.assignment not in {*known, *entries}:
        rest.append(("mine", None, document.assignment))
    for name, named, assignment in rest:
        free = free_name(name, taken)
        taken.add(free)
        found.append((free, named, assignment, ()))
    called = _called(document, entries)
    return [_row(document, figures, *one, entries.get(one[2]), called) for one in found]


def _row(
    document: Document,
    figures: Figures,
    name: str,
    named: NamedAssignment | None,
    assignment: Assignment,
    also: tuple[str, ...],
    entry: Entry | None,
    called: Mapping[str, str],
) -> Row:
    switches, predicted = figures.of(document, assignment)
    if predicted is None and entry is not None:  # what was learned while refining stands in its own panel
        predicted = entry.predicted_ms
    shown = finding(document.comparison, entry, called) if entry and document.comparison else ""
    whole = f"{shown}. {coverage(document.comparison)}".strip() if shown and document.comparison else ""
    beside = document.measured_beside(assignment)
    return Row(
        name=name,
        named=named,
        also=also,
        assignment=assignment,
        current=assignment == document.assignment,
        switches=switches,
        predicted_ms=predicted,
        measured_ms=entry.measured_ms if entry else document.measured.get(assignment),
        interleaved=entry is not None,
        gain=entry.gain if entry else None,
        verdict=(entry.verdict if entry else _alone(document, assignment)) + (f", {beside} profile" if beside else ""),
        entry=entry,
        note="\n".join(filter(None, (whole, of_profile(beside), sure(document, assignment)))),
    )


def _alone(document: Document, assignment: Assignment) -> str:
    """How an assignment that is not in the comparison was measured, if it was."""
    if assignment not in document.measured:
        return "not measured"
    return (
        "measured alone" if any(assignment == run.assignment for run in document.runs) else "in an earlier comparison"
    )


def sure(document: Document, assignment: Assignment) -> str:
    """What resampled profiles say of the plan, beside its interval: what `plan --stability` prints; "" of any other."""
    found = document.trust.stability
    if found is None or assignment != found.assignment:
        return ""
    one, least = formatting.interval(found.one_run_ms.low, found.one_run_ms.high), f"{100 * found.regret.high:.2f} %"
    apart = ", ".join(f"{device} {formatting.percent(spread)}" for device, spread in found.spread.items())
    session = f" Assumed session-to-session variation: {apart}." if apart else ""
    return (
        f"A single inference of it: {one} predicted. {formatting.percent(found.same)} of "
        f"the optima of {found.resamples} resampled profiles are this assignment; it is at most {least} slower than "
        f"the others, in 97.5 % of cases.{session}"
    )


def sentence(document: Document, figures: Figures, *, brief: bool = False) -> str:
    """What the comparison shows, in words that say whether the difference is real, and where its times come from.

    A `brief` one tells of the current assignment only, or of the first.
    """
    comparison = document.comparison
    if document.graph is None:
        return "Open a network to compare assignments."
    if comparison is None:
        return (
            f"Predicted only, so far. Compare assignments (F8) measures the baselines and every assignment here in "
            f"turns, and says whether a difference is real.{_actual(document)}"
        )
    word = formatting.origin(comparison.board.origin)
    entries = figures.compared(document)
    called = _called(document, entries)
    base = comparison.reference_entry
    others = [entry for entry in entries.values() if entry is not base]
    others.sort(key=lambda entry: entry.kind == "baseline")  # what people made comes first
    telling = [entry for entry in others if entry.kind not in ("baseline", "greedy")]
    others = telling if len(others) > 2 and telling else others  # the table has the rest
    if brief:
        mine = entries.get(document.assignment)
        others = [mine] if mine is not None and mine in others else others[:1]
    parts = [_verdict(comparison, entry, called) for entry in others]
    parts = parts or [f"{_verdict(comparison, base, called)} Nothing else was measured."]
    plans = [one for one in comparison.entries if one.kind == "plan" and one is not base]
    parts += [f"The {one.name} is {base.name} itself." for one in plans if one.assignment == base.assignment]
    where = with_origin(comparison.board.title, word)
    parts.append(f"{formatting.counted(comparison.rounds, 'round')} on {where}.")
    parts += filter(None, [of_profile(other_profile(comparison, document.profile))])
    return " ".join(parts) + ("" if brief else _actual(document))


def finding(comparison: Comparison, entry: Entry, called: Mapping[str, str]) -> str:
    """What a comparison shows of one of its assignments against the reference, in the library's words; "" of itself."""
    if entry.gain is None or entry.verdict == "reference":
        return ""
    names = called.get(entry.name, entry.name), called.get(comparison.reference, comparison.reference)
    shown = statistics.sentence(*names, entry.gain, entry.verdict, entry.more_rounds)
    return shown[0].upper() + shown[1:] if entry.verdict == "no difference seen" else shown


def _actual(document: Document) -> str:
    """While another transfer cost is asked about: what stands here is not the answer."""
    return " Predictions here are at the profile's own transfer cost, not the what-if." if document.what_if else ""


def _called(document: Document, entries: Mapping[Assignment, Entry]) -> dict[str, str]:
    """Name of an entry -> what the table calls that assignment: by now it may have another name."""
    found: dict[str, str] = {}
    for assignment, entry in entries.items():
        names = [one.name for one in document.named_as(assignment)]
        found[entry.name] = entry.name if entry.name in names or not names else names[0]
    return found


def _verdict(comparison: Comparison, entry: Entry, called: Mapping[str, str]) -> str:
    shown = finding(comparison, entry, called)
    return f"{shown}." if shown else f"{called.get(entry.name, entry.name)}: {formatting.ms(entry.measured_ms.median)}."
