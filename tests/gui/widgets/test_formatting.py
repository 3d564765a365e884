"""How numbers are written: never an exponent, and in the digits that the library writes too."""

import math

import pytest

from layerswitch.explain.clauses import significant
from layerswitch.measurement.sample_summary import Interval
from layerswitch_gui.widgets import formatting


@pytest.mark.parametrize("value", [4.19e-5, 0.004, 0.0099996, 0.5, 7.0, 50.0, 99.96, 999.6, 1234.0, 45_678.0, 1.18e8])
def test_numbers_are_written_as_the_library_writes_them(value: float) -> None:
    assert formatting.number(value).replace(",", "") == significant(value)
    assert "e" not in formatting.number(value, 4)


def test_numbers_without_a_value_are_a_dash() -> None:
    assert formatting.number(math.inf) == formatting.number(math.nan) == "–"
    assert formatting.number(0.0) == "0.00"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (12_345.6, "12,346 ms"),
        (123_456_789.0, "123,456,789 ms"),
        (101.49, "101.5 ms"),
        (0.00004, "0.000040 ms"),
        (0.00517, "0.0052 ms"),
    ],
)
def test_seconds_and_nanoseconds_have_no_exponent(ms: float, text: str) -> None:
    assert formatting.ms(ms) == text


def test_intervals_of_seconds() -> None:
    assert formatting.interval(12_345.6, 12_987.1) == "12,346 to 12,987 ms"


def test_differences_have_a_sign_and_a_unit() -> None:
    assert [formatting.signed_ms(ms) for ms in (3.0, -0.12, 0.0, 1234.0)] == [
        "+3.00 ms",
        "−0.120 ms",
        "±0 ms",
        "+1,234 ms",
    ]


def test_one_of_a_thing_is_not_several() -> None:
    assert [formatting.counted(1, "switch"), formatting.counted(2, "switch")] == ["1 switch", "2 switches"]
    assert [formatting.counted(1, "round"), formatting.counted(2_000, "layer")] == ["1 round", "2,000 layers"]


def test_few_samples_have_a_range_and_no_interval() -> None:
    assert [formatting.covering(samples) for samples in (1, 5, 6)] == [
        "range of 1 sample",
        "range of 5 samples",
        "95 % interval",
    ]


def test_a_gain_stands_within_its_interval() -> None:
    assert formatting.gain(Interval(0.0472, 0.039, 0.0549, 20)) == "+4.7 % (+3.9 to +5.5)"
    assert formatting.gain(Interval(-0.02, -0.0301, -0.0001, 20)) == "-2.0 % (-3.01 to -0.01)"


def test_what_rounds_to_a_thousand_takes_the_next_prefix() -> None:
    assert [formatting.size(count) for count in (999, 999_400, 999_700, 1_000_000)] == [
        "999 B",
        "999 kB",
        "1 MB",
        "1 MB",
    ]
    assert formatting.count(999_999_999) == "1 G"


def test_ratios_have_no_exponent() -> None:
    assert [formatting.times(ratio) for ratio in (2.0, 0.25, 1234.5, math.inf)] == ["2×", "0.25×", "1,230×", "–"]


def test_what_sums_leave_over_is_nothing() -> None:
    assert (formatting.ms(1.3e-14), formatting.signed_ms(1.3e-14), formatting.signed_ms(-4e-15)) == (
        "0 ms",
        "±0 ms",
        "±0 ms",
    )


def test_an_end_of_an_interval_that_is_not_0_does_not_look_like_it() -> None:
    assert formatting.between(-0.004351, -0.000021) == "-0.435 to -0.002 %"
    assert formatting.between(-0.004351, 0.000021) == "-0.4 to +0.0 %"
    assert formatting.between(0.0, 0.0) == "+0.0 to +0.0 %"


def test_intervals_of_microseconds_tell_their_ends_apart() -> None:
    assert formatting.interval(0.00431, 0.00452) == "0.00431 to 0.00452 ms"
    assert formatting.interval(101.39012, 101.39019) == "101.3901 to 101.3902 ms"
