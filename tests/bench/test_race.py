"""The race of bench/trust: what is far off is dropped soon, what is faster is found, and it goes on where it ended."""

import importlib.util
import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from layerswitch.network.assignment import Assignment
from layerswitch.outcome import Outcome

LAYERS = ("a", "b", "c")
EVERY = [Assignment(dict(zip(LAYERS, one, strict=True))) for one in itertools.product(("CPU", "GPU"), repeat=3)]
HELD = EVERY[0]


@pytest.fixture(scope="module")
def race():
    path = Path(__file__).parents[2] / "bench" / "trust" / "race.py"
    spec = importlib.util.spec_from_file_location("race_of_the_bench", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Board:
    """Takes `ms` by the assignment's letters, with 2 % of noise, and counts its runs."""

    def __init__(self, ms):
        self.ms, self.random, self.visits = ms, np.random.default_rng(0), []

    def run(self, _model, assignment, *, runs, warmup):
        assert (runs, warmup) == (3, 1)
        self.visits.append(assignment.text)
        ms = (self.ms[assignment.text] * self.random.lognormal(0, 0.02, runs)).tolist()
        return Outcome(SimpleNamespace(samples_ms=ms))


def started(race, board, path):
    return race.Race(board, None, HELD, EVERY[1:], path, most=300, margin=0.0196)


def test_all_others_are_shown_to_be_no_faster_and_what_is_far_off_costs_little(race, tmp_path, capsys):
    board = Board({one.text: 10.0 * 1.3 ** (one != HELD) for one in EVERY})
    found = started(race, board, tmp_path / "race.json")
    found.run(60.0)
    found.show()
    assert (
        "7 are shown not to be faster than CCC by 1.96% or more, 0 to be (none), open: none" in capsys.readouterr().out
    )
    assert all(found.settled(text) for text in found.others)
    assert len(board.visits) < 8 * 40


def test_one_that_is_faster_is_found_and_the_bound_says_by_how_much(race, tmp_path, capsys):
    board = Board({one.text: 10.0 * (0.9 if one.text == "CGC" else 1.2) ** (one != HELD) for one in EVERY})
    found = started(race, board, tmp_path / "race.json")
    found.run(60.0)
    assert found.gain("CGC").low > 0.0196
    assert found.gain("CGC").low < 0.1 < found.gain("CGC").high
    found.show()
    said = capsys.readouterr().out
    assert "6 are shown not to be faster" in said
    assert "1 to be (CGC)" in said
    assert said.index("| CGC |") < said.index("| CCG |")


def test_it_goes_on_where_it_ended_and_says_what_is_open(race, tmp_path, capsys):
    board = Board({one.text: 10.0 for one in EVERY})  # all alike: nothing can be settled soon
    first = started(race, board, tmp_path / "race.json")
    first._race(list(first.others), 5, np.inf)
    first.show()
    said = capsys.readouterr().out
    assert "at most an unknown share over the best" in said
    assert "open: CCG CGC CGG GCC GCG GGC GGG." in said
    again = started(race, board, tmp_path / "race.json")
    assert again.pairs == first.pairs
    assert all(len(pairs) == 5 for pairs in again.pairs.values())
    other = race.Race(board, None, EVERY[1], [HELD], tmp_path / "race.json", most=300, margin=0.0196)
    assert other.pairs == {HELD.text: []}  # held against another, they mean nothing
