"""Opening, profiling, planning, running and comparing as jobs, over fakes of the library."""

import threading

from layerswitch.errors import BoardError, CancelledError
from layerswitch.network.assignment import Assignment
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.outcome import Outcome


def settle(qtbot, bench):
    qtbot.waitUntil(lambda: not bench.runner.jobs, timeout=30_000)


def opened(qtbot, bench, services, name="chain"):
    bench.document.choose_board(services.find("sim:fake"))
    bench.open_model(name)
    settle(qtbot, bench)


def test_profile_then_plan_then_optimum(qtbot, bench, services):
    opened(qtbot, bench, services)
    bench.profile()
    settle(qtbot, bench)
    document = bench.document
    assert document.plan is not None
    assert dict(document.assignment) == document.plan.assignment
    assert services.measured_on[0] is not threading.main_thread()
    assert services.connected == 0


def test_the_last_network_asked_for_wins(qtbot, bench, services):
    bench.open_model("chain")
    bench.open_model("long")
    settle(qtbot, bench)
    assert bench.document.graph.name == "long"


def test_another_network_stops_the_profile_and_drops_it(qtbot, bench, services):
    opened(qtbot, bench, services)
    services.gate.clear()
    bench.profile()
    qtbot.waitUntil(lambda: services.connected == 1)
    bench.open_model("long")
    qtbot.waitUntil(lambda: bench.document.graph.name == "long")
    services.gate.set()
    settle(qtbot, bench)
    assert bench.document.profile is None
    assert services.connected == 0


def test_cancel_at_once_then_profile_again(qtbot, bench, services):
    opened(qtbot, bench, services)
    bench.runner.cancel(bench.profile())
    bench.profile()
    settle(qtbot, bench)
    assert bench.document.profile is not None


def test_an_error_is_told_with_the_works_title(qtbot, bench, services):
    told = []
    bench.failed.connect(lambda title, error: told.append((title, error.what)))
    bench.open_model("missing")
    settle(qtbot, bench)
    assert told == [("Open missing", "there is no such file")]


def test_a_run_keeps_its_name_and_interval(qtbot, bench, services):
    opened(qtbot, bench, services)
    bench.profile()
    settle(qtbot, bench)
    bench.rerun()
    settle(qtbot, bench)
    assert [run.name for run in bench.document.runs] == ["optimum"]
    assert bench.document.measured_ms.samples == 20


def test_a_comparison_measures_each_assignment_once(qtbot, bench, services):
    opened(qtbot, bench, services)
    bench.profile()
    settle(qtbot, bench)
    document = bench.document
    assert [one.name for one in bench.candidates()] == ["optimum"]  # greedy is the same here
    document.flip("l3")
    assert bench.candidates()[1] == NamedAssignment("mine", "own", document.assignment)
    document.load(Assignment.uniform(document.graph, "GPU"), "all")
    assert [one.kind for one in bench.candidates()] == ["plan"]
    bench.compare()
    settle(qtbot, bench)
    assert [entry.name for entry in document.comparison.entries] == ["CPU", "GPU", "optimum"]


def test_planning_again_keeps_pins_and_can_be_undone(qtbot, bench, services):
    opened(qtbot, bench, services)
    bench.profile()
    settle(qtbot, bench)
    document = bench.document
    document.flip("l0")
    document.pin(["l0"])
    bench.plan()
    settle(qtbot, bench)
    assert document.plan.assignment["l0"] == "CPU"
    assert document.assignment["l0"] == "CPU"


def test_nothing_is_measured_without_a_board_or_a_network(bench):
    assert bench.profile() is None
    assert bench.rerun() is None
    assert bench.compare() is None
    assert bench.plan() is None


def test_a_run_that_is_stopped_keeps_what_was_measured(qtbot, bench, services):
    opened(qtbot, bench, services)
    bench.profile()
    settle(qtbot, bench)
    services.gate.clear()
    job = bench.rerun()
    qtbot.waitUntil(lambda: services.connected == 1)
    bench.runner.cancel(job)
    settle(qtbot, bench)
    assert len(bench.document.runs[0].samples_ms) == 2


def test_a_run_whose_board_dies_keeps_what_was_measured_and_says_why(qtbot, bench, services):
    told = []
    bench.failed.connect(lambda title, error: told.append(error.what))
    opened(qtbot, bench, services)
    bench.profile()
    settle(qtbot, bench)
    services.failure = BoardError("the agent ended")
    bench.rerun()
    settle(qtbot, bench)
    assert told == ["the agent ended"]
    assert len(bench.document.runs[0].samples_ms) == 2


def test_a_comparison_that_is_stopped_says_how_many_rounds_it_kept(qtbot, bench, services, monkeypatch):
    notices = []
    bench.document.notice.connect(notices.append)
    opened(qtbot, bench, services)
    bench.profile()
    settle(qtbot, bench)
    real = services.compare

    def stopped(*given, **options):
        found = real(*given, **{**options, "rounds": 1}).whole()
        return Outcome(found, CancelledError("the comparison was stopped"))

    monkeypatch.setattr(services, "compare", stopped)
    bench.compare()
    settle(qtbot, bench)
    assert bench.document.comparison.rounds == 1
    assert notices[-1] == "Stopped: 1 round kept"
