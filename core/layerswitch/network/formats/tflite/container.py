"""From the flatbuffer to records, on the guard against damaged and hostile files.

Flatbuffers in Python checks nothing: lengths and offsets are followed wherever they point. So every list is paid for
from a budget in proportion to the file's size before it is read, which bounds time and memory whatever the file says.
"""

import math
import mmap
import struct
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tflite

from ....errors import ModelError
from ...graph import Quantization
from ..budgets import MOST_OPERATORS, check_operators
from .records import (
    CUSTOM,
    DTYPES,
    NEWER,
    OPERATORS,
    OPTIONS,
    OPTIONS_2,
    FileGraph,
    FileOperator,
    FileTensor,
    SparseAxis,
    Sparsity,
)

MARK = b"TFL3"
GARBAGE = (struct.error, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, BufferError)
"""What the flatbuffers library raises when offsets lead astray."""

MOST_TABLES = 2 * MOST_OPERATORS
"""In a list of the file: tensors, buffers, kinds of operators."""

ROUNDS = 16
"""How many times over a file's own bytes may be read; strings and lists can be shared, but not without end."""


def read_file(path: Path) -> FileGraph:
    """The main network of a TFLite file. Raises ModelError when the file cannot be read or is damaged."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
            if not head:
                raise ModelError("the file is empty", where=str(path))
            if head[4:] != MARK:
                raise ModelError("not a TFLite model", where=str(path))
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ModelError(getattr(error, "strerror", None) or "cannot be read", where=str(path)) from error
    try:
        return _Reader(mapped).graph()
    except GARBAGE as error:
        raise ModelError(f"the TFLite file is damaged or cut short ({error})", where=str(path)) from error
    except ModelError as error:
        raise ModelError(error.what, where=str(path), hint=error.hint) from error


class _Reader:
    """Follows the flatbuffer's tables; every method raises ModelError or one of GARBAGE."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._size = data, len(data)
        self._budget = ROUNDS * self._size + 65536
        self._model = tflite.Model.GetRootAs(data, 0)

    def graph(self) -> FileGraph:
        subgraphs = self._model.SubgraphsLength()
        if not subgraphs:
            raise ModelError("the TFLite file holds no network")
        main = self._model.Subgraphs(0)
        buffers = [self._location(buffer) for buffer in self._tables(self._model, "Buffers")]
        tensors = tuple(self._tensor(table, buffers) for table in self._tables(main, "Tensors"))
        codes = [self._code(table) for table in self._tables(self._model, "OperatorCodes")]
        check_operators(main.OperatorsLength(), "")
        operators = tuple(self._operator(table, codes) for table in self._tables(main, "Operators"))
        return FileGraph(tensors, operators, self._numbers(main, "Inputs"), self._numbers(main, "Outputs"))

    def _spend(self, size: int) -> None:
        self._budget -= size
        if size > self._size or self._budget < 0:
            raise ModelError("the TFLite file is damaged: it describes more than it can hold")

    def _tables(self, owner: Any, name: str) -> list[Any]:
        count = getattr(owner, f"{name}Length")()
        if count > MOST_TABLES:  # many can be one and the same table, which is read for each
            raise ModelError(f"the TFLite file lists {count} {name.lower()}, more than {MOST_TABLES}")
        self._spend(4 * count)
        return [getattr(owner, name)(place) for place in range(count)]

    def _array(self, owner: Any, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        """A list of numbers; empty when the file leaves it out. A copy, for the mapping does not last."""
        count = getattr(owner, f"{name}Length")()
        self._spend(count)
        if not count:
            return np.empty(0, np.int32)
        found = np.array(getattr(owner, f"{name}AsNumpy")())
        self._spend(found.nbytes)
        return found

    def _numbers(self, owner: Any, name: str) -> tuple[int, ...]:
        return tuple(self._array(owner, name).tolist())

    def _text(self, text: bytes | None) -> str:
        self._spend(len(text or b""))
        return (text or b"").decode("utf-8", "replace")

    def _location(self, buffer: Any) -> tuple[int, int]:
        """Offset and length in bytes of a buffer's data."""
        if buffer.Size() > 1:  # data of files over 2 GB lies behind the flatbuffer
            offset, length = buffer.Offset(), buffer.Size()
        elif (length := buffer.DataLength()) > 0:
            offset = buffer._tab.Vector(buffer._tab.Offset(4))
        else:
            return 0, 0
        if offset + length > self._size:
            raise ModelError("the TFLite file is cut short: a constant's data lies past its end")
        return offset, length

    def _tensor(self, table: Any, buffers: list[tuple[int, int]]) -> FileTensor:
        name = self._text(table.Name())
        if table.Type() not in DTYPES:
            raise ModelError(f"tensor {name!r} has elements of the unknown type {table.Type()}")
        if table.Buffer() >= len(buffers):
            raise ModelError(f"tensor {name!r} has its data in buffer {table.Buffer()}, but there are {len(buffers)}")
        offset, length = buffers[table.Buffer()]
        quantization, sparsity = table.Quantization(), table.Sparsity()
        return FileTensor(
            name,
            self._numbers(table, "Shape"),
            self._numbers(table, "ShapeSignature"),
            DTYPES[table.Type()],
            offset,
            length,
            bool(table.IsVariable()),
            self._quantization(quantization, name) if quantization else None,
            self._sparsity(sparsity) if sparsity else None,
        )

    def _quantization(self, table: Any, name: str) -> Quantization | None:
        scales, zeros = self._numbers(table, "Scale"), self._numbers(table, "ZeroPoint")
        if not scales:
            return None
        if len(zeros) not in (0, 1, len(scales)) or not all(math.isfinite(scale) and scale >= 0 for scale in scales):
            raise ModelError(f"tensor {name!r} has an impossible quantization")
        zeros = zeros if len(zeros) == len(scales) else (zeros or (0,)) * len(scales)
        return Quantization(scales, zeros, table.QuantizedDimension() if len(scales) > 1 else None)

    def _sparsity(self, table: Any) -> Sparsity:
        axes = []
        for entry in self._tables(table, "DimMetadata"):
            if entry.Format() == tflite.DimensionType.DENSE:
                axes.append(SparseAxis(entry.DenseSize()))
            else:
                segments = self._indices(entry.ArraySegmentsType(), entry.ArraySegments())
                axes.append(SparseAxis(0, segments, self._indices(entry.ArrayIndicesType(), entry.ArrayIndices())))
        return Sparsity(self._numbers(table, "TraversalOrder"), self._numbers(table, "BlockMap"), tuple(axes))

    def _indices(self, kind: int, union: Any) -> np.ndarray[Any, np.dtype[Any]]:
        kinds = {1: tflite.Int32Vector, 2: tflite.Uint16Vector, 3: tflite.Uint8Vector}
        if kind not in kinds or union is None:
            raise ModelError("a sparse constant has no indices")
        vector = kinds[kind]()
        vector.Init(union.Bytes, union.Pos)
        return self._array(vector, "Values")

    def _code(self, table: Any) -> tuple[str, bool]:
        """An operator's name, and whether it is a custom one."""
        # files before 2020 have only the older, one-byte field
        old, new = table.DeprecatedBuiltinCode(), table.BuiltinCode()
        code = new if old == NEWER else max(old, new)
        if code == CUSTOM:
            return self._text(table.CustomCode()) or "CUSTOM", True
        return OPERATORS.get(code, f"OPERATOR_{code}"), False

    def _operator(self, table: Any, codes: list[tuple[str, bool]]) -> FileOperator:
        if table.OpcodeIndex() >= len(codes):
            raise ModelError(f"an operator is of kind {table.OpcodeIndex()}, but there are {len(codes)}")
        code, custom = codes[table.OpcodeIndex()]
        options = self._options(OPTIONS.get(table.BuiltinOptionsType(), "NONE"), table.BuiltinOptions())
        options |= self._options(OPTIONS_2.get(table.BuiltinOptions2Type(), "NONE"), table.BuiltinOptions2())
        raw = self._array(table, "CustomOptions").tobytes() if custom else b""
        inputs, outputs = self._numbers(table, "Inputs"), self._numbers(table, "Outputs")
        return FileOperator(code, custom, inputs, outputs, options, raw)

    def _options(self, kind: str, union: Any) -> dict[str, Any]:
        """Every field of an operator's options, under the schema's names ({"StrideW": 2, ...})."""
        if kind == "NONE" or union is None:
            return {}
        options = getattr(tflite, kind)()
        options.Init(union.Bytes, union.Pos)
        scalars, lists = _fields(kind)
        found: dict[str, Any] = {name: getattr(options, name)() for name in scalars}
        found |= {name: self._numbers(options, name) for name in lists}
        found = {name: value for name, value in found.items() if isinstance(value, (bool, int, float, tuple))}
        if any(isinstance(value, float) and not math.isfinite(value) for value in found.values()):
            raise ModelError(f"{kind} holds a value that is no number")
        return found | {"": kind}


@cache
def _fields(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of an options table's numbers, and of its lists of numbers."""
    methods = {name for name in vars(getattr(tflite, kind)) if name[0].isupper()}
    methods -= {name for name in methods if name == "Init" or name.startswith("GetRootAs") or "BufferHas" in name}
    lists = {name for name in methods if f"{name}Length" in methods}
    parts = {f"{name}{part}" for name in lists for part in ("Length", "AsNumpy", "IsNone")}
    return tuple(sorted(methods - lists - parts)), tuple(sorted(name for name in lists if f"{name}AsNumpy" in methods))
