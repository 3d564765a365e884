"""The agent over SSH: brought once, checked, started by the board's Python, and never left behind."""

import contextlib
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from layerswitch.boards import ssh
from layerswitch.boards.agent_bundle import agent_bundle
from layerswitch.boards.board import Board
from layerswitch.boards.ssh import ssh_channel
from layerswitch.errors import BoardError, CancelledError, ReachError
from layerswitch.measurement.profile import ProfileSettings

pytestmark = pytest.mark.slow(25)

CPU = dict.fromkeys("abc", "CPU")
HERE = Path(__file__).parent


@pytest.fixture
def entry(server, entry_of, make_entry):
    """entry(**settings) -> the board over SSH with an engine scripted by the settings."""
    return lambda **settings: entry_of(server, settings=make_entry(**settings).settings)


@pytest.fixture
def board(entry, scripted, person):
    """board(**settings) -> a connected Board."""
    opened = []

    def connect(**settings):
        person.passwords = ["s3cret"]
        opened.append(Board.connect(entry(**settings), connect=scripted(person)))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def agents(server):
    """The board's folder of agents."""
    return server.home / ".cache" / "layerswitch" / "agents"


def running(server):
    """Commands of the server that run, with whatever they started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] not in "ZX" and int(fields[3]) in server.pids:  # its session
                found.append(int(stat.parent.name))
    return found


def test_a_profile_and_a_run(board, server, model):
    one = board()
    assert one.profile(model, ProfileSettings(runs=2)).whole().samples["CPU"]["a"] == (1.0, 1.0)
    assert one.run(model, CPU, runs=2).whole().samples_ms == (3.0, 4.0)
    assert len(running(server)) == 2  # the agent, and what watches over it
    one.close()
    assert running(server) == []
    assert server.left()


def test_it_is_brought_once(board, server, model):
    board().close()
    board().close()
    assert len(server.uploads) == 1
    path = agents(server) / agent_bundle().name
    assert list(agents(server).iterdir()) == [path]
    assert path.read_bytes() == agent_bundle().content
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in (agents(server), agents(server).parent):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_the_boards_own_cache_folder_is_used(board, server, tmp_path):
    server.environment["XDG_CACHE_HOME"] = str(tmp_path / "a 'b' $(c)")
    board()
    assert (tmp_path / "a 'b' $(c)" / "layerswitch" / "agents" / agent_bundle().name).is_file()


def test_one_that_was_changed_is_not_run(board, server):
    board().close()
    path = agents(server) / agent_bundle().name
    path.write_bytes(b"import os; os.system('evil')")
    board()
    assert len(server.uploads) == 2
    assert path.read_bytes() == agent_bundle().content


def test_old_agents_go_young_ones_stay(board, server):
    agents(server).mkdir(parents=True, mode=0o700)
    agents(server).parent.chmod(0o700)
    for name, days in (("agent-old.pyz", 40), ("agent-young.pyz", 20), (".part-old", 1)):
        (agents(server) / name).write_bytes(b"x")
        os.utime(agents(server) / name, (time.time() - days * 86400,) * 2)
    board()
    assert sorted(path.name for path in agents(server).iterdir()) == [agent_bundle().name, "agent-young.pyz"]


def plant_link(folder, other):
    other.mkdir()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(other)


def plant_open(folder, other):
    folder.mkdir(parents=True)
    folder.chmod(0o777)


def plant_file(folder, other):
    folder.parent.mkdir(parents=True)
    folder.write_text("x")


def plant_foreign(folder, other):
    folder.mkdir(parents=True)
    os.chown(folder, 12345, 12345)


PLANTED = [
    (plant_link, "is a link"),
    (plant_open, "can be written by others"),
    (plant_file, "is not a folder"),
    pytest.param(plant_foreign, "belongs to another user", marks=pytest.mark.skipif(os.geteuid() != 0, reason="root")),
]


@pytest.mark.parametrize("depth", [0, 1], ids=["agents", "layerswitch"])
@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_a_folder_somebody_planted_is_refused(board, server, tmp_path, plant, said, depth):
    folder = [agents(server), agents(server).parent][depth]
    plant(folder, tmp_path / "other")
    with pytest.raises(ReachError, match=said) as caught:
        board()
    assert caught.value.step == "cache"
    assert "the user's own" in caught.value.hint
    assert server.uploads == []


def test_a_full_disk_is_said_and_leaves_nothing(board, server):
    server.full = True
    with pytest.raises(ReachError, match="the agent cannot be written") as caught:
        board()
    assert "df -h" in caught.value.hint
    assert list(agents(server).iterdir()) == []


def test_a_server_without_sftp(board, server):
    server.sftp = False
    with pytest.raises(ReachError, match="cannot be sent over SFTP"):
        board()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (None, "cannot be run there"),
        ("#!/bin/sh\nexit 0\n", "does not answer as a Python does"),
        ("#!/bin/sh\necho '{\"python\": [3, 6, 9]}'\n", r"is Python 3\.6\.9; the agent needs 3\.8"),
        ('#!/bin/sh\necho \'{"python": [3, 11, 2], "surprise": {\'\n', "does not answer as a Python does"),
    ],
)
def test_pythons_that_will_not_do(server, entry_of, person, tmp_path, program, said):
    path = tmp_path / "my python; touch evil $HOME `x`"
    if program:
        path.write_text(program)
        path.chmod(0o755)
    with pytest.raises(ReachError, match=said) as caught:
        ssh.connect(entry_of(server, python=str(path)), person)
    assert caught.value.step == "python"
    assert list(server.home.glob("evil*")) == []
    assert server.left()


def test_a_python_in_the_home_folder(board, server, entry_of, person, scripted, make_entry, model):
    program = server.home / "it's $(mine)"
    program.symlink_to(sys.executable)
    entry = entry_of(server, python="~/it's $(mine)", settings=make_entry().settings)
    with Board.connect(entry, connect=scripted(person)) as one:
        assert one.run(model, CPU, runs=1).whole().samples_ms == (3.0,)


@pytest.mark.parametrize(("failure", "said"), [("kill", "signal SIGKILL"), ("exit", "exit code 7")])
def test_the_death_of_an_agent(board, server, model, failure, said):
    outcome = board(at=2, failure=failure).run(model, CPU, runs=10)
    with pytest.raises(BoardError, match=f"the agent ended: {said}; it said: .*about to fail"):
        outcome.whole()
    assert outcome.value.samples_ms == (3.0, 4.0)
    assert running(server) == []


def test_cancelling(board, server, model):
    stop = threading.Event()
    with pytest.raises(CancelledError):
        board(seconds=0.05).run(model, CPU, runs=100_000, progress=lambda _: stop.set(), cancel=stop).whole()


def test_the_end_of_the_link_ends_the_agent(board, server, model, eventually):
    one = board(seconds=0.01)
    with pytest.raises(BoardError):
        one.run(model, CPU, runs=100_000, progress=lambda _: server.hang_up()).whole()
    eventually(lambda: running(server) == [])


@pytest.mark.parametrize("stuck", [False, True], ids=["listening", "stuck in native code"])
def test_kill_9_of_the_client_ends_the_agent(server, key_file, eventually, tmp_path, client_home, stuck):
    (tmp_path / "board.toml").write_text(f"seconds = 0.05\nfrozen = {str(stuck).lower()}\n")
    program = f"""
        import sys
        sys.path.insert(0, {str(HERE.parent)!r})
        from conftest import FakeModel, chain
        from layerswitch.boards import ssh
        from layerswitch.boards.board import Board
        from layerswitch.boards.registry import BoardEntry
        class Yes(ssh.Nobody):
            def accept_host_key(self, *_):
                return True
        entry = BoardEntry("x", "X", "simulated", "ssh", {str(tmp_path / "board.toml")!r}, host="127.0.0.1",
            port={server.port}, user="anna", key_file={str(key_file())!r}, python=sys.executable)
        connect = lambda _: ssh.start(ssh.log_in(entry, Yes()), entry, ("--engine", "scripted_engine:Scripted"))
        board = Board.connect(entry, connect=connect)
        print("up", flush=True)
        board.run(FakeModel(chain("a")), {{"a": "CPU"}}, runs=100000)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=-1)
    with process.stdout:
        assert process.stdout.readline() == b"up\n"
        assert len(running(server)) == 2
        time.sleep(0.5)
        process.kill()
        process.wait()
    eventually(lambda: running(server) == [])


@pytest.mark.parametrize("stuck", [False, True], ids=["listening", "stuck in native code"])
def test_a_dead_network_ends_both_sides(
    make_wire, server, entry_of, make_entry, scripted, person, model, eventually, monkeypatch, stuck
):
    monkeypatch.setattr(ssh_channel, "PULSE_SECONDS", 0.2)
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 1.5)
    monkeypatch.setattr(ssh, "SILENT_SECONDS", 1.5)
    wire = make_wire(server.port)
    entry = entry_of(server, port=wire.port, settings=make_entry(seconds=0.05, frozen=stuck).settings)
    with Board.connect(entry, connect=scripted(person)) as one:
        one.unsupported(model)
        time.sleep(2.5)  # longer than the silence that ends it: the pulse keeps it alive
        assert len(running(server)) == 2
        threading.Timer(0.5, wire.silent.set).start()
        with pytest.raises(BoardError, match="link was lost"):
            one.run(model, CPU, runs=100_000).whole()
        eventually(lambda: running(server) == [])
