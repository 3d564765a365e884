"""What measurements show, and whether they can be trusted, in sentences."""

from collections.abc import Iterable, Mapping

from ..boards import state
from ..results import Comparison, Entry, Interval
from ..statistics import COVERAGE, Sequential, fewest, notes, sentence
from .output import counted, say


def warn(lines: Iterable[str]) -> None:
    """One line each on standard error."""
    for line in lines:
        say(f"note: {line}")


def state_notes(conditions: Mapping[str, str]) -> list[str]:
    """What the board's state before and after warns of: throttling, heat, other work, a lost link."""
    return [warning.text for warning in state.warnings(conditions)]


def comparison_notes(result: Comparison) -> list[str]:
    """Each verdict as a sentence, whether it was decided, what was odd about the samples, and what the board's state
    in the rounds warns of."""
    said = [f"{line}." for entry in result.entries if (line := _shown(result, entry))]
    if result.decided is not None:
        end = "Decided" if result.decided else "Not decided"
        said.append(f"{end} after {counted(result.rounds, 'round')}, of {result.max_rounds} at most.")
    said += _coverage(result)
    for entry in result.entries:
        if entry.steadiness is not None:
            said += [f"note: {line}" for line in notes(entry.steadiness, len(entry.samples_ms), entry.name)]
    said += [f"note: {warning.text}" for warning in state.warnings_of_rounds(result.conditions)]
    return said


def _shown(result: Comparison, entry: Entry) -> str:
    """What was shown of one assignment against the reference."""
    if entry.verdict == "reference":
        return ""
    if entry.assignment == next(one.assignment for one in result.entries if one.name == result.reference):
        return f"{entry.name} is the same assignment as {result.reference}: its samples are the same"
    if entry.gain is None:
        return sentence(entry.name, result.reference, Interval(0.0, 0.0, 0.0, 0), entry.verdict)
    return sentence(entry.name, result.reference, entry.gain, entry.verdict, entry.more_rounds)


def _coverage(result: Comparison) -> list[str]:
    """What the gains' intervals cover: too few rounds leave their range, which covers less than 95 %."""
    coverage = 1.0 - (1.0 - COVERAGE) / result.pairs
    rounds = min((entry.gain.samples for entry in result.entries if entry.gain is not None), default=0)
    possible = rounds >= fewest(coverage)
    if result.max_rounds is not None:
        possible = Sequential(result.max_rounds, coverage).needed(rounds) <= rounds
    if rounds and not possible:
        least = "" if rounds == 1 else f", which holds the true gain in {1 - 2.0 ** (1 - rounds):.1%} of cases"
        few = f"{counted(rounds, 'round')} {'is' if rounds == 1 else 'are'} too few for a gain's interval"
        return [f"{few}: its range is shown{least}."]
    if rounds and result.pairs > 1:
        return [f"Intervals are so wide that all hold together with 95 % (among {result.pairs} pairs)."]
    return []
