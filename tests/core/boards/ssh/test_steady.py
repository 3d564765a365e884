"""A link that breaks in the middle of a measurement over SSH: it is gone on with, and nobody is asked twice."""

import pytest

from layerswitch.boards import ssh
from layerswitch.boards.board import Board, RetryPolicy, connect
from layerswitch.boards.ssh import Remembering
from layerswitch.measurement.profile import ProfileSettings

RETRY = RetryPolicy(first_seconds=0.1)

CPU = dict.fromkeys("abc", "CPU")


@pytest.fixture
def board(server, entry_of, make_entry, scripted, person, monkeypatch):
    entry = entry_of(server, settings=make_entry(seconds=0.05).settings)
    with Board.connect(entry, connect=scripted(Remembering(person)), retry=RETRY) as one:
        yield one


def hang_up_at(server, number):
    """Progress that breaks the link once, at its so-manieth word of the measurement."""
    seen = []

    def show(step):
        seen.append(step.text)
        if seen.count("working") == number and step.text == "working":
            server.hang_up()

    show.seen = seen
    return show


def test_a_run_goes_on(board, server, model, person):
    show = hang_up_at(server, 5)
    run = board.run(model, CPU, runs=30, progress=show).whole()
    assert len(run.samples_ms) == 30
    assert run.conditions.resumed.parts == 2
    assert [question[0] for question in person.asked] == ["host key", "password"]


def test_a_profile_goes_on(board, server, model):
    profile = board.profile(model, ProfileSettings(runs=20), progress=hang_up_at(server, 10)).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {20}
    assert profile.conditions.resumed.parts == 2


def test_another_agent_goes_on_where_one_was_killed(server, entry_of, make_entry, scripted, person, model, tmp_path):
    settings = make_entry(at=25, failure="kill", once=str(tmp_path / "once")).settings
    with Board.connect(
        entry_of(server, settings=settings), connect=scripted(Remembering(person)), retry=RetryPolicy()
    ) as one:
        profile = one.profile(model, ProfileSettings(runs=20)).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {20}
    assert profile.conditions.resumed.parts == 2
    assert [question[0] for question in person.asked] == ["host key", "password"]


def test_the_board_over_ssh_by_its_entry(server, entry_of, make_server, person, tmp_path):
    entry = entry_of(server, settings=str(_bundled()))
    with connect(entry, ask=person) as one:
        assert one.description.name == "own:desk"
        assert one.description.device_names == ("CPU", "GPU")
    assert ssh.STEPS


def _bundled():
    from layerswitch import resources

    return resources.assets() / "boards" / "khadas-vim3.toml"
