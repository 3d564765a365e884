"""What a comparison shows, in sentences that claim no more than its rounds."""

from typing import Literal

from ..measurement.sample_summary import Interval
from ..measurement.statistics import COVERAGE, Sequential, fewest, sentence
from .results import Comparison, Entry


def verdicts(result: Comparison) -> list[str]:
    """What was shown of each assignment against the reference, in the order of the entries."""
    return [f"{line}." for entry in result.entries if (line := _shown(result, entry))]


def reference_role(result: Comparison) -> str:
    """What the reference is among the baselines, which may not be known to differ."""
    baselines = sum(entry.kind == "baseline" for entry in result.entries)
    if not baselines:
        return "the first one given, for no device runs all layers"
    if baselines == 1:
        return "the only baseline"
    return f"the baseline with the {'lower' if baselines == 2 else 'lowest'} median"


def coverage(result: Comparison) -> str:
    """What the gains' intervals cover: too few rounds leave their range, which covers less than 95 %.

    "" where nothing needs to be said: one pair, and enough rounds.
    """
    wanted = 1.0 - (1.0 - COVERAGE) / result.pairs
    rounds = min((entry.gain.samples for entry in result.entries if entry.gain is not None), default=0)
    possible = rounds >= fewest(wanted)
    if result.max_rounds is not None:
        possible = Sequential(result.max_rounds, wanted).needed(rounds) <= rounds
    if rounds and not possible:
        least = "" if rounds == 1 else f", which holds the true gain in {1 - 2.0 ** (1 - rounds):.1%} of cases"
        few = "1 round is" if rounds == 1 else f"{rounds} rounds are"
        return f"{few} too few for a gain's interval: its range is shown{least}."
    if rounds and result.pairs > 1:
        return f"Intervals are so wide that all hold together with 95 % (among {result.pairs} pairs)."
    return ""


def of_profile(which: Literal["", "earlier", "later"]) -> str:
    """What marks a result of another profile than the one it is shown with; "" of that profile's own."""
    return f"Measured as of the {which} profile, not of this one." if which else ""


def _shown(result: Comparison, entry: Entry) -> str:
    """What was shown of one assignment against the reference."""
    if entry.verdict == "reference":
        return ""
    if entry.assignment == result.reference_entry.assignment:
        return f"{entry.name} is the same assignment as {result.reference}: its samples are the same"
    gain = entry.gain or Interval(0.0, 0.0, 0.0, 0)
    return sentence(entry.name, result.reference, gain, entry.verdict, entry.more_rounds)
