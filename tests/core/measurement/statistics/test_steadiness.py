import numpy as np
import pytest

from layerswitch.measurement.sample_summary import Steadiness
from layerswitch.measurement.statistics import drift, notes, steadiness, warmup_end


def steady(seed, count=40, noise=0.01):
    return 100 * np.random.default_rng(seed).lognormal(0, noise, count)


def test_warm_up_is_found_where_it_ends():
    decay = 1 + 0.5 * 0.5 ** np.arange(40)
    assert all(4 <= warmup_end(steady(seed) * decay) <= 18 for seed in range(20))  # 3 % is left at the fourth
    assert np.median([warmup_end(steady(seed) * decay) for seed in range(20)]) <= 9
    step = np.where(np.arange(40) < 12, 1.03, 1.0)
    assert sum(12 <= warmup_end(steady(seed) * step) <= 15 for seed in range(20)) >= 18
    one = np.where(np.arange(40) < 1, 1.5, 1.0)
    assert all(warmup_end(steady(seed) * one) == 1 for seed in range(20))


def test_steady_series_have_no_warm_up_and_no_drift():
    found = [steadiness(steady(seed)) for seed in range(500)]
    assert np.mean([one.warmup > 0 for one in found]) < 0.03
    assert np.mean([one.drift.seen for one in found]) < 0.03


def test_a_drift_is_not_taken_for_warm_up():
    assert np.mean([warmup_end(steady(seed) * np.linspace(1, 1.1, 40)) > 0 for seed in range(100)]) < 0.1


def test_warm_up_faster_than_the_rest_counts_too():
    assert 9 <= warmup_end(steady(1) * np.where(np.arange(40) < 10, 0.9, 1.0)) <= 11


def test_drift_is_measured_from_first_to_last():
    found = drift(steady(3, 60) * np.linspace(1, 1.06, 60))
    assert found.seen
    assert found.low < found.change < found.high
    assert found.change == pytest.approx(0.06, abs=0.01)
    slower = drift(steady(3, 5000) * np.linspace(1, 0.9, 5000))
    assert slower.seen
    assert slower.change == pytest.approx(-0.105, abs=0.01)


@pytest.mark.parametrize("count", [10, 11, 12, 20, 33])
def test_a_drift_upwards_mirrored_is_one_downwards(count):
    """Sen's interval leaves out as many slopes at either end."""
    samples = steady(count, count)
    up, down = drift(samples), drift(samples[::-1])
    assert (down.change, down.low, down.high) == pytest.approx((-up.change, -up.high, -up.low), rel=1e-9)


@pytest.mark.parametrize("count", [10, 12, 15])
def test_drift_intervals_of_few_samples_cover_the_truth_too(count):
    true = [drift(steady(seed, count) * np.linspace(1, 1.04, count)) for seed in range(1000)]
    assert 0.94 < np.mean([one.low <= 0.04 / 1.02 <= one.high for one in true]) < 0.98


def test_drift_intervals_cover_the_truth():
    true = [drift(steady(seed, 30) * np.linspace(1, 1.04, 30)) for seed in range(400)]
    assert 0.92 < np.mean([one.low <= 0.04 / 1.02 <= one.high for one in true]) < 0.98


def test_few_or_equal_samples_show_nothing():
    assert warmup_end([9.0, 1.0, 1.0]) == 0
    assert drift([1.0] * 9) is None
    assert not drift([1.0] * 20).seen
    assert warmup_end([1.0] * 20) == 0
    assert warmup_end([0.0] * 20) == 0


def test_notes_say_what_is_wrong_and_nothing_otherwise():
    samples = steady(5) * (1 + 0.5 * 0.5 ** np.arange(40)) * np.linspace(1, 1.1, 40)
    samples[30] = 200.0
    found = steadiness(samples)
    assert 30 in found.outliers
    said = notes(found, 40, "CPU")
    assert [note.kind for note in said] == ["warm-up", "drift", "outliers"]
    assert all(note.text.startswith(f"CPU: {note.kind}") for note in said)
    assert notes(steadiness(np.full(20, 3.0)), 20) == ()


@pytest.mark.parametrize("count", [10, 11, 12, 16, 20, 30])
def test_few_steady_samples_have_no_warm_up_either(count):
    """1 % by ranks and 0.5 % by far samples, and two standard errors."""
    assert np.mean([warmup_end(steady(seed, count)) > 0 for seed in range(2000)]) <= 0.0205


@pytest.mark.parametrize("count", [10, 12, 20])
def test_a_slow_first_inference_is_found_among_few(count):
    slow = np.where(np.arange(count) < 1, 1.5, 1.0)
    assert np.mean([warmup_end(steady(seed, count) * slow) == 1 for seed in range(200)]) > 0.9


def test_one_sample_of_warm_up_is_one():
    said = [notes(Steadiness(count), 20, "CPU")[0].text for count in (1, 3)]
    assert said == [
        "CPU: warm-up: the first of 20 samples differs from the rest",
        "CPU: warm-up: the first 3 of 20 samples differ from the rest",
    ]
