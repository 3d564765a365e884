"""Results of measuring assignments: runs and comparisons; and an assignment as it is written to a file of its own."""

from typing import Literal, Protocol

from ..measurement.conditions import UNKNOWN, Conditions
from ..measurement.profile import BoardDescription, Profile
from ..measurement.sample_summary import Interval, Steadiness
from ..network.assignment import Assignment
from ..network.named_assignment import Kind
from ..serialization import Count, Milliseconds, Value


class Run(Value, frozen=True, tag_field="schema", tag="layerswitch/run/2"):
    """Measured executions of one assignment. `samples_ms` are whole inferences, one each; `segments_ms[i]` and
    `transfers_ms[i]` those of segment i and of entering it (index 0 is always 0). `verified` says whether the outputs
    equalled the CPU-only run's (None: the engine computes none). `segments` are the layers of each segment in the order
    they were executed, where that was not the network's order; else segments are `Assignment.segments`. `kind` says
    what the assignment is; `profile_created` when the profile was taken that was open meanwhile, "" where none was."""

    name: str
    network: str
    fingerprint: str
    board: BoardDescription
    assignment: Assignment
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
    kind: Kind = "own"
    profile_created: str = ""


class Entry(Value, frozen=True):
    """One assignment in a comparison: what it is, what was predicted of it and what was measured, round by round."""

    name: str
    kind: Kind
    assignment: Assignment
    predicted_ms: Milliseconds | None
    measured_ms: Interval
    samples_ms: tuple[Milliseconds, ...]
    switches: Count
    gain: Interval | None = None  # against the better baseline, as a fraction, paired by round
    verdict: Literal["reference", "faster", "slower", "no difference seen"] = "reference"
    more_rounds: Count | None = None  # that would decide it; None where it is decided, or no number will
    steadiness: Steadiness | None = None


class Comparison(Value, frozen=True, tag_field="schema", tag="layerswitch/comparison/2"):
    """Assignments measured interleaved, in random order within each round, on one board.

    All gains' intervals hold together with 95 %: each covers 1 - 0.05 / `pairs`. `decided` says whether measuring until
    decided came to an end before `max_rounds`; both None for a number of rounds fixed beforehand. No two
    entries share a name. `profile_created` says when the profile was taken that predicted them, "" where none did.
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
    profile_created: str = ""

    @property
    def reference_entry(self) -> Entry:
        """What gains and verdicts are against: the better baseline, or the first where there is none."""
        return next((one for one in self.entries if one.name == self.reference), self.entries[0])


class OfProfile(Protocol):
    """A result that says which profile was open when it was measured."""

    @property
    def profile_created(self) -> str:
        """When that profile was taken; "" where there was none."""


def other_profile(result: OfProfile, profile: Profile | None) -> Literal["", "earlier", "later"]:
    """Whether it was measured beside an earlier or a later profile than this one; "" where not, or nobody knows."""
    if profile is None or not result.profile_created or result.profile_created == profile.created:
        return ""
    return "earlier" if result.profile_created < profile.created else "later"


class AssignmentFile(Value, frozen=True, tag_field="schema", tag="layerswitch/assignment/1"):
    """An assignment that a person made and named, of layers or blocks, as people write it to a file."""

    name: str
    network: str
    assignment: Assignment
    fingerprint: str = ""
