import numpy as np
import pytest

from layerswitch.measurement.sample_summary import Interval
from layerswitch.measurement.statistics import intervals, noise, outliers, paired_gain, summarize, verdict


def test_few_samples_give_their_range():
    assert summarize([5.0]) == Interval(5.0, 5.0, 5.0, 1)
    assert summarize([2.0, 1.0]) == Interval(1.5, 1.0, 2.0, 2)
    assert summarize([3.0, 1.0, 2.0, 9.0, 4.0]) == Interval(3.0, 1.0, 9.0, 5)


def test_order_and_outliers_do_not_matter():
    samples = [10.0 + i / 10 for i in range(20)]
    found = summarize(samples)
    assert summarize(samples[::-1]) == found
    assert summarize([*samples[:-1], 1e6]) == found
    assert 10.4 < found.low < found.median < found.high < 11.5


def test_interval_is_symmetric_in_rank_and_grows_narrower():
    wide, narrow = summarize(range(50)), summarize(np.arange(5000) / 100)
    assert wide.low + wide.high == pytest.approx(49)
    assert narrow.high - narrow.low < (wide.high - wide.low) / 5


@pytest.mark.parametrize("count", [6, 7, 20, 21, 60])
def test_intervals_cover_what_they_promise(count):
    """Log-normal times, 5 % outliers of up to twice as long: 95 % intervals hold the median 93 to 97 % of the time."""
    random = np.random.default_rng(count)

    def draw(*shape):
        times = 100 * random.lognormal(0, 0.02, shape)
        return np.where(random.random(shape) < 0.05, times * random.uniform(1.1, 2, shape), times)

    true = np.median(draw(1_000_000))
    found = [summarize(samples) for samples in draw(4000, count)]
    assert 0.93 < np.mean([one.low <= true <= one.high for one in found]) < 0.97


def test_gain_is_paired_so_that_drift_cancels():
    drift = np.linspace(100, 200, 20)
    found = paired_gain(0.9 * drift, drift)
    assert (found.median, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.samples == 20
    assert verdict(found) == "faster"


def test_false_verdicts_are_as_rare_as_promised():
    random = np.random.default_rng(0)
    a, b = random.lognormal(0, 0.05, (2, 2000, 20))
    shown = [verdict(paired_gain(x, y)) for x, y in zip(a, b, strict=True)]
    assert 0.93 < shown.count("no difference seen") / len(shown) < 0.97


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (Interval(0.1, 0.05, 0.2, 6), "faster"),
        (Interval(0.1, 0.05, 0.2, 5), "no difference seen"),
        (Interval(-0.1, -0.2, -0.05, 20), "slower"),
        (Interval(0.1, -0.01, 0.2, 20), "no difference seen"),
        (Interval(0.0, 0.0, 0.0, 20), "no difference seen"),
    ],
)
def test_verdict(gain, said):
    assert verdict(gain) == said


def test_pairs_without_a_reference_time_are_left_out():
    assert paired_gain([1.0, 1.0], [0.0, 2.0]) == Interval(0.5, 0.5, 0.5, 1)


def test_noise_is_sigma_over_mean_for_normal_noise():
    samples = np.random.default_rng(0).normal(50, 1, 5000)
    assert noise(samples) == pytest.approx(0.02, rel=0.05)
    assert noise([*samples, 1e9]) == pytest.approx(noise(samples), rel=0.01)
    assert noise([5.0]) == noise([0.0, 0.0]) == 0.0


def test_nothing_cannot_be_summarized():
    for call in (lambda: summarize([]), lambda: noise([]), lambda: paired_gain([1], [0]), lambda: paired_gain([1], [])):
        with pytest.raises(ValueError):  # noqa: PT011 (the text differs)
            call()


def test_outliers_are_pointed_at():
    samples = [10.0, 10.1, 9.9, 10.05, 14.0, 9.95, 10.0]
    assert outliers(samples) == (4,)
    assert summarize(samples).samples == 7
    assert outliers([1.0, 1.0, 1.0, 1.0, 1.0, 2.0]) == outliers([1.0, 9.0]) == ()


def test_wider_coverage_gives_wider_intervals():
    samples = list(range(40))
    usual, surer = summarize(samples), summarize(samples, 0.99)
    assert surer.low < usual.low < usual.high < surer.high


def test_intervals_of_many_rows_are_those_of_each():
    rows = np.random.default_rng(5).lognormal(size=(7, 20))
    low, high = intervals(rows)
    each = [summarize(row) for row in rows]
    assert low.tolist() == [one.low for one in each]
    assert high.tolist() == [one.high for one in each]
    with pytest.raises(ValueError, match="no samples"):
        intervals(np.zeros((2, 0)))


@pytest.mark.parametrize("count", range(1, 30))
def test_equal_samples_have_an_interval_of_no_width(count):
    """To the last bit: 0.1 weighed with itself is not always 0.1."""
    for value in (0.1, 1e-9, 1e7, 1 / 3):
        assert summarize([value] * count) == Interval(value, value, value, count)


@pytest.mark.parametrize("count", range(1, 7))
def test_the_range_of_few_samples_covers_what_is_said_of_it(count):
    random = np.random.default_rng(count)
    found = [summarize(samples) for samples in random.lognormal(0, 0.1, (4000, count))]
    covered = np.mean([one.low <= 1.0 <= one.high for one in found])
    assert covered == pytest.approx(1 - 2.0 ** (1 - count), abs=0.025)
