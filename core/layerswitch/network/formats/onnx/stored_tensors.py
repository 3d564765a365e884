"""Tensors stored in the model file or beside it: checked when the model is opened, read when asked for."""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from ....errors import ModelError
from ...graph import ITEM_BYTES
from .container import IN_FILE

Array = np.ndarray[Any, np.dtype[Any]]

LARGEST = 2**40
"""Elements. No network that runs anywhere has a bigger tensor: such a shape is a damaged or a hostile file."""

NAMES = {
    number: {"FLOAT": "float32", "DOUBLE": "float64"}.get(name, name.lower())
    for name, number in TensorProto.DataType.items()
}
"""ONNX's number of an element type -> its name in LayerGraph (float8 and complex have none there)."""


def dtype_name(number: int, what: str, where: str) -> str:
    """The element type's name. Raises ModelError for those that LayerSwitch does not know."""
    name: str = NAMES.get(number, str(number))
    if name not in ITEM_BYTES:
        raise ModelError(f"{what} has elements of type {name}, which LayerSwitch does not read", where=where)
    return name


def check_shape(shape: tuple[int, ...], what: str, where: str) -> tuple[int, ...]:
    """The shape itself. Raises ModelError when it has a negative or an impossibly big dimension."""
    text = "x".join(map(str, shape))
    if any(size < 0 for size in shape):
        raise ModelError(f"{what} has the negative shape {text}", where=where)
    if math.prod(max(size, 1) for size in shape) > LARGEST:
        raise ModelError(f"{what} has the impossible shape {text}", where=where)
    return shape


class StoredTensor:
    """A TensorProto whose data may lie elsewhere. Raises ModelError when shape, type and data do not agree."""

    def __init__(self, proto: TensorProto, name: str, model: Path) -> None:
        self._proto, self._model, self._where = proto, model, str(model)
        self._what = f"constant {name!r}"
        self.shape = check_shape(tuple(proto.dims), self._what, self._where)
        self.dtype = dtype_name(proto.data_type, self._what, self._where)
        self._bytes = math.ceil(math.prod(self.shape) * ITEM_BYTES[self.dtype])
        self._field = 9
        if proto.data_location == TensorProto.EXTERNAL:
            self._file, self._offset, self._length = self._locate()
            if self._field == 9 and self._length != self._bytes:
                self._disagree(self._length)
        elif proto.HasField("raw_data") and len(proto.raw_data) != self._bytes:
            self._disagree(len(proto.raw_data))
        elif not proto.HasField("raw_data") and self.dtype != "string":
            self.load()  # small: counting its numbers is as much work as reading them

    def load(self) -> Array:
        """The data, [shape], in the file's dtype."""
        try:
            if self._proto.data_location == TensorProto.EXTERNAL:
                return self._load_from_file()
            return np.ascontiguousarray(numpy_helper.to_array(self._proto)).reshape(self.shape)
        except (ValueError, TypeError, OSError, OverflowError, MemoryError) as error:
            raise ModelError(f"{self._what} cannot be read: {error}", where=self._where) from error

    def _load_from_file(self) -> Array:
        raw = np.fromfile(self._file, np.uint8, count=self._length, offset=self._offset)
        if raw.size != self._length:
            raise ModelError(f"{self._what} is no longer in the file", where=str(self._file))
        if self._field == 9 and self.dtype not in ("int4", "uint4"):
            kind = onnx.helper.tensor_dtype_to_np_dtype(self._proto.data_type)
            return raw.view(np.dtype(kind).newbyteorder("<")).astype(kind, copy=False).reshape(self.shape)
        whole = TensorProto(dims=self.shape, data_type=self._proto.data_type)
        if self._field == 9:
            whole.raw_data = raw.tobytes()
        else:  # one length-delimited field of TensorProto, read by the library
            size, header = raw.size, bytearray([self._field << 3 | 2])
            while size >= 0x80:
                header.append(size & 0x7F | 0x80)
                size >>= 7
            whole.MergeFromString(bytes(header) + bytes([size]) + raw.tobytes())
        return np.ascontiguousarray(numpy_helper.to_array(whole)).reshape(self.shape)

    def _locate(self) -> tuple[Path, int, int]:
        """File, offset and length in bytes of data that lies elsewhere, all checked."""
        entries = {entry.key: entry.value for entry in self._proto.external_data}
        folder, location = self._model.parent, entries.get("location", "")
        file = self._model
        if IN_FILE in entries and not location:
            self._field = int(entries[IN_FILE])
        elif not location or "\0" in location:
            raise ModelError(f"{self._what} names no file for its data", where=self._where)
        else:
            file = folder / location
            inside = os.path.realpath(folder)
            if Path(location).is_absolute() or not Path(os.path.realpath(file)).is_relative_to(inside):
                raise ModelError(f"{self._what} has its data outside the model's folder", where=self._where)
        try:
            size = file.stat().st_size if file.is_file() else -1
            offset = int(entries.get("offset") or 0)
            length = int(entries["length"]) if entries.get("length") else self._bytes
        except (ValueError, OSError) as error:
            raise ModelError(f"{self._what} says wrongly where its data is: {error}", where=self._where) from error
        if size < 0:
            hint = "keep the model and its data files in one folder"
            raise ModelError(
                f"{self._what} has its data in {location!r}, which is missing", where=self._where, hint=hint
            )
        if offset < 0 or length < 0 or offset + length > size:
            raise ModelError(f"{self._what} has its data past the end of {file.name!r}", where=self._where)
        return file, offset, length

    def _disagree(self, found: int) -> None:
        shape = "x".join(map(str, self.shape)) or "a single number"
        what = f"{self._what} holds {found} bytes, but {shape} of {self.dtype} takes {self._bytes}"
        raise ModelError(what, where=self._where)
