"""The network's constants: in the file, or made from constants in the file. Read when asked for, and then let go."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ....errors import ModelError
from ...graph import Tensor
from ..budgets import MOST_MADE_BYTES
from .records import Array, Shape, Sparsity
from .sparse_constants import densify

SMALL = 4096
"""Elements up to which a value is known while the file is read: shapes and axes are."""

ROOM = 2**22
"""Elements of computed values that are kept, all together."""

DEEPEST = 256
"""Computations behind one constant, at most: each costs time whenever it is asked for."""

UNLIKE_NUMPY = ("int4", "bfloat16", "string", "resource", "variant")


class Source(Protocol):
    """Where a constant comes from."""

    def load(self) -> Array:
        """The value, C-contiguous."""


@dataclass(frozen=True)
class Literal:
    """A value the reader made itself."""

    value: Array

    def load(self) -> Array:
        """The value."""
        return self.value.copy()


@dataclass(frozen=True)
class Derived:
    """A value computed from other constants each time it is asked for."""

    compute: Callable[[], Array]
    tensor: Tensor

    def load(self) -> Array:
        """The value. Raises ModelError when it cannot be computed or has not the shape it should have."""
        try:
            with np.errstate(all="ignore"):
                value = np.ascontiguousarray(self.compute()).reshape(self.tensor.shape)
        except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError, RecursionError) as error:
            raise ModelError(f"constant {self.tensor.name!r} cannot be computed: {error}") from error
        return value


class StoredFile:
    """The model file, as it was when it was opened: one that was written over since is not read."""

    def __init__(self, path: Path) -> None:
        self.path, self._stamp = path, self._stat(path)

    @staticmethod
    def _stat(path: Path) -> tuple[int, int]:
        try:
            found = path.stat()
        except OSError as error:
            raise ModelError(error.strerror or "cannot be read", where=str(path)) from error
        return found.st_size, found.st_mtime_ns

    def read(self, offset: int, length: int) -> Array:
        """Bytes of the file, [length] uint8. A mapping would end the process if the file were cut short meanwhile."""
        if self._stat(self.path) != self._stamp:
            raise ModelError("the file has changed since it was opened", where=str(self.path), hint="open it again")
        try:
            raw = np.fromfile(self.path, np.uint8, count=length, offset=offset)
        except (OSError, MemoryError) as error:
            raise ModelError(f"cannot be read: {error}", where=str(self.path)) from error
        if raw.size != length:
            raise ModelError("a constant is no longer in the file", where=str(self.path), hint="open it again")
        return raw


@dataclass(frozen=True)
class Stored:
    """A constant of the file. int4 is unpacked to int8 and bfloat16 widened to float32, which numpy lacks."""

    file: StoredFile
    offset: int
    length: int
    dtype: str
    shape: Shape
    sparsity: Sparsity | None = None

    def load(self) -> Array:
        """The value, [shape]."""
        raw = self.file.read(self.offset, self.length)
        if self.dtype == "int4":
            low, high = (raw << 4).view(np.int8) >> 4, raw.view(np.int8) >> 4
            value: Array = np.stack([low, high], -1).reshape(-1)[: math.prod(self.shape)]
        elif self.dtype == "bfloat16":
            value = (raw.view("<u2").astype(np.uint32) << 16).view(np.float32)
        elif self.dtype in ("string", "resource", "variant"):
            return raw
        else:
            value = raw.view(np.dtype(self.dtype).newbyteorder("<")).astype(self.dtype, copy=False)
        return value.reshape(self.shape) if self.sparsity is None else densify(value, self.shape, self.sparsity)


class ConstantTable:
    """Name -> constant. Implements model.Constants."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._room = ROOM
        self.tensors: dict[str, Tensor] = {}
        self.cost: dict[str, int] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __getitem__(self, name: str) -> Array:
        return self._sources[name].load()

    def add(self, tensor: Tensor, source: Source, cost: int = 1) -> None:
        """Put a constant in; `cost` counts the computations behind it."""
        self._sources[tensor.name], self.tensors[tensor.name], self.cost[tensor.name] = source, tensor, cost

    def derive(self, tensor: Tensor, compute: Callable[..., Array], inputs: tuple[str, ...]) -> bool:
        """Put in a constant computed from others; False when there is too much behind it to compute it each time."""
        cost = 1 + sum(self.cost[name] for name in inputs)
        if cost > DEEPEST or tensor.bytes > MOST_MADE_BYTES:
            return False
        kind = None if tensor.dtype in UNLIKE_NUMPY else tensor.dtype
        source: Source = Derived(lambda: np.asarray(compute(*(self[name] for name in inputs)), kind), tensor)
        if tensor.elements <= SMALL and self._room >= tensor.elements:  # kept, since shapes are computed from it
            self._room -= tensor.elements
            source, cost = Literal(source.load()), 1
        self.add(tensor, source, cost)
        return True

    def small(self, name: str) -> Array | None:
        """The value if it is small, as shapes and axes are; else None."""
        return self[name] if self.tensors[name].elements <= SMALL else None
