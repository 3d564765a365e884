"""Mutations of ONNX files: by the messages' own fields, and by their wire format's varints."""

import random
from typing import Any

NUMBERS = [0, 1, -1, 2, 3, 4, 5, 16, 17, 2**20, 2**31 - 1, 2**31, -(2**31), 2**40, 2**62, 2**63 - 1, -(2**63)]


def of_onnx(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Change one field of one message, or one varint."""
    if chance.random() < 0.15:
        return _varint(chance, data)
    import onnx
    from google.protobuf.message import DecodeError

    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise ValueError(str(error)) from error
    messages = _messages(model)
    names = [text for message in messages for text in _texts(message)] or [""]
    for _ in range(20):
        if _change(chance, chance.choice(messages), names, others):
            break
    return bytes(model.SerializeToString())


def _messages(message: Any) -> list[Any]:
    found, waiting = [], [message]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for field, value in one.ListFields():
            if field.type == field.TYPE_MESSAGE:
                waiting += value if field.is_repeated else [value]
    return found


def _texts(message: Any) -> list[str]:
    found = []
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            found += list(value) if field.is_repeated else [value]
    return [text for text in found if isinstance(text, str)]


def _change(chance: random.Random, message: Any, names: list[str], others: list[bytes]) -> bool:
    """Whether something was changed."""
    fields = list(message.DESCRIPTOR.fields)
    present = [field for field, _ in message.ListFields()]
    if present and chance.random() < 0.9:
        fields = present
    field = chance.choice(fields)
    if field.type == field.TYPE_MESSAGE:
        if not field.is_repeated:
            if chance.random() < 0.5:
                message.ClearField(field.name)
            return True
        items = getattr(message, field.name)
        if not items:
            return False
        at, way = chance.randrange(len(items)), chance.randrange(4)
        if way == 0:
            del items[at]
        elif way == 1:
            items.add().CopyFrom(items[at])
        elif way == 2:
            items[at].CopyFrom(chance.choice(items))
        else:
            order = list(items)
            chance.shuffle(order)
            copies = [type(one).FromString(one.SerializeToString()) for one in order]
            del items[:]
            items.extend(copies)
        return True
    value = getattr(message, field.name)
    if not field.is_repeated:
        if chance.random() < 0.2:
            message.ClearField(field.name)
        else:
            setattr(message, field.name, _scalar(chance, field, value, names))
        return True
    at, way = chance.randrange(len(value) + 1), chance.randrange(4)
    if way == 0 and at < len(value):
        del value[at]
    elif way == 1:
        value.append(_scalar(chance, field, value[-1] if len(value) else None, names))
    elif way == 2 and len(value):
        value.extend(list(value) * chance.choice((1, 3)))
    elif at < len(value):
        value[at] = _scalar(chance, field, value[at], names)
    return True


def _scalar(chance: random.Random, field: Any, before: Any, names: list[str]) -> Any:
    if field.type == field.TYPE_STRING:
        return chance.choice(
            (*names, chance.choice(names), "", "../x", "/etc/passwd", "9" * 30, "-1", "x" * 2000, "\n")
        )
    if field.type == field.TYPE_BYTES:
        before = before or b""
        return chance.choice((b"", before[:-1], before * 2, bytes(4), b"\xff" * 8, before[: len(before) // 2]))
    if field.type in (field.TYPE_FLOAT, field.TYPE_DOUBLE):
        return chance.choice((0.0, -1.0, float("nan"), float("inf"), 1e30, 0.5))
    if field.type == field.TYPE_ENUM:
        return chance.choice([one.number for one in field.enum_type.values])
    number = chance.choice((*NUMBERS, (before or 0) + 1, (before or 0) - 1, -(before or 0)))
    bits = 31 if field.type in (field.TYPE_INT32, field.TYPE_SINT32, field.TYPE_SFIXED32) else 63
    if field.type in (field.TYPE_UINT64, field.TYPE_UINT32, field.TYPE_FIXED64):
        return abs(number) & (2**bits - 1)
    return max(-(2**bits), min(2**bits - 1, number))


def _varint(chance: random.Random, data: bytes) -> bytes:
    """Write another number where a byte below 128 stands: lengths and tags mostly."""
    at = chance.randrange(len(data))
    number, made = chance.choice((0, 1, data[at] + 1, 127, 300, 2**20, 2**31, 2**35, 2**63, 2**64 - 1)), bytearray()
    while number >= 0x80:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return data[:at] + bytes([*made, number]) + data[at + 1 :]
