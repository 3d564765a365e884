"""Mutations that keep a file's structure: what is broken is a field, a length or an offset, not the whole."""

import json
import random
import struct
from collections.abc import Callable
from typing import Any

from . import protobuf

NUMBERS = [0, 1, -1, 2, 3, 7, 127, 128, 255, 256, 65535, 2**31 - 1, 2**31, -(2**31), 2**32 - 1, 2**40, 2**62, 2**63 - 1]
FLOATS = [0.0, -0.0, -1.0, 1e-320, 1e300, -1e300, float("inf"), float("-inf"), float("nan"), 0.1]
TEXTS = [
    "",
    " ",
    "\n",
    "\0",
    "../../etc/passwd",
    "/dev/zero",
    "a" * 10_000,
    "‮مرحبا",
    "名前",
    "\ud800",
    "%s%n",
    "CPU",
    "GPU",
    "input",
]


def mutate(target: str, chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A mutant of a file of that target; `others` are the target's seeds, to splice with."""
    kind = KINDS.get(target, of_json)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        if chance.random() < 0.25:
            data = of_bytes(chance, data, others)
        else:
            try:
                data = kind(chance, data, others)
            except (ValueError, IndexError, KeyError, RecursionError, OverflowError, struct.error):  # broken already
                data = of_bytes(chance, data, others)
    return data[: 1 << 20]


def of_bytes(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Flip, cut, repeat, put in, and splice bytes, knowing nothing of them."""
    if not data:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(40)))
    at, way = chance.randrange(len(data)), chance.randrange(7)
    length = min(len(data) - at, chance.choice((1, 2, 4, 8, 64, 1000)))
    if way == 0:
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if way == 1:
        return data[:at] + bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))]) + data[at + 1 :]
    if way == 2:
        return data[:at]
    if way == 3:
        return data[:at] + data[at + length :]
    if way == 4:
        return data[:at] + data[at : at + length] * chance.choice((2, 3, 50)) + data[at + length :]
    if way == 5:
        return data[:at] + bytes(chance.randrange(256) for _ in range(length)) + data[at:]
    other = chance.choice(others)
    return data[:at] + other[chance.randrange(len(other) + 1) :]


def of_flatbuffer(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Change one offset, length or number: 32-bit words, and the 16-bit ones of vtables."""
    changed = bytearray(data)
    if chance.random() < 0.7:
        at = chance.randrange(len(data) // 4) * 4
        (before,) = struct.unpack_from("<I", data, at)
        (other,) = struct.unpack_from("<I", data, chance.randrange(len(data) // 4) * 4)
        near = before + chance.choice((-8, -4, -2, -1, 1, 2, 4, 8, 64))
        new = chance.choice((near, near, other, chance.choice(NUMBERS), len(data) - at, -at))
        struct.pack_into("<I", changed, at, new & 0xFFFFFFFF)
    else:
        at = chance.randrange(len(data) // 2) * 2
        (before,) = struct.unpack_from("<H", data, at)
        new = chance.choice((before + chance.choice((-2, 2, 4, 1)), 0, 4, 0xFFFF, chance.randrange(64)))
        struct.pack_into("<H", changed, at, new & 0xFFFF)
    return bytes(changed)


def of_json(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Change, drop, repeat, rename or swap one value of a JSON document."""
    return json.dumps(changed(chance, json.loads(data))).encode("utf-8", "surrogatepass")


def changed(chance: random.Random, tree: Any) -> Any:
    """The tree with one value changed."""
    holders: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        inside = list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        for key, value in inside:
            holders.append((one, key))
            if isinstance(value, dict | list):
                waiting.append(value)
    if not holders:
        return _value(chance, tree)
    holder, key = chance.choice(holders)
    other_holder, other_key = chance.choice(holders)
    way = chance.randrange(6)
    if way == 0:
        del holder[key]
    elif way == 1:
        holder[key] = json.loads(json.dumps(other_holder[other_key]))
    elif way == 2 and isinstance(holder, list):
        holder.extend([holder[key]] * chance.choice((1, 2, 100)))
    elif way == 2:
        holder[chance.choice((*TEXTS, *map(str, holder)))] = holder[key]
    elif way == 3 and isinstance(holder[key], str):
        names = [one[place] for one, place in holders if isinstance(one[place], str)]
        holder[key] = chance.choice(names)
    else:
        holder[key] = _value(chance, holder[key])
    return tree


def _value(chance: random.Random, before: Any) -> Any:
    if isinstance(before, bool) or before is None or chance.random() < 0.3:
        deep: Any = []
        for _ in range(chance.choice((1, 3, 600))):
            deep = [deep]
        return chance.choice((None, True, False, 0, -1, 1.5, "", [], {}, deep, {"a": 1}, chance.choice(FLOATS)))
    if isinstance(before, int | float):
        return chance.choice((*NUMBERS, *FLOATS, 10**30, before + 1, -before, before * 1e12))
    return chance.choice(TEXTS) if isinstance(before, str) else chance.choice(([], {}, "text", 3))


def of_lines(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Change a cell, a word or a line of a text file (CSV, TOML)."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    at, way = chance.randrange(len(lines)), chance.randrange(6)
    if way == 0:
        del lines[at]
    elif way == 1:
        lines.insert(chance.randrange(len(lines)), lines[at])
    elif way == 2:
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        signs = [sign for sign in (",", "=", ";", ".", " ") if sign in lines[at]]
        sign = chance.choice(signs or [","])
        cells = lines[at].split(sign)
        place = chance.randrange(len(cells))
        new = [str(chance.choice(NUMBERS)), str(chance.choice(FLOATS)), chance.choice(TEXTS), '"', "[]", "{}", "1e999"]
        cells[place] = chance.choice((*new, cells[chance.randrange(len(cells))], cells[place] * 2, "true", "'''"))
        lines[at] = sign.join(cells)
    return "\n".join(lines).encode("utf-8", "surrogatepass" if chance.random() < 0.1 else "replace")


def of_frames(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Change one frame of a conversation with an agent: its prefix, its JSON, its payload, or the order."""
    prefix = struct.Struct("<4sIQ")
    frames, at = [], 0
    while at < len(data):
        magic, header, payload = prefix.unpack_from(data, at)
        at += prefix.size
        frames.append([magic, data[at : at + header], data[at + header : at + header + payload], None])
        at += header + payload
    place, way = chance.randrange(len(frames)), chance.randrange(8)
    if way == 0:
        del frames[place]
    elif way == 1:
        frames.insert(chance.randrange(len(frames)), frames[place])
    elif way == 2:
        frames[place][2] = bytes(chance.choice((0, 1, 1000, 100_000)))
    elif way == 3:
        frames[place][3] = chance.choice(((0, 0), (2**32 - 1, 0), (5, 2**63), (1 << 24, 0), (2, 1 << 24)))
    else:
        frames[place][1] = json.dumps(changed(chance, json.loads(frames[place][1]))).encode("utf-8", "surrogatepass")
    made = []
    for magic, header, payload, sizes in frames:
        made += [prefix.pack(magic, *(sizes or (len(header), len(payload)))), header, payload]
    return b"".join(made)


KINDS: dict[str, Callable[[random.Random, bytes, list[bytes]], bytes]] = {
    "onnx": protobuf.of_onnx,
    "tflite": of_flatbuffer,
    "csv": of_lines,
    "board": of_lines,
    "to-agent": of_frames,
    "from-agent": of_frames,
    **dict.fromkeys(("known-hosts", "ssh-config", "given", "own-board", "settings"), of_lines),
}
