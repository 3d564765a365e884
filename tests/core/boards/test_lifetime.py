"""Agents that die, clients that die, closing and restarting: nothing is left, and what happened is said."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from layerswitch.agent.machine_lock import BoardLock
from layerswitch.errors import BoardError
from layerswitch.measurement.profile import Profile

CPU = dict.fromkeys("abc", "CPU")
HERE = Path(__file__).parent


def running(pid):
    """Whether a process is there and not only waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(("failure", "said"), [("kill", "signal SIGKILL"), ("exit", "exit code 7")])
def test_the_death_of_an_agent(board, model, failure, said):
    one = board(at=2, failure=failure)
    outcome = one.run(model, CPU, runs=10)
    with pytest.raises(BoardError, match=f"the agent ended: {said}; it said: .*about to fail") as caught:
        outcome.whole()
    assert outcome.value.samples_ms == (3.0, 4.0)
    assert caught.value.log[-1] == "about to fail"
    assert not one.alive
    with pytest.raises(BoardError, match="not running"):
        one.run(model, CPU).whole()
    one.restart()
    assert one.run(model, CPU, runs=2).whole().samples_ms == (3.0, 4.0)


def test_the_death_of_an_agent_while_profiling(board, model):
    outcome = board(at=20, failure="kill").profile(model)
    with pytest.raises(BoardError, match="SIGKILL"):
        outcome.whole()
    assert isinstance(outcome.value, Profile)
    assert len(outcome.value.samples["CPU"]["a"]) == 20


def test_killed_between_calls(board, model):
    one = board()
    os.kill(one._connection.client.channel.pid, signal.SIGKILL)
    with pytest.raises(BoardError, match="SIGKILL"):
        one.profile(model).whole()


@pytest.mark.parametrize("deaf", [False, True], ids=["listening", "deaf"])
def test_close_from_another_thread(board, model, deaf):
    one, busy, errors = board(seconds=0.05, deaf=deaf), threading.Event(), []

    def work():
        try:
            one.run(model, CPU, runs=100000, progress=lambda _: busy.set()).whole()
        except BoardError as error:
            errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    assert busy.wait(30)
    one.close()
    thread.join(30)
    assert errors == ["test:scripted: the connection was closed"]
    one.close()


def test_close_from_within_progress(board, model):
    one = board(seconds=0.01)
    with pytest.raises(BoardError, match="was closed"):
        one.run(model, CPU, runs=100000, progress=lambda _: one.close()).whole()


def test_closed_by_the_context(board, model):
    with board() as one:
        pid = one._connection.client.channel.pid
    assert not running(pid)
    with pytest.raises(BoardError, match="not running"):
        one.unsupported(model)


def agents_under(pid):
    """The agent that a process watches over, and the process."""
    found = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("kind", ["seconds = 0.05", "seconds = 0.05\ndeaf = true", "frozen = true"])
def test_the_end_of_the_client_ends_the_agent_even_in_native_code(tmp_path, eventually, kind, how):
    (tmp_path / "board.toml").write_text(kind)
    lock = BoardLock(str(tmp_path / "lock"))
    program = f"""
        import sys
        sys.path.insert(0, {str(HERE)!r})
        from conftest import FakeModel, chain
        from layerswitch.boards.board import Board
        from layerswitch.boards.registry import BoardEntry
        from layerswitch.boards.client.local_channel import WATCHED, LocalChannel, agent_folder
        command = [sys.executable, str(agent_folder()), *WATCHED]
        command += ["--engine", "scripted_engine:Scripted", "--cache", {str(tmp_path)!r}, "--lock", {lock.path!r}]
        BoardEntry.engine_settings = lambda self, known=BoardEntry.engine_settings: ("real", known(self)[1])
        entry = BoardEntry("x", "X", "simulated", settings={str(tmp_path / "board.toml")!r})
        board = Board.connect(entry, connect=lambda _: LocalChannel(command))
        pid = board._connection.client.channel.pid
        model = FakeModel(chain("a"))
        board.unsupported(model)
        print(pid, flush=True)
        board.run(model, {{"a": "CPU"}}, runs=100000)
    """
    client = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    with client:
        agents = agents_under(int(client.stdout.readline()))
        assert [running(pid) for pid in agents] == [True, True]
        eventually(lambda: Path(lock.path).is_file() and Path(lock.path).read_text())
        client.send_signal(how)
    eventually(lambda: not any(running(pid) for pid in agents))
    lock.take()  # which nobody keeps
    lock.release()


def test_an_agent_whose_watcher_is_killed_does_not_live_on(board, model, eventually):
    one = board(frozen=True)
    one.unsupported(model)
    agents, errors = agents_under(one._connection.client.channel.pid), []

    def work():
        with pytest.raises(BoardError, match="SIGKILL") as caught:
            one.run(model, CPU).whole()
        errors.append(caught.value)

    thread = threading.Thread(target=work)
    thread.start()
    os.kill(agents[0], signal.SIGKILL)
    thread.join(30)
    assert errors
    eventually(lambda: not any(running(pid) for pid in agents))


def test_an_agent_that_cannot_be_started(make_entry):
    from layerswitch.boards.board import Board
    from layerswitch.boards.client.local_channel import LocalChannel

    with pytest.raises(OSError, match="no-such-program"):
        LocalChannel(["no-such-program"])
    with pytest.raises(BoardError, match="the agent ended: exit code 1"):
        Board.connect(make_entry(), connect=lambda _: LocalChannel([sys.executable, "-c", "raise SystemExit(1)"]))


def test_ctrl_c_in_the_terminal_is_for_the_app_alone(board):
    assert os.getsid(board()._connection.client.channel.pid) != os.getsid(0)
