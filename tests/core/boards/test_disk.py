"""A board whose disk is full: said at once where that can be known, and what came by then is gone on with."""

import contextlib
import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from layerswitch.agent.protocol import CHUNK
from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import LocalChannel, agent_folder
from layerswitch.errors import NoRoomError
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.graph import Tensor

ONCE = ProfileSettings(runs=1, warmup=0)
ARRAY = np.random.default_rng(5).normal(size=(3, 700, 1000)).astype("float32")  # 8.4 MB: three pieces
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.fixture
def weighty(make_model, network):
    """A network with a constant of 8.4 MB."""
    return make_model(network("a", constants={"w": Tensor("w", ARRAY.shape, "float32")}), {"w": ARRAY})


@pytest.fixture
def on(make_entry, board):
    """on(folder, most=...) -> a board that keeps constants there, in files of at most so many bytes."""
    opened = []

    def make(folder, most=None):
        arguments = [str(agent_folder()), "--engine", "scripted_engine:Scripted", "--cache", str(folder)]
        limit = ["-c", LIMITED, str(most)] if most else []
        entry = make_entry(needs_constants=True)
        opened.append(Board.connect(entry, connect=lambda _: LocalChannel([sys.executable, *limit, *arguments])))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def disk(tmp_path):
    """disk(megabytes) -> a folder that is a disk of its own; called again, the disk's new size."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def make(megabytes):
        how = f"size={megabytes}m,mode=700{',remount' if os.path.ismount(folder) else ''}"
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", how, "tmpfs", str(folder)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"no disk can be made here: {done.stderr.strip()}")
        return folder

    yield make
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", str(folder)], check=True)


def offsets(one):
    """Where the pieces begin that a board sends from now on."""
    found, call = [], one._connection.client.request

    def record(operation, payload=b"", **fields):
        if operation == "store":
            found.append(fields["offset"])
        return call(operation, payload, **fields)

    one._connection.client.request = record
    return found


def whole(folder):
    return [path.name for path in folder.iterdir()] == [hashlib.sha256(ARRAY.tobytes()).hexdigest()]


def test_too_little_room_is_said_before_anything_is_written(on, disk, weighty):
    cache = disk(6) / "constants"
    one = on(cache)
    with pytest.raises(NoRoomError, match=r"8\.4 MB are needed, 6\.\d MB are free.*make room there \(df -h ") as caught:
        one.profile(weighty, ONCE).whole()
    assert str(cache) in str(caught.value)
    assert list(cache.iterdir()) == []
    assert one.alive
    disk(20)
    assert one.profile(weighty, ONCE).whole().samples
    assert whole(cache)


def test_a_disk_that_fills_up_half_way_is_gone_on_with(on, disk, weighty):
    cache, filler = disk(12) / "constants", disk(12) / "filler"
    one = on(cache)

    def fill(step):
        if step.text == "sending constants" and not filler.exists():
            with contextlib.suppress(OSError), filler.open("wb", 0) as file:
                while file.write(bytes(1 << 20)):
                    pass

    with pytest.raises(NoRoomError, match=r"No space left on device.*what came so far stays"):
        one.profile(weighty, ONCE, progress=fill).whole()
    (part,) = cache.iterdir()
    assert part.stat().st_size == CHUNK
    again = offsets(one)
    with pytest.raises(NoRoomError, match="MB are needed"):  # still full: nothing that came is lost
        one.profile(weighty, ONCE).whole()
    assert part.stat().st_size == CHUNK
    filler.unlink()
    assert one.profile(weighty, ONCE).whole().notes == {"w": hashlib.sha256(ARRAY.tobytes()).hexdigest()}
    assert again == [CHUNK, CHUNK, 2 * CHUNK]
    assert whole(cache)


def test_a_limit_of_the_files_size_is_said_and_another_agent_goes_on(on, tmp_path, weighty):
    one = on(tmp_path / "cache", most=CHUNK + 12345)
    with pytest.raises(NoRoomError, match="File too large"):
        one.profile(weighty, ONCE).whole()
    (part,) = (tmp_path / "cache").iterdir()
    assert part.stat().st_size == CHUNK
    two = on(tmp_path / "cache")
    again = offsets(two)
    assert two.profile(weighty, ONCE).whole().samples
    assert again == [CHUNK, 2 * CHUNK]
    assert whole(tmp_path / "cache")
