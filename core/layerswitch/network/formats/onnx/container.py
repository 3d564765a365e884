"""The ONNX file as a container: parses it without its big tensors, which stay in the file and are found by offset.

Protocol buffers copy what they parse, so a 500 MB model would cost a gigabyte. This walks the file's wire format
(https://protobuf.dev/programming-guides/encoding) and replaces the data of big tensors by ONNX's own mark for data
that lives elsewhere, with an empty location: "in the model file itself".
"""

import mmap
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError, Message  # type: ignore[import-untyped]

from ....errors import ModelError

BIG = 4096  # bytes; smaller messages are copied whole without looking inside

NESTED = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor"},
}
"""Message -> field number -> message inside that can hold a big tensor (onnx.proto)."""
TENSOR_DATA = {4, 5, 7, 9, 10, 11}  # float, int32, int64, raw, double, uint64 data of TensorProto
IN_FILE = "layerswitch.field"  # key of the mark: which TensorProto field the bytes are


def parse(path: Path) -> onnx.ModelProto:
    """The model with the data of its big tensors left out. Raises ModelError when the bytes are no ONNX model."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            stripped = b"".join(_strip(whole, 0, len(whole), "model"))
    except (OSError, ValueError) as error:
        raise ModelError(f"not an ONNX model, or a damaged one: {error}", where=str(path)) from error
    model = onnx.ModelProto()
    try:
        model.ParseFromString(stripped)
    except (DecodeError, RecursionError) as error:
        raise ModelError("not an ONNX model, or a damaged one: its messages do not parse", where=str(path)) from error
    if damaged := _first_damaged_text(model):
        raise ModelError(f"damaged: {damaged!r} is no text", where=str(path))
    if not model.HasField("graph") or not model.opset_import or not (model.graph.node or model.graph.output):
        raise ModelError("not an ONNX model: it holds no network", where=str(path))
    return model


def _first_damaged_text(message: Message) -> bytes | None:
    """The first string inside that is not UTF-8; the library hands it over as bytes."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            for text in [value] if isinstance(value, str | bytes) else value:
                if isinstance(text, bytes):
                    return text
        elif field.type == field.TYPE_MESSAGE:
            for inner in [value] if isinstance(value, Message) else value:
                if damaged := _first_damaged_text(inner):
                    return damaged
    return None


def _strip(data: mmap.mmap, position: int, end: int, kind: str) -> list[bytes]:
    """The bytes of message data[position:end] without the data of big tensors, in pieces."""
    pieces: list[bytes] = []
    while position < end:
        start = position
        tag, position = _varint(data, position, end)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            _, position = _varint(data, position, end)
        elif wire in (1, 5):
            position += 8 if wire == 1 else 4
        elif wire == 2:
            length, position = _varint(data, position, end)
            body, position = position, position + length
            if position > end:
                raise ValueError(f"a field at byte {start} is longer than the file")
            inside = NESTED.get(kind, {}).get(field)
            if length > BIG and inside:
                nested = _strip(data, body, position, inside)
                pieces += [_encoded(tag), _encoded(sum(map(len, nested))), *nested]
                continue
            if length > BIG and kind == "tensor" and field in TENSOR_DATA:
                pieces.append(_mark(field, body, length))
                continue
        else:
            raise ValueError(f"wire type {wire} at byte {start}")
        if position > end:
            raise ValueError(f"a field at byte {start} is longer than the file")
        pieces.append(data[start:position])
    return pieces


def _mark(field: int, offset: int, length: int) -> bytes:
    """TensorProto fields saying that the data is in the model file, from `offset` on."""
    entries = {"location": "", "offset": str(offset), "length": str(length), IN_FILE: str(field)}
    mark = onnx.TensorProto(data_location=onnx.TensorProto.EXTERNAL)
    for key, value in entries.items():
        mark.external_data.add(key=key, value=value)
    return bytes(mark.SerializeToString())


def _varint(data: mmap.mmap, position: int, end: int) -> tuple[int, int]:
    """The variable-length integer at `position`, and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= end:
            raise ValueError("the file ends in the middle")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError(f"no integer at byte {position - 10}")


def _encoded(value: int) -> bytes:
    """An integer of any size >= 0 as protocol buffers write it."""
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
