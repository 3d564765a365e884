"""What a measurement came to: whole, in part, or nothing."""

import pytest

from layerswitch.errors import BoardError
from layerswitch.outcome import Outcome

LOST = BoardError("the link was lost")


def test_a_whole_measurement():
    assert Outcome(7).whole() == Outcome(7).part() == 7


def test_one_that_was_broken_off_is_a_part_and_not_whole():
    outcome = Outcome(7, LOST)
    assert outcome.part() == 7
    with pytest.raises(BoardError, match="the link was lost"):
        outcome.whole()


def test_nothing_is_neither():
    outcome = Outcome(None, LOST)
    for ask in (outcome.whole, outcome.part):
        with pytest.raises(BoardError, match="the link was lost"):
            ask()


def test_no_value_without_a_reason():
    with pytest.raises(ValueError, match="a value, an error, or both"):
        Outcome(None)
