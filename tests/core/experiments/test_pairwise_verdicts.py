"""Any two of a comparison: the verdicts of its own table, and the shared error of the rest."""

import numpy as np
import pytest

from layerswitch.experiments.pairwise_verdicts import between
from layerswitch.experiments.results import Comparison, Entry
from layerswitch.measurement import statistics
from layerswitch.measurement.profile import BoardDescription, Device
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment

BOARD = BoardDescription("b", "B", "simulated", (Device("CPU", "", ""), Device("GPU", "", "")), "fake")


def comparison(samples, *, pairs=1, most=None, gains=None):
    """Entries CPU, GPU, then others, each on its own assignment; GPU is the reference."""
    entries = []
    for place, (name, taken) in enumerate(samples.items()):
        on = {f"l{bit}": "GPU" if place >> bit & 1 else "CPU" for bit in range(4)}
        on = dict.fromkeys(on, name) if name in ("CPU", "GPU") else on
        gain, verdict = (gains or {}).get(name, (None, "reference"))
        kind = "baseline" if name in ("CPU", "GPU") else "own"
        entries.append(
            Entry(name, kind, Assignment(on), None, statistics.summarize(taken), tuple(taken), 0, gain, verdict)
        )
    rounds = len(entries[0].samples_ms)
    made = Comparison("n", "f", BOARD, rounds, tuple(entries), "GPU", pairs=pairs, max_rounds=most)
    return made, {entry.name: entry for entry in entries}


def test_against_the_reference_it_is_the_verdict_of_the_table():
    told = {"one": (Interval(0.5, 0.2, 0.6, 8), "faster"), "CPU": (Interval(0.0, -0.1, 0.1, 8), "no difference seen")}
    made, entry = comparison({"CPU": [9.0] * 8, "GPU": [10.0] * 8, "one": [9.0] * 8}, gains=told)
    assert between(made, entry["one"], entry["GPU"])[:2] == told["one"]
    turned = between(made, entry["GPU"], entry["one"])
    assert turned.verdict == "slower"
    assert (turned.gain.low, turned.gain.median, turned.gain.high) == pytest.approx((1 - 1 / 0.4, -1.0, 1 - 1 / 0.8))
    assert between(made, entry["CPU"], entry["GPU"]).verdict == "no difference seen"


def test_a_mirrored_gain_is_that_of_the_mirrored_samples():
    random = np.random.default_rng(3)
    ours, theirs = 10 + random.random(40), 11 + random.random(40)
    there = statistics.paired_gain(ours, theirs)
    made, entry = comparison({"GPU": theirs.tolist(), "one": ours.tolist()}, gains={"one": (there, "faster")})
    back, direct = between(made, entry["GPU"], entry["one"]).gain, statistics.paired_gain(theirs, ours)
    assert (back.low, back.high) == pytest.approx((direct.low, direct.high), rel=1e-9)
    assert back.median == pytest.approx(direct.median, rel=1e-2)  # the mean of the middle two is not mirrored exactly


def test_other_pairs_share_their_error():
    """Six rounds all of one sign show a difference at 95 %, but not at what one of three pairs may claim."""
    samples = {"GPU": [20.0] * 6, "a": [9.0] * 6, "b": [10.0] * 6}
    made, entry = comparison(samples)
    assert between(made, entry["a"], entry["b"]).verdict == "faster"
    made, entry = comparison({**samples, "c": [30.0] * 6})
    found = between(made, entry["a"], entry["b"])
    assert (found.verdict, found.more_rounds) == ("no difference seen", 1)


def test_pairs_with_another_baseline_are_those_the_comparison_counted():
    samples = {"CPU": [10.0] * 6, "GPU": [20.0] * 6, "a": [9.0] * 6}
    made, entry = comparison(samples, pairs=1)
    assert between(made, entry["a"], entry["CPU"]).verdict == "faster"
    made, entry = comparison(samples, pairs=7)
    assert between(made, entry["a"], entry["CPU"]).verdict == "no difference seen"


def test_measured_until_decided_the_interval_holds_whenever_one_stopped():
    """Six rounds of one sign are enough for a fixed number, not for a rule that may stop at any of a hundred."""
    samples = {"GPU": [20.0] * 6, "a": [9.0] * 6, "b": [10.0] * 6}
    made, entry = comparison(samples, most=100)
    assert between(made, entry["a"], entry["b"]).verdict == "no difference seen"


def test_equal_ones_are_wrongly_told_apart_in_less_than_one_comparison_of_twenty():
    random, wrong = np.random.default_rng(11), 0
    for _ in range(400):
        names = ("GPU", "a", "b", "c", "d")
        made, entry = comparison({name: (10 + random.random(20)).tolist() for name in names})
        pairs = [(one, other) for one in names[1:] for other in names[1:] if one < other]
        wrong += any(between(made, entry[one], entry[other]).verdict != "no difference seen" for one, other in pairs)
    assert wrong < 20


@pytest.mark.parametrize("most", [None, 40])
def test_times_of_zero_alone_show_nothing(most):
    made, entry = comparison({"GPU": [20.0] * 6, "a": [0.0] * 6, "b": [10.0] * 6}, most=most)
    found = between(made, entry["a"], entry["b"])
    assert (found.gain.samples, found.verdict, found.more_rounds) == (0, "no difference seen", None)
    said = statistics.sentence("a", "b", *found)
    assert said == "a and b cannot be compared: every round has a time of 0 ms"
