"""Transfer: one tensor that an assignment moves between devices, with its predicted cost."""

from ..serialization import Count, Milliseconds, Value


class Transfer(Value, frozen=True):
    """One tensor moved between devices, with its cost."""

    tensor: str
    source: str
    target: str
    bytes: Count
    ms: Milliseconds
