"""What a summary of samples says: a median in its interval, a drift, how steady samples were."""

from ..serialization import Count, Value


class Interval(Value, frozen=True):
    """A median within its 95 % interval `low`..`high` from `samples` measurements: ms, or a fraction for gains.

    With fewer than six samples `low`..`high` is their range, which covers less (summaries.py).
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
