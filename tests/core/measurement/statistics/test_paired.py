import numpy as np
import pytest

from layerswitch.measurement.sample_summary import Interval
from layerswitch.measurement.statistics import fewest, more_rounds, paired_gain, sentence, verdict


def test_fewest_rounds_for_a_coverage():
    assert [fewest(coverage) for coverage in (0.5, 0.95, 1 - 0.05 / 3, 0.99)] == [2, 6, 7, 8]
    six = Interval(0.1, 0.05, 0.2, 6)
    assert verdict(six) == "faster"
    assert verdict(six, 0.99) == "no difference seen"


def test_more_rounds_grow_with_the_square_of_the_noise():
    assert more_rounds(Interval(0.05, 0.04, 0.06, 20)) == 0
    few, many = (more_rounds(Interval(0.01, 0.01 - half, 0.01 + half, 20)) for half in (0.02, 0.04))
    assert few == pytest.approx(20 * (2 * 1.43) ** 2 - 20, rel=0.02)
    assert (many + 20) == pytest.approx(4 * (few + 20), rel=0.02)
    assert more_rounds(Interval(0.0, -0.01, 0.01, 20)) is None
    assert more_rounds(Interval(1e-7, -0.01, 0.01, 20)) is None
    assert more_rounds(Interval(0.1, 0.09, 0.11, 4)) == 2


def test_plain_sentences():
    assert sentence("plan", "CPU", Interval(0.047, 0.039, 0.055, 20), "faster") == (
        "plan is faster than CPU by 4.7 % (3.9 to 5.5)"
    )
    assert sentence("plan", "CPU", Interval(-0.047, -0.055, -0.039, 20), "slower") == (
        "plan is slower than CPU by 4.7 % (3.9 to 5.5)"
    )
    open_ = sentence("plan", "CPU", Interval(0.01, -0.005, 0.02, 20), "no difference seen", 31)
    assert open_ == (
        "no difference to be seen yet between plan and CPU (-0.5 to +2.0 %); "
        "about 31 more rounds would settle a gain such as this"
    )
    assert "too small" in sentence("plan", "CPU", Interval(0.0, -0.005, 0.02, 20), "no difference seen")


def test_a_coarse_clock_makes_no_assignment_faster():
    """Times of 0 ms on either side: equal assignments stay equal, however often the clock shows nothing."""
    random, wrong = np.random.default_rng(0), 0
    for _ in range(400):
        first, second = np.where(random.random((2, 40)) < 0.4, 0.0, random.lognormal(0, 0.1, (2, 40)))
        wrong += verdict(paired_gain(first, second)) != "no difference seen"
    assert wrong <= 20


@pytest.mark.parametrize("rounds", [2, 3, 6, 12, 20])
def test_as_many_more_rounds_as_asked_for_settle_it_four_times_in_five(rounds):
    """A gain of as much as was seen, in noise such as was seen: the median of what is asked for."""
    random, asked = np.random.default_rng(rounds), []
    noise, true = 0.02, 0.01
    while len(asked) < 400:
        gain = paired_gain(1 - random.normal(true, noise, rounds), np.ones(rounds))
        if 0.9 * true < gain.median < 1.1 * true and (more := more_rounds(gain)):
            asked.append(rounds + more)
    total = int(np.median(asked))
    settled = [
        verdict(paired_gain(1 - random.normal(true, noise, total), np.ones(total))) == "faster" for _ in range(1000)
    ]
    assert (0.6 if rounds > 3 else 0.4) < np.mean(settled) < 0.97  # the spread of two or three is hardly known


def test_one_round_shows_no_noise_and_asks_for_what_any_verdict_needs():
    one = Interval(0.047, 0.047, 0.047, 1)
    assert more_rounds(one) == 5
    assert more_rounds(one, 1 - 0.05 / 3) == 6
    assert sentence("plan", "CPU", one, "no difference seen", 5) == (
        "no difference to be seen yet between plan and CPU (+4.7 to +4.7 %): 1 round is too few to show any"
    )


def test_sentences_of_few_rounds_and_of_very_small_differences():
    few = sentence("plan", "CPU", Interval(0.01, -0.0001, 0.02, 3), "no difference seen", 8)
    assert few == (
        "no difference to be seen yet between plan and CPU (+0.0 to +2.0 %): 3 rounds are too few to show any; "
        "about 8 more rounds would settle a gain such as this"
    )
    assert "reasonable number" not in sentence("plan", "CPU", Interval(0.0, -0.1, 0.1, 3), "no difference seen")
    small = Interval(0.00051, 0.00032, 0.00074, 20)
    assert sentence("plan", "CPU", small, "faster") == "plan is faster than CPU by 0.05 % (0.03 to 0.07)"
    mirrored = Interval(-0.00051, -0.00074, -0.0000321, 20)
    assert sentence("plan", "CPU", mirrored, "slower") == "plan is slower than CPU by 0.051 % (0.003 to 0.074)"
    same = Interval(0.0, 0.0, 0.0, 20)
    assert sentence("a", "b", same, "no difference seen") == "no difference at all between a and b in 20 rounds"


def test_every_gain_is_a_number():
    found = paired_gain([1e12, 1e-9, 1e7, 5.0], [1e-320, 1e7, 1e-9, 5.0])
    assert found.samples == 3
    assert np.isfinite([found.low, found.median, found.high]).all()
