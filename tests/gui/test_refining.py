"""Refining in the window: the library's loop over a board, shown step by step, stopped, and loaded with undo."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from layerswitch.assignment import Assignment
from layerswitch.refine import Refinement, refine
from layerswitch.results import Run
from layerswitch_gui.document import Document
from layerswitch_gui.main_window import MainWindow
from layerswitch_gui.panels.refining import NOTHING, RefiningPanel
from layerswitch_gui.refining import NAME, Refining
from layerswitch_gui.workbench import Workbench


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

    def run(self, _model: Any, assignment: Mapping[str, str], **_options: Any) -> Run:
        self.count += 1
        if self.hold is not None and self.count > 40:  # in the second step
            self.hold.wait(10)
        prediction = self.latency.predict(Assignment(dict(assignment)))
        ms = prediction.total_ms + 2 * prediction.transfers_ms
        return Run("", self.graph.name, self.graph.fingerprint, self.description, dict(assignment), (ms,))


@pytest.fixture
def refining(bench: Workbench, profiled: Document, services: Any, monkeypatch: pytest.MonkeyPatch) -> Refining:
    bench.rounds = 8
    steady = Steady(profiled)
    monkeypatch.setattr(services, "refine", lambda _board, *given, **options: refine(steady, *given, **options))
    return Refining(bench, bench)


def done(qtbot: QtBot, refining: Refining) -> Refinement:
    with qtbot.waitSignal(refining.refined, timeout=30_000):
        assert refining.start() is not None
    assert refining.refinement is not None
    return refining.refinement


def test_it_is_kept_under_a_name_with_its_last_comparison(qtbot: QtBot, refining: Refining, profiled: Document) -> None:
    found = done(qtbot, refining)
    assert found.stands
    assert profiled.named[NAME] == found.plan.assignment
    assert len(refining.comparisons) == len(found.steps)
    assert profiled.comparison is refining.comparisons[-1]
    again = done(qtbot, refining)
    assert [name for name in profiled.named if name.startswith(NAME)] == [NAME]
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
    assert "The plan stands" in panel.says.text()
    assert "simulated" in panel.says.text()
    for row, step in enumerate(found.steps):
        cells = [item.text() for column in range(7) if (item := panel.table.item(row, column))]
        assert cells[2] == f"{step.measured_ms.median:.1f} ms" or cells[2] == f"{step.measured_ms.median:.2f} ms"
        for device, factor in step.device_factors.items():
            assert f"{device} × {factor:.3f}" in cells[6]
        for layer in step.changed[:1]:
            assert f"{layer} → {step.assignment[layer]}" in cells[5]


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
    window.handlers.open_path("chain", profile=True)
    qtbot.waitUntil(lambda: window.document.plan is not None and not window.workbench.runner.jobs, timeout=30_000)
    asked: list[dict[str, Any]] = []
    real = services.compare

    def compare(board: Any, model: Any, assignments: Any, **options: Any) -> Any:
        asked.append(options)
        return real(board, model, assignments, **options)

    services.compare = compare
    questions: Any = window.handlers.questions
    window.actions_["compare_decided"].trigger()
    assert "limit" in questions.asked
    assert not window.workbench.runner.jobs  # no answer: nothing is measured
    questions.answers.limit = 60
    window.actions_["compare_decided"].trigger()
    qtbot.waitUntil(lambda: window.document.comparison is not None, timeout=20_000)
    assert asked[0]["until_decided"]
    assert asked[0]["rounds"] == 60
    window.actions_["compare"].trigger()
    qtbot.waitUntil(lambda: len(asked) == 2 and not window.workbench.runner.jobs, timeout=20_000)
    assert "until_decided" not in asked[1]
