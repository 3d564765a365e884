"""What samples show and what they do not: summaries, paired gains, when to stop measuring, warm-up, drift, outliers.

docs/measurement.md says which method is where, and how it was checked.
"""

from .drift import drift
from .paired import Verdict, fewest, more_rounds, paired_gain, sentence, verdict
from .sequential import Sequential
from .steadiness import Note, notes, steadiness
from .summaries import COVERAGE, FEWEST, intervals, noise, outliers, summarize
from .warmup import warmup_end

__all__ = [
    "COVERAGE",
    "FEWEST",
    "Note",
    "Sequential",
    "Verdict",
    "drift",
    "fewest",
    "intervals",
    "more_rounds",
    "noise",
    "notes",
    "outliers",
    "paired_gain",
    "sentence",
    "steadiness",
    "summarize",
    "verdict",
    "warmup_end",
]
