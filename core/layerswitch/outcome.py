"""Outcome: what a measurement came to, be it whole, stopped or broken off."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import LayerSwitchError

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """`value` is what was measured, None when that is nothing; `error` what ended it early, None when it is whole."""

    value: T | None
    error: LayerSwitchError | None = None

    def __post_init__(self) -> None:
        if self.value is None and self.error is None:
            raise ValueError("an outcome is a value, an error, or both")

    def whole(self) -> T:
        """The value of a whole measurement. Raises the error that ended it early."""
        if self.error is not None:
            raise self.error
        return self.part()

    def part(self) -> T:
        """The value as far as it was measured. Raises the error when that is nothing."""
        if self.value is None:
            raise self.error or ValueError("nothing was measured")
        return self.value
