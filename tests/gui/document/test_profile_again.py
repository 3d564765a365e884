"""A new profile loses nothing that a person made, and undo brings the earlier one back."""

import pytest
from msgspec.structs import replace

from layerswitch.experiments.results import Comparison, Entry, Run
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.session import load_session, save_session
from layerswitch_gui.document.session_files import session_of

EARLY, LATE = "2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00+00:00"
SPAN = Interval(9.0, 9.0, 9.0, 2)


@pytest.fixture
def worked(profiled, profile, services):
    """A person has edited, named two assignments, run one and compared."""
    early = replace(profile, created=EARLY)
    profiled.open(profiled.model, source="chain")
    profiled.set_profile(early)
    profiled.set_plan(services.plan(profiled.latency, early.board, {}), services.greedy(profiled.latency))
    profiled.flip("l0")
    profiled.keep_as("evening")
    profiled.flip("l1")
    profiled.keep_as("refined")
    profiled.pin(["l2"])
    graph, board = profiled.graph, early.board
    profiled.add_run(
        Run("evening", "chain", graph.fingerprint, board, profiled.assignment, (9.0, 9.0), profile_created=EARLY), SPAN
    )
    entry = Entry("CPU", "baseline", Assignment.uniform(graph, "CPU"), 9.0, SPAN, (9.0, 9.0), 0)
    profiled.set_comparison(Comparison("chain", graph.fingerprint, board, 2, (entry,), "CPU", profile_created=EARLY))
    return profiled


def state(document):
    """All that a person would miss."""
    return (
        document.profile, document.plan, document.named, document.assignment, document.pins, document.runs,
        document.comparison, document.measured, document.prediction.total_ms,
    )  # fmt: skip


def profile_again(document, services, **change):
    document.set_profile(replace(document.profile, created=LATE, **change))
    document.set_plan(services.plan(document.latency, document.profile.board, {}), services.greedy(document.latency))


def without(profile, device, layer):
    """The samples of a board whose device does not run that layer."""
    return {
        one: {k: v for k, v in layers.items() if (one, k) != (device, layer)} for one, layers in profile.samples.items()
    }


def test_named_assignments_runs_and_comparison_stay_and_the_plan_is_shown(worked, services):
    own, runs, comparison, steps = worked.own, worked.runs, worked.comparison, worked.undo_stack.count()
    profile_again(worked, services)
    assert (worked.own, worked.runs, worked.comparison) == (own, runs, comparison)
    assert [one.name for one in own] == ["evening", "refined"]
    assert worked.measured_ms is None  # the plan was not run
    assert worked.assignment == worked.plan.assignment
    assert worked.pins == {"l2": "GPU"}
    assert worked.undo_stack.count() == steps + 1


def test_one_undo_brings_the_earlier_profile_with_everything_back_and_redo_the_later(worked, services):
    before = state(worked)
    profile_again(worked, services)
    after = state(worked)
    assert after != before
    worked.undo_stack.undo()
    assert state(worked) == before
    worked.undo_stack.redo()
    assert state(worked) == after


def test_the_history_survives_to_the_very_first_edit(worked, services):
    profile_again(worked, services)
    worked.flip("l3")
    profile_again(worked, services)
    while worked.undo_stack.canUndo():
        worked.undo_stack.undo()
    assert worked.assignment == worked.plan.assignment
    assert (worked.own, worked.pins) == ((), {})
    assert worked.profile.created == EARLY


def test_every_prediction_changes_and_is_announced_as_that(worked, services):
    heard = []
    for name in ("profile_changed", "prediction_changed", "assignment_changed", "names_changed", "graph_changed"):
        getattr(worked, name).connect(lambda *given, name=name: heard.append((name, *given)))
    worked.set_profile(replace(worked.profile, created=LATE))
    assert heard == [("profile_changed",), ("prediction_changed",), ("names_changed",)]


def test_what_does_not_fit_the_new_profile_is_said_and_comes_back_with_undo(worked, services):
    own, notices = worked.own, []
    worked.notice.connect(notices.append)
    gone = next(one for one in own if one.name == "evening")
    worked.set_profile(
        replace(worked.profile, created=LATE, samples=without(worked.profile, gone.assignment["l0"], "l0"))
    )
    assert [one.name for one in worked.own] == []
    assert notices == ["2 named assignments do not fit the new profile: undo (Ctrl+Z) goes back to the earlier one"]
    worked.undo_stack.undo()
    assert worked.own == own


def test_a_what_if_ends_with_its_profile(worked, services):
    latency, plan = worked.latency, worked.plan
    worked.ask_what_if(2.0, latency, plan)
    profile_again(worked, services)
    assert not worked.what_if
    worked.undo_stack.undo()
    assert (worked.what_if, worked.latency, worked.plan) == (False, latency, plan)


def test_an_edit_while_it_is_planned_is_a_step_of_its_own(worked, services):
    worked.set_profile(replace(worked.profile, created=LATE))
    worked.flip("l3")
    edited = worked.assignment
    worked.set_plan(services.plan(worked.latency, worked.profile.board, {"l2": "GPU"}))
    assert worked.undo_stack.undoText() == "Load optimum"
    worked.undo_stack.undo()
    assert worked.assignment == edited


def test_results_are_marked_as_of_the_other_profile(worked, services):
    ran = worked.runs[0].assignment
    assert worked.measured_beside(ran) == ""
    profile_again(worked, services)
    assert worked.measured_beside(ran) == "earlier"
    assert worked.measured_beside(Assignment.uniform(worked.graph, "CPU")) == "earlier"
    worked.add_run(replace(worked.runs[0], created="2", profile_created=LATE), SPAN)
    assert worked.measured_beside(ran) == ""
    worked.undo_stack.undo()
    assert len(worked.runs) == 2  # what was measured meanwhile stays
    assert worked.measured_beside(ran) == "later"


def test_the_first_profile_is_no_step(document, profile):
    document.set_profile(profile)
    assert document.undo_stack.count() == 0
    assert not document.losses


def test_naming_renaming_and_deleting_can_be_undone(profiled):
    profiled.keep_as("mine")
    (mine,) = profiled.own
    assert profiled.rename(mine, "CPU") == "CPU 2"
    profiled.forget(profiled.own[0])
    assert profiled.own == ()
    texts = []
    for expected in (("CPU 2",), ("mine",), ()):
        texts.append(profiled.undo_stack.undoText())
        profiled.undo_stack.undo()
        assert tuple(one.name for one in profiled.own) == expected
    assert texts == ["Delete CPU 2", "Rename mine CPU 2", "Keep mine"]
    profiled.undo_stack.redo()
    assert profiled.own == (mine,)


@pytest.mark.parametrize("name", ["refined", "optimum", "greedy", "CPU", "mine"])
def test_a_persons_assignment_stays_a_persons_whatever_it_is_called(document, profile, services, graph, tmp_path, name):
    document.open(None, graph=graph)
    document.flip("l1")
    document.keep_as(name)
    mine = document.own[0]
    assert mine == NamedAssignment(name, "own", document.assignment)
    document.set_profile(profile)
    document.set_plan(services.plan(document.latency, profile.board, {}), services.greedy(document.latency))
    document.keep_refined(Assignment.uniform(graph, "GPU"))
    document.keep_refined(Assignment.uniform(graph, "CPU"))
    assert mine in document.own
    assert [one.kind for one in document.named] == ["baseline", "baseline", "greedy", "plan", "refined", "own"]
    save_session(tmp_path / "s.layerswitch", session_of(document))
    assert load_session(tmp_path / "s.layerswitch").named[-1] == mine
    document.undo_stack.undo()  # the refinement's first result is there again
    assert document.of_kind("refined").assignment == Assignment.uniform(graph, "GPU")


def test_what_would_be_lost_is_what_no_file_holds(worked, services):
    assert worked.losses == ["2 named assignments", "1 run", "1 comparison", "3 edits"]
    worked.saved("file")
    assert worked.losses == []
    worked.keep_as("night")
    assert worked.losses == ["1 named assignment"]
    worked.forget(worked.own[-1])
    assert worked.losses == ["1 edit"]  # which undoes itself, but nobody can know
    worked.undo_stack.undo()
    worked.undo_stack.undo()
    assert worked.losses == []
    profile_again(worked, services)
    assert worked.losses == []  # a simulated profile is soon made again
    worked.mark_recovered()
    assert worked.losses[:3] == ["2 named assignments", "1 run", "1 comparison"]
