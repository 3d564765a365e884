"""Peaks are measured once a board: kept beside the constants, and measured again where what they depend on changes."""

import json
import os

import pytest

from layerswitch.agent.engines import peaks_cache

CPU = {"gflops": 40.0, "gb_per_s": 8.0, "launch_ms": 0.02, "source": "micro-benchmarks"}


@pytest.fixture(autouse=True)
def idle(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0.1, 0.1))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "peaks.json"


class Bench:
    """Counts how often it is asked."""

    def __init__(self, found=None):
        self.found, self.times = {"CPU": dict(CPU)} if found is None else found, 0

    def __call__(self):
        self.times += 1
        return self.found


def test_what_was_measured_once_is_kept_and_says_when(path):
    first, second = Bench(), Bench()
    found = peaks_cache.peaks("a board", first, path)
    assert peaks_cache.peaks("a board", second, path) == found
    assert (first.times, second.times) == (1, 0)
    assert found["CPU"]["gflops"] == 40.0
    assert found["CPU"]["source"].startswith("micro-benchmarks, 2")
    assert [one.name for one in path.parent.iterdir()] == ["peaks.json"]


def test_another_board_or_governor_is_measured_anew_and_both_stay(path):
    peaks_cache.peaks("a board", Bench(), path)
    other = Bench()
    peaks_cache.peaks("a board; powersave", other, path)
    again = Bench()
    peaks_cache.peaks("a board", again, path)
    assert (other.times, again.times) == (1, 0)
    for number in range(40):
        peaks_cache.peaks(f"board {number}", Bench(), path)
    assert len(json.loads(path.read_text())) == peaks_cache.MOST


def test_peaks_of_a_busy_board_are_not_kept(path, monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (100.0, 100.0, 100.0))
    assert peaks_cache.peaks("a board", Bench(), path) == {"CPU": CPU}
    assert not path.exists()


@pytest.mark.parametrize(
    "found",
    [{}, {"CPU": {"source": "not measured: the GPU is out of memory"}}, {"CPU": dict(CPU, gflops=float("inf"))}],
)
def test_what_failed_is_not_kept(path, found):
    assert peaks_cache.peaks("a board", Bench(found), path) == found
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a board": {"CPU": {"gflops": -1}}}', '{"a board": 3}', "\xff"])
def test_a_broken_file_counts_as_none(path, text):
    path.parent.mkdir()
    path.write_bytes(text.encode("latin-1"))
    bench = Bench()
    assert peaks_cache.peaks("a board", bench, path)["CPU"]["gflops"] == 40.0
    assert bench.times == 1
    assert peaks_cache.peaks("a board", Bench({}), path)["CPU"]["gflops"] == 40.0


def test_a_link_and_what_others_can_write_are_not_read(path, tmp_path):
    peaks_cache.peaks("a board", Bench(), path)
    path.chmod(0o666)
    bench = Bench()
    peaks_cache.peaks("a board", bench, path)
    assert bench.times == 1
    planted = tmp_path / "planted.json"
    path.rename(planted)
    path.symlink_to(planted)
    peaks_cache.peaks("a board", bench, path)
    assert bench.times == 2


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    assert peaks_cache.peaks("a board", Bench(), tmp_path / "file" / "peaks.json")["CPU"]["gflops"] == 40.0


def test_it_depends_on_the_board_and_the_library():
    one = peaks_cache.about({"CPU": "CpuAcc"}, "20.08")
    assert one.endswith("20.08; CPU CpuAcc")
    assert one != peaks_cache.about({"CPU": "CpuAcc"}, "23.08")
    assert one != peaks_cache.about({"CPU": "CpuAcc", "GPU": "GpuAcc"}, "20.08")
