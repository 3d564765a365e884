import pytest

from layerswitch.results import Interval
from layerswitch.statistics import fewest, more_rounds, sentence, verdict


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
