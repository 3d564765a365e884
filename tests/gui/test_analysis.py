"""How sure the plan is: worked out after planning, stopped and redone with it, and shown wherever layers are."""

import threading
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from layerswitch.errors import CancelledError
from layerswitch.stability import stability
from layerswitch_gui import hovercard
from layerswitch_gui.analysis import RESAMPLES, Analysis
from layerswitch_gui.document import Document
from layerswitch_gui.graph.colouring import Painter
from layerswitch_gui.look import Look
from layerswitch_gui.main_window import MainWindow
from layerswitch_gui.panels.summary import SummaryStrip
from layerswitch_gui.tables.layer_model import LayerModel
from layerswitch_gui.theme import Theme
from layerswitch_gui.workbench import Workbench


@pytest.fixture
def sure(qtbot: QtBot, bench: Workbench, profiled: Document) -> Document:
    """A document whose plan's stability is known."""
    bench.analysis = Analysis(bench, bench)  # type: ignore[attr-defined]
    profiled.plan_changed.emit()
    qtbot.waitUntil(lambda: profiled.trust.stability is not None, timeout=20_000)
    return profiled


def test_it_is_the_librarys_answer_for_the_plan(sure: Document) -> None:
    found = sure.trust.stability
    assert found is not None
    assert sure.profile is not None
    assert sure.plan is not None
    assert found == stability(sure.profile, sure.plan.assignment, resamples=RESAMPLES)
    assert found.assignment == sure.plan.assignment


def test_another_plan_another_answer_another_network_none(qtbot: QtBot, bench: Workbench, sure: Document) -> None:
    sure.pin(["l1"])
    bench.plan()
    qtbot.waitUntil(lambda: sure.plan is not None and sure.plan.pins == {"l1": "CPU"}, timeout=20_000)
    qtbot.waitUntil(lambda: sure.trust.stability is not None and not bench.runner.jobs, timeout=20_000)
    assert sure.trust.stability is not None
    assert sure.trust.stability.pins == {"l1": "CPU"}
    assert sure.trust.told("l1") == "Pinned: every plan has it on CPU."
    assert sure.trust.told("l2").startswith("GPU in ")
    sure.open(None)
    assert sure.trust.stability is None
    assert sure.trust.interval(sure.prediction) is None


def test_it_can_be_stopped(qtbot: QtBot, bench: Workbench, profiled: Document, monkeypatch: Any) -> None:
    started = threading.Event()

    def slow(_profile: Any, _plan: Any, _drawn: Any, *, progress: Any, cancel: threading.Event) -> Any:
        started.set()
        cancel.wait(10)
        raise CancelledError("stopped")

    monkeypatch.setattr(bench.services, "stability", slow)
    Analysis(bench, bench)._follow_plan()
    qtbot.waitUntil(started.is_set, timeout=20_000)
    assert [job.title for job in bench.runner.work] == ["How sure the plan is"]
    bench.runner.cancel_all()
    qtbot.waitUntil(lambda: not bench.runner.jobs, timeout=10_000)
    assert profiled.trust.stability is None


def test_the_summary_has_the_interval_and_follows_edits(qtbot: QtBot, sure: Document, theme: Theme) -> None:
    strip = SummaryStrip(sure, theme)
    qtbot.addWidget(strip)
    before = strip.predicted.detail.text()
    assert " to " in before
    assert before.endswith("ms, simulated")
    sure.flip("l2")
    assert strip.predicted.detail.text() != before
    assert sure.trust.resamples is not None
    assert sure.prediction is not None
    found = sure.trust.resamples.predicted(sure.prediction.choice)
    interval = sure.trust.interval(sure.prediction)
    assert interval is not None
    assert found.min() <= interval.low <= interval.high <= found.max()


def test_table_hover_and_graph_show_the_share(sure: Document, theme: Theme) -> None:
    assert sure.trust.stability is not None
    model = LayerModel(sure, theme)
    column = model.column("sure")
    shown = [model.index(row, column).data() for row in range(model.rowCount())]
    assert shown == [f"{100 * share:.1f} %" for share in sure.trust.stability.shares.values()]
    assert "of resampled profiles" in hovercard.layer_card(sure, "l2")
    shares = {name: 0.5 if name == "l2" else 1.0 for name in sure.assignment}
    painter = Painter(Look.of(theme), "stability", sure.latency, sure.assignment, shares=shares)
    toss_up, certain = painter.style(["l2"], [2]), painter.style(["l3"], [3])
    assert toss_up.note == "sure 50%"
    assert certain.note == "sure 100%"
    assert toss_up.fill != certain.fill
    assert painter.style(["l2", "l3"], [2, 3]).note == "sure 50%"  # a folded block is as sure as its least sure layer
    model.deleteLater()


def test_near_half_it_does_not_matter(sure: Document) -> None:
    found = sure.trust.stability
    assert found is not None
    found.shares["l2"] = 0.52
    assert sure.trust.told("l2") == "GPU in 52.0 % of resampled profiles: its device hardly matters."
    found.shares["l2"] = 0.97
    assert sure.trust.told("l2") == "GPU in 97.0 % of resampled profiles: sure."


def test_a_what_if_keeps_what_is_known_but_shows_no_interval(
    qtbot: QtBot, bench: Workbench, sure: Document, theme: Theme
) -> None:
    known = sure.trust.stability
    strip = SummaryStrip(sure, theme)
    qtbot.addWidget(strip)
    bench.what_if(3.0)
    qtbot.waitUntil(lambda: sure.what_if, timeout=20_000)
    assert sure.trust.stability is known
    assert " to " not in strip.predicted.detail.text()
    bench.what_if(1.0)
    qtbot.waitUntil(lambda: not sure.what_if, timeout=20_000)
    assert sure.trust.stability is known
    assert not bench.runner.busy("stability")


def test_the_window_does_it_by_itself(qtbot: QtBot, window: MainWindow) -> None:
    window.handlers.open_path("chain", profile=True)
    qtbot.waitUntil(lambda: window.document.trust.stability is not None, timeout=30_000)
    assert window.graph_view is not None
    window.graph_view.choose_mode("stability")
    assert "it does not matter" in window.graph_view._legend.text()
