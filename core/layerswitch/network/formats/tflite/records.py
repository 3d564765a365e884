"""What a TFLite file says, as plain Python records: nothing of the flatbuffer is needed after they are made."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tflite

from ...graph import Quantization

Array = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]


def _names(enumeration: type) -> dict[int, str]:
    return {number: name for name, number in vars(enumeration).items() if isinstance(number, int)}


DTYPES = {number: name.lower() for number, name in _names(tflite.TensorType).items()}
"""TFLite's number of an element type -> its name in LayerGraph."""

OPERATORS = _names(tflite.BuiltinOperator)
ACTIVATIONS = _names(tflite.ActivationFunctionType)
OPTIONS = _names(tflite.BuiltinOptions)
OPTIONS_2 = _names(tflite.BuiltinOptions2)
CUSTOM, NEWER = tflite.BuiltinOperator.CUSTOM, tflite.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES


@dataclass(frozen=True)
class SparseAxis:
    """One level of a sparse tensor's traversal: dense with `size` steps, or compressed rows."""

    size: int
    segments: Array | None = None
    indices: Array | None = None


@dataclass(frozen=True)
class Sparsity:
    """How a sparse constant is stored (tensorflow/lite/schema/schema.fbs, SparsityParameters)."""

    order: tuple[int, ...]
    block_map: tuple[int, ...]
    axes: tuple[SparseAxis, ...]


@dataclass(frozen=True)
class FileTensor:
    """A tensor of the file. `offset` and `length` (bytes) say where its data is; length 0 means it has none."""

    name: str
    shape: Shape
    signature: Shape
    dtype: str
    offset: int = 0
    length: int = 0
    variable: bool = False
    quantization: Quantization | None = None
    sparsity: Sparsity | None = None

    @property
    def free(self) -> tuple[int | None, ...] | None:
        """The shape with None for what the file leaves free, or None when it leaves nothing free."""
        if not any(size < 0 for size in self.signature):
            return None
        return tuple(None if size < 0 else size for size in self.signature)


@dataclass(frozen=True)
class FileOperator:
    """An operator of the file; inputs and outputs are places in the list of tensors, -1 an input left out.

    `raw` are the options of a custom operator, as its own maker wrote them.
    """

    code: str
    custom: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""


@dataclass(frozen=True)
class FileGraph:
    """The file's main subgraph."""

    tensors: tuple[FileTensor, ...]
    operators: tuple[FileOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
