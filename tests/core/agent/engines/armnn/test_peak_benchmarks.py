"""Peaks: measured once, of sizes that take long enough, by the times that layers have."""

import numpy as np
import onnx
import pytest

from layerswitch.agent.engines.armnn import peak_benchmarks
from layerswitch.agent.engines.base import EngineError, JobCancelled

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Sizes that the slow reference backend is done with at once."""
    monkeypatch.setattr(peak_benchmarks, "ROWS", (2, 4))
    monkeypatch.setattr(peak_benchmarks, "NUMBERS", (1 << 12, 1 << 13))
    monkeypatch.setattr(peak_benchmarks, "REPEATS", 2)


def measured(engine, cancelled=bool, told=None):
    say = (lambda text: None) if told is None else told.append
    return peak_benchmarks.measure(engine._library, engine._backends, say, cancelled, reference=True)


def test_every_device_by_force(engine):
    told = []
    found = measured(engine, told=told)
    assert list(found) == ["CPU", "GPU"]
    for one in found.values():
        assert 0 < one["gflops"] < 1000
        assert 0 < one["gb_per_s"] < 1000
        assert 0 < one["launch_ms"] < 100
        assert "micro-benchmarks" in one["source"]
    assert told == ["measuring peaks of CPU", "measuring peaks of GPU"]


def test_the_reference_backend_has_no_peaks(engine):
    assert peak_benchmarks.measure(engine._library, engine._backends, lambda text: None, bool) == {}


def test_cancelling(engine):
    asked = []
    with pytest.raises(JobCancelled):
        measured(engine, lambda: asked.append(1) or len(asked) > 3)
    assert len(asked) < 10
    assert measured(engine)["CPU"]["gflops"] > 0  # and it works again


def test_a_device_that_fails_says_so(engine, monkeypatch):
    def refuse(*args):
        raise EngineError("the GPU is out of memory")

    monkeypatch.setattr(peak_benchmarks, "Execution", refuse)
    assert "out of memory" in measured(engine)["GPU"]["source"]


@pytest.mark.parametrize(
    ("per_unit", "size", "count"),
    [(1.0, 32, 1), (0.1, 512, 2), (1e-4, 8192, 2), (30.0, 32, 1)],
    ids=["long at once", "grown once", "the largest", "a slow board"],
)
def test_the_size_grows_until_it_takes_long_enough(per_unit, size, count):
    bench, sizes = peak_benchmarks._Bench(None, "CPU", "CpuAcc", bool), []
    found, ms = bench._grown((32, 8192), lambda wanted: sizes.append(wanted) or wanted * per_unit)
    assert (found, len(sizes)) == (size, count)
    assert ms == pytest.approx(size * per_unit)


def test_rates_are_those_of_the_sizes(engine, monkeypatch):
    """20 ms: for the product of 4 x 512 x 512, and for reading and writing 8192 numbers."""
    monkeypatch.setattr(peak_benchmarks._Bench, "_layer", lambda self, graph, constants, kernel=False: [20.0, 25.0])
    monkeypatch.setattr(peak_benchmarks, "ROWS", (4, 4))
    monkeypatch.setattr(peak_benchmarks, "NUMBERS", (8192, 8192))
    found = measured(engine)["CPU"]
    assert found["gflops"] == pytest.approx(2 * 4 * 512 * 512 / 0.020 / 1e9)
    assert found["gb_per_s"] == pytest.approx(2 * 4 * 8192 / 0.020 / 1e9)
    assert found["launch_ms"] == np.median([20.0, 25.0])


def test_a_profile_has_them_and_the_next_measures_none(engine, case, write_onnx, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr(peak_benchmarks, "REFERENCE", "none")
    monkeypatch.setattr("layerswitch.agent.engines.armnn.transfer_timing.measure", lambda *args: iter(()))
    one, told = case(write_onnx([onnx.helper.make_node("Relu", ["x"], ["y"])], {"x": (1, 3, 8, 8)}, ["y"], {})), []
    engine.load(one.network, one.constants)
    first, second = (engine.profile(1, 1, 0, lambda event, **said: told.append(said.get("text")), bool) for _ in "12")
    assert first["peaks"]["GPU"]["gflops"] > 0
    assert second["peaks"] is first["peaks"]
    assert [text for text in told if text and "peaks" in text] == ["measuring peaks of CPU", "measuring peaks of GPU"]
    told.clear()
    engine._peaks = None  # as in another connection
    assert engine.profile(1, 1, 0, lambda event, **said: told.append(said.get("text")), bool)["peaks"] == first["peaks"]
    assert not [text for text in told if text and "peaks" in text]
