"""What comes out: plans, runs, comparisons, and the numbers they hold."""

from typing import Literal

from .assignment import Assignment
from .profile import BoardDescription
from .schema import Count, Milliseconds, Value


class Interval(Value, frozen=True):
    """A median within its 95 % interval `low`..`high` from `samples` measurements: ms, or a fraction for gains.

    With fewer than six samples `low`..`high` is their range, which covers less (see statistics.py).
    """

    median: float
    low: float
    high: float
    samples: Count = 1


class Drift(Value, frozen=True):
    """How times changed from a run's first sample to its last, as a fraction of their median: Sen's slope within its
    95 % interval, and Mann-Kendall's `p`; `seen` where that is too small for chance."""

    change: float
    low: float
    high: float
    p: float
    seen: bool


class Steadiness(Value, frozen=True):
    """How steady samples were: the first `warmup` of them differ from the rest; `outliers` are places from 0 on."""

    warmup: Count = 0
    drift: Drift | None = None
    outliers: tuple[Count, ...] = ()


class Transfer(Value, frozen=True):
    """One tensor moved between devices, with its cost."""

    tensor: str
    source: str
    target: str
    bytes: Count
    ms: Milliseconds


class Plan(Value, frozen=True, tag_field="schema", tag="layerswitch/plan/1"):
    """An assignment with its predicted latency, found by the planner, and the proof that none is better.

    `lower_bound_ms` is a bound that no assignment can be under; `optimal` says that it equals `predicted_ms`
    (to rounding). `baselines_ms` are predicted all-on-one-device latencies (absent where a layer has no support),
    `greedy_ms` that of each layer on its faster device. `fingerprint` is that of the network.
    """

    name: str
    network: str
    fingerprint: str
    board: BoardDescription
    assignment: dict[str, str]
    predicted_ms: Milliseconds
    lower_bound_ms: Milliseconds
    optimal: bool
    baselines_ms: dict[str, Milliseconds]
    switches: Count
    transfers: tuple[Transfer, ...] = ()
    greedy_ms: Milliseconds | None = None
    gain: float | None = None
    pins: dict[str, str] = {}
    max_switches: Count | None = None
    method: str = ""

    @property
    def letters(self) -> str:
        """The assignment as one letter per layer."""
        return Assignment(self.assignment).text_on(self.board.device_names)


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
    conditions: dict[str, str] = {}  # clocks, governor, temperature ... while it was taken


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
    conditions: tuple[dict[str, str], ...] = ()  # the board's state before and after, one per round


class NamedAssignment(Value, frozen=True, tag_field="schema", tag="layerswitch/assignment/1"):
    """An assignment a person made and named, as it is written to a file or the clipboard."""

    name: str
    network: str
    assignment: dict[str, str]
    fingerprint: str = ""
