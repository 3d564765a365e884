"""The cache of constants, and the numbers drawn where there are none."""

import hashlib
import os
import time

import numpy as np
import pytest

from layerswitch.agent.constant_store import Constants, Store, default_folder, drawn
from layerswitch.agent.engines.base import EngineError

DATA = bytes(range(256)) * 10
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path):
    one = Store(tmp_path / "cache")
    yield one
    one.drop()


def entry(sha256, shape=(2560,), dtype="|u1"):
    return {"sha256": sha256, "dtype": dtype, "shape": list(shape), "bytes": len(DATA)}


def test_pieces_become_a_file_only_when_whole(store):
    assert not store.has(SHA, len(DATA))
    assert not store.put(SHA, len(DATA), 0, DATA[:1000])
    assert not store.has(SHA, len(DATA))
    assert store.put(SHA, len(DATA), 1000, DATA[1000:])
    assert store.has(SHA, len(DATA))
    assert not store.has(SHA, len(DATA) + 1)
    assert Constants(store, {"w": entry(SHA, (10, 256))}, {})["w"].tobytes() == DATA


def test_content_with_another_hash_is_thrown_away(store):
    with pytest.raises(EngineError, match="does not have the hash"):
        store.put(SHA, len(DATA), 0, DATA[::-1])
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("offset", [1, 999, 1001])
def test_pieces_out_of_order_are_thrown_away(store, offset):
    store.put(SHA, len(DATA), 0, DATA[:1000])
    with pytest.raises(EngineError, match="out of order"):
        store.put(SHA, len(DATA), offset, DATA[1000:])
    assert list(store.folder.iterdir()) == []
    store.put(SHA, len(DATA), 0, DATA[:1000])
    assert store.put(SHA, len(DATA), 1000, DATA[1000:])


def test_what_came_before_the_client_was_lost_is_gone_on_with(store, tmp_path):
    store.put(SHA, len(DATA), 0, DATA[:1000])
    store.drop()
    other = Store(store.folder)
    assert other.begun(SHA, len(DATA)) == 1000
    assert other.put(SHA, len(DATA), 1000, DATA[1000:])
    assert [path.name for path in store.folder.iterdir()] == [SHA]
    assert other.begun(SHA, len(DATA)) == 0


def test_two_agents_that_are_sent_the_same_do_not_mix(store):
    other = Store(store.folder)
    store.put(SHA, len(DATA), 0, DATA[:1000])
    other.put(SHA, len(DATA), 0, DATA[:500])
    with pytest.raises(EngineError, match="another agent"):
        Store(store.folder).put(SHA, len(DATA), 1000, DATA[1000:])
    assert store.put(SHA, len(DATA), 1000, DATA[1000:])
    assert other.put(SHA, len(DATA), 500, DATA[500:])
    assert [path.name for path in store.folder.iterdir()] == [SHA]
    assert store.path(SHA).read_bytes() == DATA


def test_a_part_that_is_a_link_is_not_written_through(store, tmp_path):
    store.folder.mkdir()
    (tmp_path / "precious").write_bytes(b"keep")
    (store.folder / f".part-{SHA}").symlink_to(tmp_path / "precious")
    with pytest.raises(EngineError, match="cannot keep"):
        store.put(SHA, len(DATA), 0, DATA)
    assert (tmp_path / "precious").read_bytes() == b"keep"


@pytest.mark.parametrize("piece", [DATA + b"x", b""])
def test_a_piece_that_does_not_fit(store, piece):
    with pytest.raises(EngineError, match="does not fit"):
        store.put(SHA, len(DATA), 0, piece)
    assert list(store.folder.iterdir()) == []


def test_half_files_of_a_killed_agent_are_swept_when_old(store):
    store.folder.mkdir()
    for name, age in ((".part-old", 2 * 86400), (".part-new", 60)):
        (store.folder / name).write_bytes(b"half")
        os.utime(store.folder / name, (time.time() - age,) * 2)
    store.put(SHA, len(DATA), 0, DATA)
    assert {path.name for path in store.folder.iterdir()} == {SHA, ".part-new"}


def test_half_a_file_that_another_agent_writes_is_not_swept_whatever_the_clock_says(store):
    other = Store(store.folder)
    begun = hashlib.sha256(b"x" * 20).hexdigest()
    other.put(begun, 20, 0, b"x" * 10)
    (part,) = store.folder.iterdir()
    os.utime(part, (0.0, 0.0))  # a board without a battery, before it heard what time it is
    store.put(SHA, len(DATA), 0, DATA)
    assert other.put(begun, 20, 10, b"x" * 10)
    assert {path.name for path in store.folder.iterdir()} == {SHA, begun}


def test_half_a_file_that_is_gone_on_with_is_not_swept(store):
    store.put(SHA, len(DATA), 0, DATA[:4])
    store.drop()
    (part,) = store.folder.iterdir()
    os.utime(part, (0.0, 0.0))
    assert store.put(SHA, len(DATA), 4, DATA[4:])


def test_a_constant_that_vanished_is_named(store):
    with pytest.raises(EngineError, match="gone from the cache") as caught:
        Constants(store, {"w": entry("0" * 64)}, {})["w"]
    assert caught.value.where == "w"


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "layerswitch" / "constants"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder().is_absolute()
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_folder().parts[-3:] == (".cache", "layerswitch", "constants")


def test_drawn_numbers_are_the_same_each_time_and_fit_their_role():
    weights = drawn("w", np.dtype("float32"), (64, 32, 3, 3), "weights")
    assert np.array_equal(weights, drawn("w", np.dtype("float32"), (64, 32, 3, 3), "weights"))
    assert not np.array_equal(weights, drawn("v", np.dtype("float32"), (64, 32, 3, 3), "weights"))
    assert weights.std() == pytest.approx((2 / 288) ** 0.5, rel=0.05)
    assert drawn("v", np.dtype("float32"), (9,), "variance").min() > 0
    assert not drawn("i", np.dtype("int32"), (9,), "bias").any()
    assert drawn("q", np.dtype("uint8"), (999,), "weights").max() > 200
    assert drawn("q", np.dtype("int8"), (999,), "weights").min() < -100
    assert drawn("s", np.dtype("float32"), (), "").shape == ()
