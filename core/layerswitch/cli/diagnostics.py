"""What measurements show, and whether they can be trusted, in sentences."""

from collections.abc import Iterable

from ..boards import condition_warnings
from ..experiments.comparison_sentences import coverage, verdicts
from ..experiments.results import Comparison
from ..measurement.conditions import Conditions
from ..measurement.statistics import notes
from .console import counted, say


def warn(lines: Iterable[str]) -> None:
    """One line each on standard error."""
    for line in lines:
        say(f"note: {line}")


def state_notes(conditions: Conditions) -> list[str]:
    """What the board's state before and after warns of: throttling, heat, other work, a lost link."""
    return [warning.text for warning in condition_warnings.warnings(conditions)]


def comparison_notes(result: Comparison) -> list[str]:
    """Each verdict as a sentence, whether it was decided, what was odd about the samples, and what the board's state
    in the rounds warns of."""
    said = verdicts(result)
    if result.decided is not None:
        end = "Decided" if result.decided else "Not decided"
        said.append(f"{end} after {counted(result.rounds, 'round')}, of {result.max_rounds} at most.")
    said += [line] if (line := coverage(result)) else []
    for entry in result.entries:
        if entry.steadiness is not None:
            said += [f"note: {line.text}" for line in notes(entry.steadiness, len(entry.samples_ms), entry.name)]
    said += [f"note: {warning.text}" for warning in condition_warnings.warnings_of_rounds(result.conditions)]
    return said
