"""Frames between the app and the agent, shared by both: docs/protocol.md says what they mean.

A frame is 4 bytes magic, the header's length (u32, little-endian), the payload's length (u64), a JSON object, and raw
bytes. Nothing is pickled, and nothing is read before its length is known to be within bounds.
"""

import json
import struct
from typing import Any, Callable, Dict, List, NamedTuple, Union

MAGIC = b"LSW1"
PROTOCOL = 2
PREFIX = struct.Struct("<4sIQ")
MAX_HEADER = 16 << 20  # bytes: the network and its samples as JSON; the largest seen is under 1 MB
MAX_PAYLOAD = 16 << 20  # bytes: constants travel in pieces, so nothing larger is ever needed
CHUNK = 4 << 20  # bytes of a constant per frame

Header = Dict[str, Any]
Bytes = Union[bytes, memoryview]  # a memoryview is of single bytes


class FrameError(Exception):
    """The stream is broken: what follows cannot be read any more."""


class HeaderError(Exception):
    """This frame's header is no JSON object; the stream goes on behind it."""


class Frame(NamedTuple):
    """One message."""

    header: Header
    payload: bytes = b""


def encode(header: Header) -> bytes:
    """The header's JSON. Numpy numbers and arrays become lists; NaN and infinity raise ValueError."""
    return json.dumps(header, allow_nan=False, separators=(",", ":"), default=_plain).encode("utf-8")


def _plain(value: Any) -> Any:
    tolist = getattr(value, "tolist", None)
    if tolist is None:
        raise TypeError("a %s cannot be sent" % type(value).__name__)
    return tolist()


def pack(header: Header, payload: Bytes = b"") -> List[Bytes]:
    """The frame's bytes, in pieces so that a large payload is not copied. Raises ValueError when out of bounds."""
    text = encode(header)
    if len(text) > MAX_HEADER:
        raise ValueError("a header of %d bytes is over the bound of %d" % (len(text), MAX_HEADER))
    if len(payload) > MAX_PAYLOAD:
        raise ValueError("a payload of %d bytes is over the bound of %d" % (len(payload), MAX_PAYLOAD))
    pieces: List[Bytes] = [PREFIX.pack(MAGIC, len(text), len(payload)) + text]
    return [*pieces, payload] if payload else pieces


def decode(text: bytes) -> Header:
    """The JSON object in a header. Raises HeaderError; NaN, infinity and too deep nesting are no JSON here."""
    try:
        header = json.loads(text.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise HeaderError("a header is not JSON: %s" % error) from None
    if not isinstance(header, dict):
        raise HeaderError("a header is a %s, not an object" % type(header).__name__)
    return header


def _no_constant(name: str) -> None:
    raise ValueError("%s is not a number" % name)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise ValueError("%s is out of range" % text[:40])
    return number


def read(source: Callable[[int], bytes]) -> Frame:
    """The next frame. `source(n)` returns exactly n bytes, or fewer only at the end of the stream.

    Raises EOFError at the end of the stream, be it inside a frame (the other side died), FrameError where the stream
    is broken, HeaderError where only this frame is.
    """
    prefix = source(PREFIX.size)
    if len(prefix) < PREFIX.size:
        raise EOFError
    magic, header_size, payload_size = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise FrameError("a frame begins with %r, not with %r" % (magic, MAGIC))
    if header_size > MAX_HEADER:
        raise FrameError("a header of %d bytes is over the bound of %d" % (header_size, MAX_HEADER))
    if payload_size > MAX_PAYLOAD:
        raise FrameError("a payload of %d bytes is over the bound of %d" % (payload_size, MAX_PAYLOAD))
    text = source(header_size)
    payload = source(payload_size) if payload_size else b""
    if len(text) < header_size or len(payload) < payload_size:
        raise EOFError
    return Frame(decode(text), payload)
