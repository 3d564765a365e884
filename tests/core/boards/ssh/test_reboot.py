"""A board that starts anew in the middle of a measurement: power gone, clocks back, nobody let in at first."""

import textwrap

import pytest

from layerswitch.boards.board import Board, RetryPolicy
from layerswitch.boards.ssh import Remembering
from layerswitch.errors import ReachError
from layerswitch.measurement.profile import ProfileSettings

RETRY = RetryPolicy(first_seconds=0.1, longest_seconds=0.2)

CPU = dict.fromkeys("abc", "CPU")
CLOCKS = """
    import time
    began, clock = time.monotonic(), time.monotonic
    time.monotonic = lambda: clock() - began  # since the start of the machine
    time.time = lambda: clock() - began  # no battery: it is 1970
"""


@pytest.fixture
def board(server, entry_of, make_entry, scripted, person, monkeypatch):
    entry = entry_of(server, settings=make_entry(seconds=0.05).settings)
    with Board.connect(entry, connect=scripted(Remembering(person)), retry=RETRY) as one:
        yield one


@pytest.fixture
def reboot_at(server, tmp_path):
    """reboot_at(word) -> progress that takes the power away there; it is back while the third try is waited for."""
    (tmp_path / "clocks").mkdir()
    (tmp_path / "clocks" / "sitecustomize.py").write_text(textwrap.dedent(CLOCKS))

    def make(word, back=True):
        seen, tries = [], []

        def show(step):
            seen.append(step.text)
            if step.text == "working" and seen.count("working") == word:
                server.power_off()
            if "trying again" in step.text:
                tries.append(step.text)
                if back and len(tries) == 3:
                    server.environment["PYTHONPATH"] = f"{tmp_path / 'clocks'}:{server.scripted}"
                    server.power_on()

        show.tries = tries
        return show

    return make


def test_a_profile_goes_on(board, model, reboot_at, person):
    profile = board.profile(model, ProfileSettings(runs=20), progress=reboot_at(10)).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {20}
    assert profile.conditions.resumed.parts == 2
    assert [question[0] for question in person.asked] == ["host key", "password"]


def test_a_run_goes_on(board, model, reboot_at):
    run = board.run(model, CPU, runs=30, progress=reboot_at(5)).whole()
    assert len(run.samples_ms) == 30
    assert run.conditions.resumed.parts == 2


def test_a_system_that_lets_nobody_in_yet_is_tried_again_and_nobody_is_asked(board, model, reboot_at, server, person):
    server.starting = 3
    run = board.run(model, CPU, runs=30, progress=reboot_at(5)).whole()
    assert len(run.samples_ms) == 30
    assert server.starting == 0
    assert [question[0] for question in person.asked] == ["host key", "password"]


def test_a_system_that_never_lets_anybody_in_is_not_asked_for_ever(board, model, reboot_at, server, monkeypatch):
    board._connection.retry = RETRY._replace(most_refusals=2)
    server.starting = 1000
    outcome = board.run(model, CPU, runs=1000, progress=reboot_at(8))
    with pytest.raises(ReachError, match="hung up"):
        outcome.whole()
    assert server.starting == 997
    assert outcome.value.samples_ms
