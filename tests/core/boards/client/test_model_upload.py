"""Constants travel once, whole, and one at a time; what a model has no numbers for is drawn on the board."""

import hashlib
import os
import signal
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from layerswitch.agent import protocol
from layerswitch.boards.client import model_upload
from layerswitch.errors import BoardError
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.graph import Tensor

ONCE = ProfileSettings(runs=1, warmup=0)


class Recorded(dict):
    """Constants that know how often each was read."""

    def __init__(self, arrays):
        super().__init__(arrays)
        self.reads = []

    def __getitem__(self, name):
        self.reads.append(name)
        return super().__getitem__(name)


def arrays():
    generator = np.random.default_rng(5)
    return {
        "w": generator.normal(size=(3, 700, 1000)).astype("float32"),  # 8.4 MB: three pieces
        "b": generator.integers(-9, 9, 7, dtype="int8"),
        "scalar": np.array(2.5, "float16"),
        "empty": np.zeros((0, 4), "float32"),
        "strided": np.arange(12, dtype="int64").reshape(3, 4).T,
        "again": np.full(7, 3, "int8"),
        "same": np.full(7, 3, "int8"),
    }


@pytest.fixture
def weighty(make_model, network):
    def make(given, missing=()):
        tensors = {name: Tensor(name, array.shape, array.dtype.name) for name, array in given.items()}
        kept = {name: array for name, array in given.items() if name not in missing}
        return make_model(network("a", constants=tensors), Recorded(kept))

    return make


def digests(given):
    return {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in given.items()}


def test_the_engine_reads_what_the_model_has(board, weighty, tmp_path):
    given = arrays()
    profile = board(needs_constants=True).profile(weighty(given), ONCE).whole()
    assert profile.notes == digests(given)
    assert {path.name for path in (tmp_path / "cache").iterdir()} == set(digests(given).values())


def test_a_second_agent_is_sent_nothing(board, weighty, monkeypatch):
    board(needs_constants=True).profile(weighty(arrays()), ONCE).whole()
    model = weighty(arrays())
    monkeypatch.setattr(model_upload.Sender, "_send", _only_nothing)
    assert board(needs_constants=True).profile(model, ONCE).whole().notes == digests(arrays())
    assert sorted(model.constants.reads) == sorted(arrays())  # for their hashes


def _only_nothing(self, constants, manifest, names, progress, cancel):
    assert not names


def test_another_level_of_the_same_network_is_not_read_again(board, weighty, make_model):
    one, model = board(needs_constants=True), weighty(arrays())
    one.profile(model, ONCE).whole()
    reads = len(model.constants.reads)
    one.profile(make_model(model.graph, model.constants), ONCE).whole()
    assert len(model.constants.reads) == reads


def test_an_engine_without_need_of_constants_costs_no_reading(board, weighty):
    model = weighty(arrays())
    assert board().profile(model, ONCE).whole().notes == {}
    assert model.constants.reads == []


def test_constants_without_numbers_are_drawn_alike_everywhere(board, weighty):
    given = {name: arrays()[name] for name in ("w", "b", "scalar")}
    first = board(needs_constants=True).profile(weighty(given, missing=("w", "b")), ONCE).whole().notes
    second = board(needs_constants=True).profile(weighty(given, missing=("w", "b")), ONCE).whole().notes
    assert first == second
    assert first["scalar"] == digests(given)["scalar"]
    assert first["w"] != digests(given)["w"]


def test_sending_tells_progress(board, weighty):
    steps = []
    board(needs_constants=True).profile(weighty(arrays()), ONCE, progress=steps.append).whole()
    sent = [step.done for step in steps if step.text == "sending constants"]
    assert sent == sorted(sent)
    assert sent[-1] == steps[[step.text for step in steps].index("sending constants")].total


def test_a_full_or_forbidden_cache_is_said_and_leaves_no_half_file(board, weighty, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(BoardError, match="cannot keep constants"):
        board(needs_constants=True).profile(weighty(arrays()), ONCE).whole()


def plant_link(folder):
    folder.with_name("other").mkdir()
    folder.symlink_to(folder.with_name("other"))


def plant_open(folder):
    folder.mkdir()
    folder.chmod(0o775)


def plant_foreign(folder):
    folder.mkdir()
    os.chown(folder, 12345, 12345)


PLANTED = [
    (plant_link, "is a link"),
    (plant_open, "can be written by others"),
    pytest.param(
        plant_foreign,
        r"belongs to another user \(number 12345\)",
        marks=pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder away, which takes root"),
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_a_folder_somebody_planted_is_not_written_to_nor_read(board, weighty, tmp_path, plant, said):
    given = {"b": arrays()["b"]}
    plant(tmp_path / "cache")
    planted = tmp_path / "cache" / digests(given)["b"]
    planted.write_bytes(bytes(given["b"].nbytes))  # of the right name and size, with other numbers
    one = board(needs_constants=True)
    with pytest.raises(BoardError, match=f"constants cannot be kept: the folder {said}") as caught:
        one.profile(weighty(given), ONCE).whole()
    assert "the user's own" in caught.value.hint
    assert str(tmp_path / "cache") in caught.value.where
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [planted.name]


def test_stopping_in_the_middle_leaves_nothing_half(board, weighty, tmp_path, eventually):
    one, big = board(needs_constants=True), arrays()

    def stop(step):
        if step.text == "sending constants":
            assert step.done == protocol.CHUNK
            raise KeyError("enough")

    with pytest.raises(KeyError):
        one.profile(weighty({"w": big["w"]}), ONCE, progress=stop).whole()
    assert [path.name[:6] for path in (tmp_path / "cache").iterdir()] == [".part-"]
    pieces = sent(one)
    assert one.profile(weighty(big), ONCE).whole().notes == digests(big)
    assert pieces[0][0] in (protocol.CHUNK, 2 * protocol.CHUNK)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.name.startswith(".part-")]


def sent(one):
    """What a board sends from now on: (offset, bytes) of each piece."""
    found, call = [], one._connection.client.request

    def record(operation, payload=b"", **fields):
        if operation == "store":
            found.append((fields["offset"], len(payload)))
        return call(operation, payload, **fields)

    one._connection.client.request = record
    return found


def broken_off(one, model, end):
    """Sends a constant's first piece, and then the agent's end comes."""

    def stop(step):
        if step.text == "sending constants":
            end(one)

    with pytest.raises(BoardError):
        one.profile(model, ONCE, progress=stop).whole()


def close(one):
    one.close()


def kill(one):
    os.kill(one._connection.client.channel.pid, signal.SIGKILL)


@pytest.mark.parametrize("end", [close, kill])
def test_a_constant_that_came_in_part_is_gone_on_with(board, weighty, tmp_path, end):
    given = {"w": arrays()["w"]}
    broken_off(board(needs_constants=True), weighty(given), end)
    (part,) = (tmp_path / "cache").iterdir()
    assert part.name == f".part-{digests(given)['w']}"
    begun = part.stat().st_size
    assert begun >= protocol.CHUNK
    two = board(needs_constants=True)
    pieces = sent(two)
    assert two.profile(weighty(given), ONCE).whole().notes == digests(given)
    assert pieces[0][0] == begun
    assert begun + sum(size for _, size in pieces) == given["w"].nbytes
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [digests(given)["w"]]


def test_a_part_that_is_of_no_use_is_sent_anew(board, weighty, tmp_path):
    given = {"w": arrays()["w"]}
    broken_off(board(needs_constants=True), weighty(given), close)
    (part,) = (tmp_path / "cache").iterdir()
    part.write_bytes(bytes(part.stat().st_size))  # as after a power failure
    assert board(needs_constants=True).profile(weighty(given), ONCE).whole().notes == digests(given)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [digests(given)["w"]]


def test_a_cached_file_that_was_cut_is_sent_again(board, weighty, tmp_path):
    given = {"b": arrays()["b"]}
    board(needs_constants=True).profile(weighty(given), ONCE).whole()
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(path.read_bytes()[:3])
    assert board(needs_constants=True).profile(weighty(given), ONCE).whole().notes == digests(given)


class Mapped:
    """A constant that is a file."""

    def __init__(self, path):
        self.path = path

    def __getitem__(self, name):
        return np.memmap(self.path, "uint8", "r")


class Big:
    """Constants of 48 MB each, made when they are asked for."""

    def __getitem__(self, name):
        return np.full(12_000_000, int(name), "float32")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_memory_holds_one_constant_at_a_time(board, make_model, network):
    tensors = {str(number): Tensor(str(number), (12_000_000,), "float32") for number in range(5)}
    one = board(needs_constants=True)
    Path("/proc/self/clear_refs").write_text("5")  # forget earlier peaks
    before = _peak(os.getpid())
    one.unsupported(make_model(network("a", constants=tensors), Big()))
    assert _peak(os.getpid()) - before < 150e6  # not the 240 MB of all five


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_one_large_constant_is_in_no_memory_but_its_own_file(board, make_model, network, tmp_path):
    size = 200 << 20
    np.memmap(tmp_path / "weights", "uint8", "w+", shape=(size,))[::4096] = 7
    one = board(needs_constants=True)
    watcher = one._connection.client.channel.pid
    agent = int(Path(f"/proc/{watcher}/task/{watcher}/children").read_text())
    before, theirs = _own(os.getpid()), _own(agent)
    tracemalloc.start()
    try:
        one.unsupported(
            make_model(network("a", constants={"w": Tensor("w", (size,), "uint8")}), Mapped(tmp_path / "weights"))
        )
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
    assert _own(os.getpid()) - before < 60 << 20
    assert _own(agent) - theirs < 60 << 20  # it has the constant, and reads it from its file


def _own(pid):
    """Memory that is a process's own: pages of files, which the system can take back, do not count."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("RssAnon")).split()[1]) * 1024


def _peak(pid):
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
