"""Clocks that somebody sets: nothing waits less or longer for it, and nothing counts as lost or left behind."""

import textwrap
import time

import numpy as np
import pytest

from layerswitch.boards.board import Board, RetryPolicy
from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.ssh import Remembering, ssh_channel
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.graph import Tensor

CPU = dict.fromkeys("abc", "CPU")
YEARS = 10 * 365.25 * 86400.0
WILD = """
    import itertools, time
    clock, jumps = time.time, itertools.cycle([{years}, -{years}, 0.0])
    time.time = lambda: clock() + next(jumps)
"""


@pytest.fixture
def wild(server, tmp_path):
    """A board whose clock is ten years ahead, ten years behind and right, each time somebody looks."""
    (tmp_path / "clocks").mkdir()
    (tmp_path / "clocks" / "sitecustomize.py").write_text(textwrap.dedent(WILD.format(years=YEARS)))
    server.environment["PYTHONPATH"] = f"{tmp_path / 'clocks'}:{server.scripted}"


@pytest.fixture
def weighty(make_model, network):
    """A network with a constant of three pieces."""
    array = np.arange(3 << 20, dtype="float32")
    return make_model(network("a", "b", "c", constants={"w": Tensor("w", array.shape, "float32")}), {"w": array})


@pytest.fixture
def board(server, entry_of, make_entry, scripted, person, monkeypatch, tmp_path):
    monkeypatch.setattr(ssh_channel, "PULSE_SECONDS", 0.2)
    settings = {"seconds": 0.02, "needs_constants": True}
    monkeypatch.setattr(BoardEntry, "engine_settings", lambda self: ("real", settings))
    arguments = ("--lock", str(tmp_path / "lock"))
    with Board.connect(entry_of(server), connect=scripted(Remembering(person), *arguments), retry=RetryPolicy()) as one:
        yield one


def test_a_board_whose_clock_jumps_at_each_look(wild, board, weighty, server):
    profile = board.profile(weighty, ProfileSettings(runs=10)).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {10}
    assert profile.conditions.resumed is None
    assert len([command for command in server.commands if "--silence" in command]) == 1


@pytest.mark.parametrize("years", [YEARS, -YEARS], ids=["forward", "back"])
def test_the_apps_clock_is_set_in_the_middle(board, weighty, server, monkeypatch, years):
    right, seen = time.time, []

    def jump(step):
        seen.append(step.text)
        if step.text in ("working", "sending constants"):
            monkeypatch.setattr(time, "time", lambda: right() + years)
        if seen.count("working") == 15:
            monkeypatch.setattr(time, "time", right)

    profile = board.profile(weighty, ProfileSettings(runs=10), progress=jump).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {10}
    run = board.run(weighty, CPU, runs=20, progress=jump).whole()
    assert len(run.samples_ms) == 20
    assert profile.conditions.resumed is run.conditions.resumed is None
    assert len([command for command in server.commands if "--silence" in command]) == 1


@pytest.mark.parametrize("years", [YEARS, -YEARS], ids=["forward", "back"])
def test_the_clock_is_set_while_the_link_is_made_anew(board, weighty, server, monkeypatch, years):
    right, seen = time.time, []

    def jump(step):
        seen.append(step.text)
        if seen.count("working") == 5 and step.text == "working":
            server.hang_up()
            monkeypatch.setattr(time, "time", lambda: right() + years)

    run = board.run(weighty, CPU, runs=60, progress=jump).whole()
    assert len(run.samples_ms) == 60
    assert run.conditions.resumed.parts == 2


def test_an_agent_in_use_is_not_old_whatever_the_clock_says(
    wild, server, entry_of, make_entry, scripted, person, model
):
    """Its file is read again when it imports an engine; another app's start removes only what nobody uses."""
    with Board.connect(entry_of(server, settings=make_entry().settings), connect=scripted(person)) as one:
        (mine,) = (server.home / ".cache/layerswitch/agents").iterdir()
        other = mine.with_name("agent-0123456789abcdef.pyz")
        mine.rename(other)  # as if it were of another version, which the next one has never heard of
        mine.symlink_to(other)
        person.passwords = ["s3cret"]
        with Board.connect(entry_of(server, settings=make_entry().settings), connect=scripted(person)) as two:
            assert two.run(model, CPU, runs=1).whole().samples_ms
        assert other.is_file()
        assert one.run(model, CPU, runs=1).whole().samples_ms
