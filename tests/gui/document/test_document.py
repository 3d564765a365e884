"""The document without windows: what edits do, what undo takes back, what a new network clears."""

import pytest

from layerswitch.experiments.results import Run
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.model import Model
from layerswitch_gui.document.document import Document


def listen(document: Document, *names: str) -> list[str]:
    heard: list[str] = []
    for name in names:
        getattr(document, name).connect(lambda *_values, name=name: heard.append(name))
    return heard


def test_opening_puts_everything_on_the_first_device(document, graph):
    heard = listen(document, "graph_changed", "profile_changed", "assignment_changed")
    document.open(Model(graph, {}), source="chain")
    assert set(document.assignment.values()) == {"CPU"}
    assert heard == ["graph_changed"]  # which says it all
    assert document.prediction is None
    assert not document.modified


def test_the_first_plan_is_shown_and_starts_the_history(profiled):
    assert profiled.assignment == profiled.plan.assignment
    assert not profiled.undo_stack.canUndo()
    assert [(one.name, one.kind) for one in profiled.named] == [
        ("CPU", "baseline"), ("GPU", "baseline"), ("greedy", "greedy"), ("optimum", "plan"),
    ]  # fmt: skip


def test_an_edit_changes_prediction_at_once_and_undo_restores_it(profiled):
    before = profiled.prediction.total_ms
    heard: list[tuple[str, ...]] = []
    profiled.assignment_changed.connect(heard.append)
    profiled.assign(["l0", "l2"], "CPU")
    assert profiled.prediction.total_ms > before
    assert profiled.undo_stack.undoText() == "Put 2 layers on CPU"
    profiled.undo_stack.undo()
    assert profiled.prediction.total_ms == pytest.approx(before)
    assert profiled.assignment == profiled.plan.assignment
    assert heard == [("l0", "l2"), ("l0", "l2")]


def test_the_predicted_effect_is_what_the_edit_then_does(profiled):
    before = profiled.prediction.total_ms
    effect = profiled.effect_of({"l3": "GPU"})
    profiled.flip("l3")
    assert profiled.prediction.total_ms - before == pytest.approx(effect)


def test_one_stroke_is_one_step(profiled):
    for layer in ("l0", "l1", "l2"):
        profiled.assign([layer], "CPU", stroke=7)
    assert profiled.undo_stack.count() == 1
    profiled.undo_stack.undo()
    assert profiled.assignment == profiled.plan.assignment


def test_two_strokes_are_two_steps(profiled):
    profiled.assign(["l0"], "CPU", stroke=1)
    profiled.assign(["l2"], "CPU", stroke=2)
    assert profiled.undo_stack.count() == 2


def test_a_stroke_over_the_same_layer_goes_back_to_the_very_start(profiled):
    profiled.assign(["l0"], "CPU", stroke=1)
    profiled.assign(["l0"], "GPU", stroke=1)
    profiled.undo_stack.undo()
    assert profiled.assignment["l0"] == "GPU"


def test_an_edit_that_changes_nothing_leaves_no_step(profiled):
    profiled.assign(["l1"], profiled.assignment["l1"])
    profiled.assign([], "CPU")
    assert profiled.undo_stack.count() == 0


def test_pinned_layers_stay(profiled):
    notices: list[str] = []
    profiled.notice.connect(notices.append)
    profiled.pin(["l0"])
    profiled.load(Assignment.uniform(profiled.graph, "CPU"), "All on CPU")
    assert profiled.assignment["l0"] == "GPU"
    assert notices == ["l0 kept: pinned"]
    profiled.undo_stack.undo()
    profiled.undo_stack.undo()
    assert profiled.pins == {}


def test_a_layer_stays_off_a_device_that_cannot_run_it(document, profile, services):
    samples = {"CPU": profile.samples["CPU"], "GPU": {k: v for k, v in profile.samples["GPU"].items() if k != "l1"}}
    import msgspec

    document.open(Model(profile.graph, {}))
    document.set_profile(msgspec.structs.replace(profile, samples=samples, unsupported={"GPU": {"l1": "no kernel"}}))
    notices: list[str] = []
    document.notice.connect(notices.append)
    document.assign(["l0", "l1"], "GPU")
    assert document.assignment["l0"] == "GPU"
    assert document.assignment["l1"] == "CPU"
    assert notices == ["l1 kept: cannot run on GPU"]
    assert document.other_device("l1") == "CPU"
    assert [one.name for one in document.named] == ["CPU"]


def test_selecting_knows_only_the_graphs_layers(profiled):
    heard = listen(profiled, "selection_changed")
    profiled.select(["l1", "nobody", "l1"])
    profiled.select(["l1"])
    assert profiled.selection == ("l1",)
    assert heard == ["selection_changed"]


def test_another_network_clears_everything(profiled, graph):
    profiled.flip("l0")
    generation = profiled.generation
    profiled.open(Model(graph, {}), source="chain")
    assert profiled.profile is None
    assert profiled.plan is None
    assert profiled.named == ()
    assert not profiled.undo_stack.canUndo()
    assert profiled.generation > generation


def test_another_board_drops_what_the_last_one_measured(profiled, services):
    profiled.choose_board(services.find("sim:other"))
    assert profiled.graph is not None
    assert profiled.profile is None


def test_a_run_is_found_again_for_its_assignment_only(profiled):
    board, graph = profiled.profile.board, profiled.graph
    run = Run("optimum", graph.name, graph.fingerprint, board, profiled.assignment, (1.0, 2.0))
    profiled.add_run(run, Interval(1.5, 1.0, 2.0, 2))
    assert profiled.measured_ms == Interval(1.5, 1.0, 2.0, 2)
    profiled.flip("l0")
    assert profiled.measured_ms is None


def test_a_profile_alone_is_not_precious_but_an_edit_is(profiled):
    assert not profiled.precious
    profiled.flip("l0")
    assert profiled.precious
    profiled.saved("file")
    assert not profiled.precious


def test_names_are_made_unique(profiled):
    assert profiled.keep_as("mine") == "mine"
    assert profiled.keep_as("mine") == "mine 2"
    assert profiled.keep_as("optimum") == "optimum 2"
