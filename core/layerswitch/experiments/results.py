"""Results of measuring assignments: runs, comparisons, and assignments with names."""

from typing import Literal

from ..measurement.conditions import UNKNOWN, Conditions
from ..measurement.profile import BoardDescription
from ..measurement.sample_summary import Interval, Steadiness
from ..serialization import Count, Milliseconds, Value


class Run(Value, frozen=True, tag_field="schema", tag="layerswitch/run/1"):
    """Measured executions of one assignment. `samples_ms` are whole inferences, one each; `segments_ms[i]` and
    `transfers_ms[i]` those of segment i and of entering it (index 0 is always 0). `verified` says whether the outputs
    equalled the CPU-only run's (None: the engine computes none). `segments` are the layers of each segment in the order
    they were executed, where that was not the network's order; else segments are `Assignment.segments`."""

    name: str
    network: str
    fingerprint: str
    board: BoardDescription
    assignment: dict[str, str]
    samples_ms: tuple[Milliseconds, ...]
    segments_ms: tuple[tuple[Milliseconds, ...], ...] = ()
    transfers_ms: tuple[tuple[Milliseconds, ...], ...] = ()
    segments: tuple[tuple[str, ...], ...] = ()
    warmup: Count = 0
    verified: bool | None = None
    created: str = ""
    steadiness: Steadiness | None = None
    conditions: Conditions = UNKNOWN
    notes: dict[str, str] = {}  # label -> text, for people: what the engine says besides


class Entry(Value, frozen=True):
    """One assignment in a comparison: what was predicted of it and what was measured, round by round."""

    name: str
    assignment: dict[str, str]
    predicted_ms: Milliseconds | None
    measured_ms: Interval
    samples_ms: tuple[Milliseconds, ...]
    switches: Count
    gain: Interval | None = None  # against the better baseline, as a fraction, paired by round
    verdict: Literal["reference", "faster", "slower", "no difference seen"] = "reference"
    more_rounds: Count | None = None  # that would settle it; None where it is settled, or no number will
    steadiness: Steadiness | None = None


class Comparison(Value, frozen=True, tag_field="schema", tag="layerswitch/comparison/1"):
    """Assignments measured interleaved, in random order within each round, on one board.

    All gains' intervals hold together with 95 %: each covers 1 - 0.05 / `pairs`. `decided` says whether measuring until
    decided came to an end before `max_rounds`; both None for a number of rounds fixed beforehand.
    """

    network: str
    fingerprint: str
    board: BoardDescription
    rounds: Count
    entries: tuple[Entry, ...]
    reference: str  # the entry that gains and verdicts are against: the better baseline
    seed: Count = 0
    created: str = ""
    pairs: Count = 1
    max_rounds: Count | None = None
    decided: bool | None = None
    conditions: tuple[Conditions, ...] = ()  # one per round; none where the board says nothing


class NamedAssignment(Value, frozen=True, tag_field="schema", tag="layerswitch/assignment/1"):
    """An assignment a person made and named, as it is written to a file or the clipboard."""

    name: str
    network: str
    assignment: dict[str, str]
    fingerprint: str = ""
