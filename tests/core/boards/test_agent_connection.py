"""A board that goes on by itself after its agent was killed, and says so; what is lost is told with its rest."""

import sys
import threading

import pytest

from layerswitch.boards.board import Board, RetryPolicy
from layerswitch.boards.client.collectors import INCOMPLETE
from layerswitch.boards.client.local_channel import WATCHED, LocalChannel, agent_folder
from layerswitch.boards.client.rpc_client import Client
from layerswitch.errors import BoardError, CancelledError, LostError, ReachError
from layerswitch.measurement.profile import ProfileSettings

CPU = dict.fromkeys("abc", "CPU")


class Ways:
    """Connects to the scripted engine; `trouble` is raised (or is another command) at the next tries."""

    def __init__(self, cache):
        self.trouble, self.tries, self.cache = [], 0, cache

    def __call__(self, entry):
        self.tries += 1
        if self.trouble:
            trouble = self.trouble.pop(0)
            if isinstance(trouble, list):
                return LocalChannel(trouble)
            raise trouble
        arguments = ("--engine", "scripted_engine:Scripted", "--cache", str(self.cache))
        return LocalChannel([sys.executable, str(agent_folder()), *WATCHED, *arguments])


def gone(again=True):
    error = ReachError("nothing listens", where="desk")
    error.again = again
    return error


@pytest.fixture
def ways(tmp_path, board):
    return Ways(tmp_path / "cache")


@pytest.fixture
def steadily(make_entry, ways):
    """steadily(**settings) -> a Board that goes on by itself, and waits hundredths of a second, not seconds."""
    opened = []

    def connect(**settings):
        opened.append(Board.connect(make_entry(**settings), connect=ways, retry=RetryPolicy(first_seconds=0.02)))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def test_a_run_is_measured_in_two_parts(steadily, model, tmp_path):
    run = steadily(at=4, failure="kill", once=str(tmp_path / "once")).run(model, CPU, runs=10).whole()
    assert run.samples_ms == (3.0, 4.0, 5.0, 6.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
    assert run.conditions.resumed.parts == 2


def test_a_profile_is_measured_in_two_parts(steadily, model, tmp_path):
    settings = ProfileSettings(runs=20)
    one = steadily(at=32, failure="kill", once=str(tmp_path / "once"))
    profile = one.profile(model, settings).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {20}
    assert profile.settings == settings
    assert profile.conditions.resumed.parts == 2
    assert INCOMPLETE not in profile.notes


def test_only_what_is_missing_is_measured(steadily, model, tmp_path, monkeypatch):
    asked = []
    one = steadily(at=32, failure="kill", once=str(tmp_path / "once"))
    request = Client.request

    def record(self, operation, *args, **fields):
        if operation == "profile":
            asked.append(fields["runs"])
        return request(self, operation, *args, **fields)

    monkeypatch.setattr(Client, "request", record)
    one.profile(model, ProfileSettings(runs=20)).whole()
    assert asked == [20, 8]  # the CPU had 20, the GPU 12


def test_without_a_loss_nothing_is_said(steadily, model):
    one = steadily()
    assert one.run(model, CPU, runs=2).whole().conditions.resumed is None
    assert one.profile(model, ProfileSettings(runs=1)).whole().conditions.resumed is None


def test_an_agent_that_dies_again_is_told_with_all_that_was_measured(steadily, model):
    outcome = steadily(at=2, failure="kill").run(model, CPU, runs=10)
    with pytest.raises(LostError, match="SIGKILL"):
        outcome.whole()
    assert outcome.value.samples_ms == (3.0, 4.0, 3.0, 4.0)


def test_it_tries_again_until_the_board_is_back(steadily, model, ways, tmp_path):
    one, seen = steadily(at=2, failure="kill", once=str(tmp_path / "once")), []
    ways.trouble = [gone(), gone(), gone()]
    assert len(one.run(model, CPU, runs=5, progress=seen.append).whole().samples_ms) == 5
    assert ways.tries == 5
    assert any("trying again in" in step.text for step in seen)


def test_a_link_that_is_lost_again_while_it_is_made(steadily, model, ways, tmp_path):
    one = steadily(at=2, failure="kill", once=str(tmp_path / "once"))
    ways.trouble = [[sys.executable, "-c", "raise SystemExit(5)"]] * 2
    assert len(one.run(model, CPU, runs=5).whole().samples_ms) == 5
    assert ways.tries == 4


def test_a_board_that_lets_nobody_in_any_more_is_not_waited_for(steadily, model, ways):
    one = steadily(at=2, failure="kill")
    ways.trouble = [gone(again=False)]
    outcome = one.run(model, CPU, runs=5)
    with pytest.raises(ReachError, match="nothing listens"):
        outcome.whole()
    assert outcome.value.samples_ms == (3.0, 4.0)


def test_patience_ends(steadily, model, ways):
    one = steadily(at=2, failure="kill")
    one._connection.retry = RetryPolicy(first_seconds=0.02, patience_seconds=0.2)
    ways.trouble = [gone()] * 1000
    outcome = one.run(model, CPU, runs=5)
    with pytest.raises(LostError, match=r"did not come back .*nothing listens"):
        outcome.whole()
    assert outcome.value.samples_ms == (3.0, 4.0)


@pytest.mark.parametrize(("how", "error"), [("cancel", CancelledError), ("close", BoardError)])
def test_waiting_can_be_ended(steadily, model, ways, how, error):
    one, stop = steadily(at=2, failure="kill"), threading.Event()
    one._connection.retry = RetryPolicy(first_seconds=100.0)
    ways.trouble = [gone()] * 1000

    def show(step):
        if "trying again" in step.text:
            stop.set() if how == "cancel" else one.close()

    outcome = one.run(model, CPU, runs=5, progress=show, cancel=stop)
    with pytest.raises(error, match=r"cancelled|was closed"):
        outcome.whole()
    assert outcome.value.samples_ms == (3.0, 4.0)


def test_the_next_call_finds_an_agent_again(steadily, model):
    one = steadily(at=1, failure="exit")
    with pytest.raises(LostError):
        one.run(model, CPU, runs=5).whole()
    assert not one.alive
    assert one.run(model, CPU, runs=1).whole().samples_ms == (3.0,)
    assert one.unsupported(model) == {}


def test_what_is_no_loss_is_not_tried_again(steadily, model, ways):
    one = steadily(at=1, failure="raise")
    with pytest.raises(BoardError, match="a defect"):
        one.run(model, CPU, runs=5).whole()
    assert ways.tries == 1


def test_closed_stays_closed(steadily, model, ways):
    one = steadily()
    one.close()
    with pytest.raises(BoardError, match="not running"):
        one.run(model, CPU).whole()
    assert ways.tries == 1
    one.restart()
    assert one.run(model, CPU, runs=1).whole().samples_ms == (3.0,)
