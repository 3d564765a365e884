"""Refining in the window: the library's loop over a board, shown step by step, stopped, and loaded with undo."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from layerswitch.errors import BoardError
from layerswitch.experiments.refine import Refinement, Step, refine
from layerswitch.experiments.results import Run
from layerswitch.measurement.sample_summary import Interval
from layerswitch.measurement.statistics import sentence
from layerswitch.network.assignment import Assignment
from layerswitch.outcome import Outcome
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.document.document import Document
from layerswitch_gui.jobs.refinement import Refining
from layerswitch_gui.jobs.workflow import Workbench
from layerswitch_gui.views.refinement.refinement_panel import NOTHING, RefiningPanel, _cells, _tip


class Steady:
    """A board without noise, whose transfers cost three times what the profile says."""

    def __init__(self, document: Document, hold: threading.Event | None = None) -> None:
        assert document.latency is not None
        assert document.profile is not None
        self.latency, self.description = document.latency, document.profile.board
        self.graph, self.hold = document.latency.graph, hold
        self.count = 0

    def unsupported(self, _model: Any, **_options: Any) -> dict[str, dict[str, str]]:
        return {}

    def run(self, _model: Any, assignment: Mapping[str, str], **_options: Any) -> Outcome[Run]:
        self.count += 1
        if self.hold is not None and self.count > 40:  # in the second step
            self.hold.wait(10)
        prediction = self.latency.predict(Assignment(dict(assignment)))
        ms = prediction.total_ms + 2 * prediction.transfers_ms
        return Outcome(Run("", self.graph.name, self.graph.fingerprint, self.description, assignment, (ms,)))


@pytest.fixture
def refining(bench: Workbench, profiled: Document, services: Any, monkeypatch: pytest.MonkeyPatch) -> Refining:
    bench.rounds = 8
    steady = Steady(profiled)
    monkeypatch.setattr(services, "refine", lambda _board, *given, **options: refine(steady, *given, **options))
    return Refining(bench, bench)


def refined(document: Document) -> list[Assignment]:
    """What refinements are kept of."""
    return [one.assignment for one in document.named if one.kind == "refined"]


def done(qtbot: QtBot, refining: Refining) -> Refinement:
    with qtbot.waitSignal(refining.refined, timeout=30_000):
        assert refining.start() is not None
    assert refining.refinement is not None
    return refining.refinement


def test_it_is_kept_under_a_name_with_its_last_comparison(qtbot: QtBot, refining: Refining, profiled: Document) -> None:
    found = done(qtbot, refining)
    assert found.stands
    assert refined(profiled) == [found.plan.assignment]
    assert len(refining.comparisons) == len(found.steps)
    assert profiled.comparison is refining.comparisons[-1]
    again = done(qtbot, refining)
    assert refined(profiled) == [again.plan.assignment]
    assert again.plan.assignment == found.plan.assignment


def test_every_step_is_shown_with_what_changed_and_was_learnt(
    qtbot: QtBot, refining: Refining, profiled: Document
) -> None:
    panel = RefiningPanel(profiled, refining)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.says.text() == NOTHING
    found = done(qtbot, refining)
    qtbot.waitUntil(lambda: panel.table.rowCount() == len(found.steps))
    assert "The plan no longer changes" in panel.says.text()
    assert "simulated" in panel.says.text()
    for row, step in enumerate(found.steps):
        cells = [item.text() for column in range(8) if (item := panel.table.item(row, column))]
        assert cells[2] == f"{step.measured_ms.median:.1f} ms" or cells[2] == f"{step.measured_ms.median:.2f} ms"
        for device, factor in step.device_factors.items():
            assert f"{device} × {factor:.3f}" in cells[7]
        for layer in step.changed[:1]:
            assert f"{layer} → {step.assignment[layer]}" in cells[6]


def test_loading_is_one_undoable_edit(qtbot: QtBot, refining: Refining, profiled: Document) -> None:
    panel = RefiningPanel(profiled, refining)
    qtbot.addWidget(panel)
    panel.show()
    found = done(qtbot, refining)
    qtbot.waitUntil(lambda: panel.commands["load"].isEnabled())
    profiled.assign(profiled.assignment, "CPU" if found.plan.assignment["l0"] == "GPU" else "GPU")
    before = profiled.assignment
    panel.load.click()
    assert profiled.assignment == found.plan.assignment
    assert profiled.undo_stack.undoText() == "Load refined"
    profiled.undo_stack.undo()
    assert profiled.assignment == before
    panel.table.selectRow(0)
    panel.commands["step"].trigger()
    assert profiled.assignment == found.steps[0].assignment


def test_stopping_keeps_the_steps_done(
    qtbot: QtBot, refining: Refining, bench: Workbench, profiled: Document, services: Any
) -> None:
    hold = threading.Event()
    steady = Steady(profiled, hold)
    services.refine = lambda _board, *given, **options: refine(steady, *given, **{**options, "rounds": 10})
    refining.start()
    qtbot.waitUntil(lambda: steady.count > 40 or refining.refinement is not None, timeout=20_000)
    bench.runner.cancel_all()
    hold.set()
    qtbot.waitUntil(lambda: not bench.runner.jobs, timeout=20_000)
    assert refining.refinement is not None
    assert len(refining.refinement.steps) >= 1


def test_without_a_profile_it_says_so(bench: Workbench, document: Document, qtbot: QtBot) -> None:
    with qtbot.waitSignal(document.notice):
        assert Refining(bench, bench).start() is None


def test_until_decided_asks_for_a_limit_and_hands_it_on(qtbot: QtBot, window: MainWindow, services: Any) -> None:
    window.opening.open("chain", profile=True)
    qtbot.waitUntil(lambda: window.document.plan is not None and not window.workbench.runner.jobs, timeout=30_000)
    asked: list[dict[str, Any]] = []
    real = services.compare

    def compare(board: Any, model: Any, assignments: Any, **options: Any) -> Any:
        asked.append(options)
        return real(board, model, assignments, **options)

    services.compare = compare
    questions: Any = window.context.questions
    window.commands["compare_decided"].trigger()
    assert "limit" in questions.asked
    assert not window.workbench.runner.jobs  # no answer: nothing is measured
    questions.answers.limit = 60
    window.commands["compare_decided"].trigger()
    qtbot.waitUntil(lambda: window.document.comparison is not None, timeout=20_000)
    assert asked[0]["until_decided"]
    assert asked[0]["rounds"] == 60
    window.commands["compare"].trigger()
    qtbot.waitUntil(lambda: len(asked) == 2 and not window.workbench.runner.jobs, timeout=20_000)
    assert not asked[1]["until_decided"]


class Stopping(Steady):
    """Has a person press Stop, or loses its link, after so many inferences."""

    def __init__(self, document: Document, after: int, *, lost: bool = False) -> None:
        super().__init__(document)
        self.after, self.lost = after, lost

    def run(self, _model: Any, assignment: Mapping[str, str], **options: Any) -> Outcome[Run]:
        if self.count >= self.after and self.lost:
            return Outcome(None, BoardError("the link was lost", hint="check the cable"))
        if self.count >= self.after:
            options["cancel"].set()
        return super().run(_model, assignment, **options)


def test_a_first_step_that_is_stopped_is_not_said_to_stand(
    qtbot: QtBot, refining: Refining, bench: Workbench, profiled: Document, services: Any
) -> None:
    board = Stopping(profiled, 11)
    services.refine = lambda _board, *given, **options: refine(board, *given, **options)
    panel = RefiningPanel(profiled, refining)
    qtbot.addWidget(panel)
    notices: list[str] = []
    profiled.notice.connect(notices.append)
    with qtbot.waitSignal(refining.refined, timeout=20_000):
        refining.start()
    qtbot.waitUntil(lambda: bool(notices), timeout=5_000)
    found = refining.refinement
    assert found is not None
    assert 1 <= found.measured_ms.samples < 8
    assert not found.stands
    assert notices == ["Stopped: 1 step kept"]
    panel.refresh()
    assert "The plan still changes after 1 of at most 6 steps" in panel.says.text()


def test_a_board_that_is_lost_in_the_first_step_leaves_the_rounds_measured(
    qtbot: QtBot, refining: Refining, bench: Workbench, profiled: Document, services: Any
) -> None:
    board = Stopping(profiled, 11, lost=True)
    services.refine = lambda _board, *given, **options: refine(board, *given, **options)
    with qtbot.waitSignal(bench.failed, timeout=20_000) as said:
        refining.start()
    assert "the link was lost" in str((said.args or [])[1])
    assert refining.refinement is None
    assert profiled.comparison is not None
    assert 1 <= profiled.comparison.rounds < 8
    assert refined(profiled) == []


def test_a_board_that_is_lost_later_keeps_the_steps_done(
    qtbot: QtBot, refining: Refining, bench: Workbench, profiled: Document, services: Any
) -> None:
    def lost(_board: Any, *given: Any, **options: Any) -> Any:
        found = refine(Steady(profiled), *given, **options).whole()
        return Outcome(replace(found, stands=False), BoardError("the link was lost"))

    services.refine = lost
    with qtbot.waitSignal(bench.failed, timeout=20_000):
        refining.start()
    assert refining.refinement is not None
    assert len(refining.refinement.steps) >= 1
    assert refined(profiled) == [refining.refinement.plan.assignment]


def test_what_refining_came_to_is_the_librarys_verdict(qtbot: QtBot, refining: Refining, profiled: Document) -> None:
    found = done(qtbot, refining)
    panel = RefiningPanel(profiled, refining)
    qtbot.addWidget(panel)
    entries = [entry for entry in refining.comparisons[-1].entries if entry.assignment == found.plan.assignment]
    assert entries
    reference = refining.comparisons[-1].reference
    if entries[0].name == reference:
        assert f"It is {reference} alone, the better baseline itself." in panel.says.text()
    else:
        assert entries[0].gain is not None
        said = sentence("refined", reference, entries[0].gain, entries[0].verdict, entries[0].more_rounds)
        assert said[1:] in panel.says.text()
    assert "95 % interval" in panel.says.text()


def test_a_step_that_moves_thousands_of_layers_has_a_tooltip_that_fits_the_screen() -> None:
    layers = {f"layer {place}": "GPU" for place in range(2000)}
    ms = Interval(10.0, 9.0, 11.0, 20)
    step = Step(layers, 10.0, ms, None, tuple(layers), {"CPU": 1.0}, {}, {})
    assert len(_tip("Changed", step)) < 1000
    assert "and 1940 more. Learned corrections: CPU × 1.000" in _tip("Changed", step)
    assert _cells(1, step)[6] == "2,000 layers: layer 0 → GPU …"


def test_a_narrow_panel_gives_up_columns_that_tooltips_keep(
    qtbot: QtBot, refining: Refining, profiled: Document
) -> None:
    panel = RefiningPanel(profiled, refining)
    qtbot.addWidget(panel)
    panel.resize(1200, 300)
    panel.show()
    done(qtbot, refining)
    qtbot.waitUntil(lambda: panel.table.rowCount() > 0)
    titles = [panel.table.horizontalHeaderItem(column) for column in range(panel.table.columnCount())]
    assert not any(panel.table.isColumnHidden(column) for column in range(len(titles)))
    panel.resize(560, 300)
    qtbot.waitUntil(lambda: panel.table.isColumnHidden(3))
    assert titles[3] is not None
    assert titles[3].text() == "95 % interval"
    measured = panel.table.item(0, 2)
    assert measured is not None
    assert "95 % interval" in measured.toolTip()
