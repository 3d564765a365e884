"""Jobs: results and errors on the interface thread, cancel, lanes, stale results, no thread left."""

import threading

import pytest
from PySide6.QtCore import QThread

from layerswitch.boards.progress import Progress
from layerswitch.errors import CancelledError
from layerswitch_gui.jobs.runner import JobRunner


@pytest.fixture
def runner(qapp):
    made = JobRunner()
    yield made
    made.shut_down()
    made.deleteLater()


def until_cancelled(_report, cancel):
    cancel.wait(5)
    raise CancelledError("cancelled")


def test_a_result_arrives_on_the_interface_thread(runner, qtbot):
    threads, results = [], []

    def task(_report, _cancel):
        threads.append(QThread.currentThread())
        return 42

    def take(result):
        results.append((result, QThread.currentThread()))

    with qtbot.waitSignal(runner.idle):
        runner.submit("count", task, on_result=take)
    assert results == [(42, QThread.currentThread())]
    assert threads[0] is not QThread.currentThread()


def test_an_error_arrives_and_nothing_else(runner, qtbot):
    def task(_report, _cancel):
        raise ValueError("no")

    errors, results = [], []
    with qtbot.waitSignal(runner.idle):
        runner.submit("fail", task, on_result=results.append, on_error=errors.append)
    assert [type(error) for error in errors] == [ValueError]
    assert results == []


def test_cancelling_says_nothing(runner, qtbot):
    said = []
    job = runner.submit("wait", until_cancelled, on_result=said.append, on_error=said.append)
    assert job.state == "running"
    with qtbot.waitSignal(runner.idle):
        runner.cancel(job)
    assert said == []
    assert job.state == "ended"


def test_a_result_that_comes_in_spite_of_cancelling_is_dropped(runner, qtbot):
    said = []

    def deaf(_report, cancel):
        cancel.wait(5)
        return "late"

    job = runner.submit("deaf", deaf, on_result=said.append)
    with qtbot.waitSignal(runner.idle):
        runner.cancel(job)
    assert said == []


def test_a_result_nobody_wants_any_more_is_dropped(runner, qtbot):
    wanted, said = [True], []
    gate = threading.Event()
    runner.submit("stale", lambda _r, _c: gate.wait(5), on_result=said.append, wanted=lambda: wanted[0])
    wanted[0] = False
    with qtbot.waitSignal(runner.idle):
        gate.set()
    assert said == []


def test_one_lane_runs_one_job_at_a_time(runner, qtbot):
    order, gate = [], threading.Event()

    def first(_report, _cancel):
        gate.wait(5)
        order.append("first")

    runner.submit("first", first, lane="board")
    second = runner.submit("second", lambda _r, _c: order.append("second"), lane="board")
    other = runner.submit("other", lambda _r, _c: None, lane="open")
    assert (second.state, other.state) == ("waiting", "running")
    with qtbot.waitSignal(runner.idle):
        gate.set()
    assert order == ["first", "second"]


def test_a_replacing_job_cancels_those_before_it(runner, qtbot):
    said = []
    runner.submit("one", until_cancelled, lane="open", on_error=said.append)
    waiting = runner.submit("two", lambda _r, _c: 2, lane="open", on_result=said.append)
    with qtbot.waitSignal(runner.idle):
        runner.submit("three", lambda _r, _c: 3, lane="open", on_result=said.append, replace=True)
    assert said == [3]
    assert waiting.state == "ended"


def test_progress_is_the_latest_and_throttled(runner, qtbot):
    seen, gate = [], threading.Event()

    def task(report, _cancel):
        for step in range(1000):
            report(Progress(step, 1000, "stepping"))
        gate.wait(5)

    job = runner.submit("steps", task)
    runner.changed.connect(lambda: seen.append(job.progress.done))
    qtbot.waitUntil(lambda: job.progress.done == 999)
    assert len(seen) < 100
    with qtbot.waitSignal(runner.idle):
        gate.set()


def test_time_left_is_known_only_once_something_is_done(runner, qtbot):
    job = runner.submit("wait", until_cancelled)
    assert job.seconds_left is None
    job.started -= 10
    job.progress = type(job.progress)(1, 4, "")
    assert job.seconds_left == pytest.approx(30, abs=1)
    with qtbot.waitSignal(runner.idle):
        runner.cancel(job)


def test_shutting_down_ends_every_thread(runner):
    for _ in range(3):
        runner.submit("wait", until_cancelled)
    runner.shut_down()
    assert runner.jobs == []
