"""What samples say of the conditions they were taken under, as a value and as sentences."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ..sample_summary import Steadiness
from .drift import drift
from .summaries import outliers
from .warmup import warmup_end


def steadiness(samples: Sequence[float]) -> Steadiness:
    """Warm-up, drift after it, and outliers after it (places in `samples`) of whole inferences in the order taken."""
    start = warmup_end(samples)
    steady = samples[start:]
    return Steadiness(start, drift(steady), tuple(start + place for place in outliers(steady)))


class Note(NamedTuple):
    """What is not as it should be among some samples: of which kind it is, and one sentence."""

    kind: Literal["drift", "warm-up", "outliers"]
    text: str


def notes(found: Steadiness, count: int, what: str = "") -> tuple[Note, ...]:
    """What is not as it should be among `count` samples; nothing where all is well."""
    said: list[Note] = []
    where = f"{what}: " if what else ""
    if found.warmup:
        first = "first" if found.warmup == 1 else f"first {found.warmup}"
        differ = "differs" if found.warmup == 1 else "differ"
        said.append(Note("warm-up", f"{where}warm-up: the {first} of {count} samples {differ} from the rest"))
    if found.drift is not None and found.drift.seen:
        change, low, high = (100 * one for one in (found.drift.change, found.drift.low, found.drift.high))
        text = f"{where}drift: times changed by {change:+.1f} % ({low:+.1f} to {high:+.1f}) from first to last"
        said.append(Note("drift", text))
    if found.outliers:
        numbers = ", ".join(str(place + 1) for place in found.outliers[:8])
        more = f" and {len(found.outliers) - 8} more" if len(found.outliers) > 8 else ""
        text = f"{where}outliers (kept): {len(found.outliers)} of {count}, sample {numbers}{more}"
        said.append(Note("outliers", text))
    return tuple(said)
