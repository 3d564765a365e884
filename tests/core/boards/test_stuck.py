"""An agent that is stuck in what was cancelled (native code compiles for minutes) is replaced by the next call."""

import threading
from pathlib import Path

import pytest

from layerswitch.boards.board import STUCK
from layerswitch.boards.client import rpc_client
from layerswitch.boards.progress import Progress
from layerswitch.errors import BoardError, CancelledError
from layerswitch.measurement.profile import ProfileSettings

CPU = dict.fromkeys("abc", "CPU")


@pytest.fixture
def stuck(board, model, tmp_path, monkeypatch):
    """A board whose agent never comes back from a run that was cancelled, and its agent's process."""
    monkeypatch.setattr(rpc_client, "LEFT_SECONDS", 0.3)  # not 2, to wait less
    path, cancel = tmp_path / "stuck", threading.Event()
    one = board(stuck=str(path))
    with pytest.raises(CancelledError):
        one.run(model, CPU, progress=lambda _: cancel.set(), cancel=cancel).whole()
    return one, int(path.read_text())


def test_the_next_call_starts_a_new_agent_and_says_so(stuck, model):
    one, pid = stuck
    seen = []
    assert one.run(model, CPU, runs=2, progress=seen.append).whole().samples_ms == (3.0, 4.0)
    assert seen[0].text == STUCK
    assert one._connection.client.channel.pid != pid
    assert not Path(f"/proc/{pid}").exists()
    assert one.alive
    seen.clear()
    assert one.profile(model, ProfileSettings(runs=1), progress=seen.append).whole().samples
    assert STUCK not in [step.text for step in seen]


def test_the_network_is_loaded_into_the_new_agent(stuck, model):
    one, _ = stuck
    assert one.unsupported(model) == {}
    assert one.run(model, CPU, runs=1).whole().samples_ms == (3.0,)


def test_the_next_call_can_be_cancelled_while_it_waits(stuck, model, monkeypatch):
    one, pid = stuck
    monkeypatch.setattr(rpc_client, "LEFT_SECONDS", 3600.0)
    cancel = threading.Event()
    timer = threading.Timer(0.2, cancel.set)
    timer.start()
    with pytest.raises(CancelledError):
        one.run(model, CPU, cancel=cancel).whole()
    timer.join()
    assert Path(f"/proc/{pid}").exists()
    monkeypatch.setattr(rpc_client, "LEFT_SECONDS", 0.0)
    assert one.run(model, CPU, runs=1).whole().samples_ms == (3.0,)


def test_cancelled_while_the_new_agent_starts_another_one_is_started(stuck, model):
    one, _ = stuck
    cancel = threading.Event()
    with pytest.raises(CancelledError):
        one.run(model, CPU, progress=lambda step: cancel.set() if step.text == STUCK else None, cancel=cancel).whole()
    assert one.run(model, CPU, runs=1).whole().samples_ms == (3.0,)


def test_no_new_agent_can_be_started(stuck, model, monkeypatch):
    one, _ = stuck

    def fail(_):
        raise BoardError("no more boards")

    monkeypatch.setattr(one._connection, "_connect", fail)
    with pytest.raises(BoardError, match="no more boards"):
        one.run(model, CPU).whole()
    assert not one.alive
    with pytest.raises(BoardError, match="not running"):
        one.run(model, CPU).whole()


def test_closed_while_the_new_agent_starts(stuck, model):
    one, _ = stuck
    connect = one._connection._connect

    def close_and_connect(entry):
        one.close()
        return connect(entry)

    one._connection._connect = close_and_connect
    with pytest.raises(BoardError, match="was closed"):
        one.run(model, CPU).whole()
    assert not one.alive


def test_closed_for_good_while_it_is_stuck(stuck, model):
    one, pid = stuck
    one.close()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(BoardError, match="not running"):
        one.run(model, CPU).whole()


def test_cancelling_in_the_middle_of_a_message_costs_the_agent_and_nothing_else(board, model, monkeypatch):
    one, cancel = board(), threading.Event()
    connection = one._connection.client.channel

    def cut(_pieces, abort):
        cancel.set()
        assert abort()
        raise InterruptedError("half of it is sent")

    monkeypatch.setattr(connection, "write", cut)
    with pytest.raises(CancelledError):
        one.run(model, CPU, cancel=cancel).whole()
    assert one.run(model, CPU, runs=1).whole().samples_ms == (3.0,)
    assert one._connection.client.channel is not connection


def test_loading_tells_its_progress_and_can_be_cancelled(board, model):
    one, seen, cancel = board(slow_load=4, seconds=0.01), [], threading.Event()
    one.run(model, CPU, runs=1, progress=seen.append).whole()
    assert [step.done for step in seen] == [0, 1, 2, 3, 0]
    other, seen = board(slow_load=100000, seconds=0.05), []

    def stop(step):
        seen.append(step)
        if len(seen) == 2:
            cancel.set()

    with pytest.raises(CancelledError):
        other.profile(model, progress=stop, cancel=cancel).whole()
    assert len(seen) == 2


def test_silence_of_minutes_is_told_with_its_length(monkeypatch):
    clock, seen = [100.0], []
    monkeypatch.setattr(rpc_client.time, "monotonic", lambda: clock[0])
    waiting = rpc_client._Waiting(seen.append)
    for text, seconds in ("compiling kernels", 4), ("running", 1.75):
        waiting.take(Progress(1, 7, text))
        for _ in range(round(seconds * 16)):
            clock[0] += 0.0625
            waiting.repeat()
    said = ["compiling kernels", *(f"compiling kernels ({n} s)" for n in (2, 3, 4)), "running"]
    assert [step.text for step in seen] == said
    assert {step[:2] for step in seen} == {(1, 7)}
