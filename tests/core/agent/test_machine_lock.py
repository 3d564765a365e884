"""One agent at a time measures on a board; a dead holder keeps nothing, and whoever waits is told for whom."""

import json
import os
import signal
import threading

import pytest

from layerswitch.agent import machine_lock as module
from layerswitch.agent.engines.base import EngineError
from layerswitch.agent.machine_lock import BoardLock


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "board.lock")


@pytest.fixture
def make(path):
    """make(name) -> a BoardLock of that holder, released at the end."""
    made = []

    def lock(name="anna on desk"):
        made.append(BoardLock(path))
        made[-1].holder = name
        return made[-1]

    yield lock
    for one in made:
        one.release()


def busy(lock):
    with pytest.raises(EngineError) as caught:
        lock.take()
    assert caught.value.kind == "busy"
    return caught.value.what


def test_the_second_is_told_who_measures(make):
    first, second = make(), make("bob")
    first.take()
    first.take()
    assert busy(second) == "anna on desk is measuring on this board since a moment ago"
    first.release()
    second.take()
    assert busy(first).startswith("bob is measuring")


@pytest.mark.parametrize("jump", [-1e9, 0.0, 1e9], ids=["back", "none", "forward"])
def test_minutes_are_counted_by_a_clock_that_nobody_sets(make, monkeypatch, jump):
    first, second = make(), make("bob")
    monkeypatch.setattr(module.time, "monotonic", lambda: 100.0)
    first.take()
    monkeypatch.setattr(module.time, "monotonic", lambda: 100.0 + 3 * 60.0)
    right = module.time.time()
    monkeypatch.setattr(module.time, "time", lambda: right + jump)
    since = module.time.strftime("%H:%M", module.time.localtime(right + jump - 180.0))
    assert busy(second) == f"anna on desk is measuring on this board since {since}, 3 min ago"


def test_what_was_said_before_the_machine_started_anew_is_not_counted_from(make, path, monkeypatch):
    first = make()
    monkeypatch.setattr(module.time, "monotonic", lambda: 1e6)
    first.take()
    monkeypatch.setattr(module.time, "monotonic", lambda: 20.0)
    assert busy(make("bob")) == "anna on desk is measuring on this board"


def test_the_lock_stays_for_a_while_after_a_measurement(make, monkeypatch):
    first, second = make(), make("bob")
    first.take()
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.3)
    first.rest()
    second.take()  # waits for it
    assert busy(first).startswith("bob")


def test_whoever_waits_for_one_that_goes_on_is_told(make, monkeypatch):
    first, second = make(), make("bob")
    first.take()
    first.rest()
    threading.Timer(0.2, first.take).start()
    assert busy(second).startswith("anna")


def test_waiting_can_be_cancelled(make):
    first, second = make(), make("bob")
    first.take()
    first.rest()
    with pytest.raises(EngineError, match="anna"):
        second.take(lambda: True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "somebody is measuring on this board"),
        (b'{"who": ' + b"[" * 990, "somebody is measuring on this board"),
        (b"\xff{", "somebody is measuring on this board"),
        (b'{"who": "x", "since": -1e99}', "x is measuring on this board"),
        (b'{"who": "x", "since": 1e99}', "x is measuring on this board"),
        (b'{"who": "x", "since": "NaN"}', "x is measuring on this board"),
        (json.dumps({"who": "a\n\x1b[31mb" + "c" * 999, "since": 0}).encode(), "a[31mb"),
        (b"[1, 2]", "somebody is measuring on this board"),
    ],
)
def test_anything_may_stand_in_the_file(make, path, text, said):
    first = make()
    first.take()
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(text)
    what = busy(make("bob"))
    assert what.startswith((said, "somebody"))
    assert what.isprintable()
    assert len(what) < 150


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "nowhere"])
def test_something_in_its_place_is_not_touched_and_not_waited_for(path, tmp_path, capfd, kind):
    target = tmp_path / "precious"
    target.write_text("keep")
    if kind == "link":
        os.symlink(target, path)  # noqa: PTH211
    elif kind == "folder":
        os.mkdir(path)  # noqa: PTH102
    elif kind == "pipe":
        os.mkfifo(path)
    lock = BoardLock(path if kind != "nowhere" else str(tmp_path / "no" / "where"))
    lock.take()
    lock.rest()
    lock.release()
    assert target.read_text() == "keep"
    assert "no lock on the board" in capfd.readouterr().err


@pytest.fixture
def measuring(start, path):
    """measuring(engine) -> an agent that has a network loaded, by the lock's file."""

    def begin(engine="real", **settings):
        one = start("--lock", path)
        opened, _ = one.ask(id=1, op="open", engine=engine, settings=settings, client="anna on desk")
        assert opened["event"] == "result"
        one.ask(id=2, op="load", network={"layers": [{"name": "a"}]}, constants={})
        return one

    return begin


RUN = {"id": 3, "op": "run", "assignment": {"a": "CPU"}, "runs": 1, "warmup": 0, "seed": 0}


def test_agents_one_after_the_other(measuring):
    first, second = measuring(), measuring(seconds=0.0)
    first.ask(id=1, op="open", engine="real", settings={"seconds": 0.02}, client="anna on desk")
    first.ask(id=2, op="load", network={"layers": [{"name": "a"}]}, constants={})
    first.send(**{**RUN, "runs": 100000})
    assert first.answer()["event"] == "progress"
    refused = second.ask(**RUN)[0]
    assert (refused["kind"], refused["what"]) == ("busy", "anna on desk is measuring on this board since a moment ago")
    first.send(op="cancel", target=3)
    while first.answer()["event"] != "error":
        pass
    assert first.ask(id=9, op="close")[0]["event"] == "result"
    assert second.ask(**RUN)[0]["event"] == "result"


def test_a_dead_agent_keeps_nothing(measuring):
    first, second = measuring(), measuring()
    first.ask(**RUN)
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert second.ask(**RUN)[0]["event"] == "result"


def test_simulated_boards_are_not_locked(measuring, path):
    first, second = measuring("simulated"), measuring("simulated")
    assert [one.ask(**RUN)[0]["event"] for one in (first, second)] == ["result", "result"]
    assert not os.path.exists(path)  # noqa: PTH110
    assert threading.active_count()
