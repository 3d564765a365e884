"""Frames: what is written is read, and nothing is read that is out of bounds."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerswitch.agent import protocol

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(data):
    return protocol.read(io.BytesIO(data).read)


@given(st.dictionaries(st.text(), JSON, max_size=5), st.binary(max_size=200))
def test_what_is_packed_is_read(header, payload):
    assert read(b"".join(protocol.pack(header, payload))) == (header, payload)


@given(st.dictionaries(st.text(), JSON, max_size=2), st.binary(max_size=20), st.data())
def test_a_cut_frame_is_the_end(header, payload, data):
    frame = b"".join(protocol.pack(header, payload))
    with pytest.raises(EOFError):
        read(frame[: data.draw(st.integers(0, len(frame) - 1))])


@given(st.binary(min_size=16, max_size=300))
def test_any_bytes_are_an_error_of_the_protocol(data):
    with pytest.raises((protocol.FrameError, protocol.HeaderError, EOFError)):
        read(data if data[:4] != b"LSW1" else b"x" + data)


def test_the_layout_is_the_documented_one():
    assert b"".join(protocol.pack({"id": 7}, b"xyz")) == b"LSW1" + struct.pack("<IQ", 8, 3) + b'{"id":7}xyz'


@pytest.mark.parametrize(
    ("header", "payload"), [(protocol.MAX_HEADER + 1, 0), (2, protocol.MAX_PAYLOAD + 1), (2, 2**64 - 1)]
)
def test_bounds_are_checked_before_anything_is_read(header, payload):
    source = io.BytesIO(struct.pack("<4sIQ", b"LSW1", header, payload) + b"{}")
    with pytest.raises(protocol.FrameError, match="over the bound"):
        protocol.read(source.read)
    assert source.read() == b"{}"


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"7", b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e999}', b"\xff", b"[" * 200000]
)
def test_a_header_that_is_no_object(text):
    stream = io.BytesIO(struct.pack("<4sIQ", b"LSW1", len(text), 0) + text + b"".join(protocol.pack({"id": 1})))
    with pytest.raises(protocol.HeaderError):
        protocol.read(stream.read)
    assert protocol.read(stream.read).header == {"id": 1}  # the stream goes on


def test_what_cannot_be_sent():
    for value in (float("nan"), float("inf"), np.float32("nan")):
        with pytest.raises(ValueError, match=r"JSON|nan|NaN"):
            protocol.pack({"a": value})
    with pytest.raises(TypeError, match="set"):
        protocol.pack({"a": {1}})
    with pytest.raises(ValueError, match="over the bound"):
        protocol.pack({}, bytes(protocol.MAX_PAYLOAD + 1))
    with pytest.raises(ValueError, match="over the bound"):
        protocol.pack({"a": "x" * protocol.MAX_HEADER})


def test_numpy_numbers_are_numbers():
    packed = protocol.pack({"a": np.float32(0.5), "b": np.arange(3), "c": np.int64(7)})
    assert read(b"".join(packed)).header == {"a": 0.5, "b": [0, 1, 2], "c": 7}
