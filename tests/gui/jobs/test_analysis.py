"""How sure the plan is: worked out after planning, stopped and redone with it, and shown wherever layers are."""

import inspect
import threading
from typing import Any

import pytest
from msgspec import structs
from pytestqt.qtbot import QtBot

from layerswitch.errors import CancelledError
from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import Profile
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.planner.simplest_plan import simplest
from layerswitch.planner.stability import stability
from layerswitch.prediction.session_variance import spread_of
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.document.document import Document
from layerswitch_gui.jobs.analysis import RESAMPLES, Analysis
from layerswitch_gui.jobs.workflow import Workbench
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.platform.theme_snapshot import Look
from layerswitch_gui.views.graph.node_colours import Painter
from layerswitch_gui.views.summary.summary_strip import SummaryStrip
from layerswitch_gui.views.table.layer_table_model import LayerModel
from layerswitch_gui.widgets import hover_card


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
    drawn = sure.trust.resamples
    assert drawn is not None
    assert sure.trust.simplest is not None
    assert sure.trust.simplest == simplest(found, drawn)


def test_another_plan_another_answer_another_network_none(qtbot: QtBot, bench: Workbench, sure: Document) -> None:
    sure.pin(["l1"])
    bench.plan()
    qtbot.waitUntil(lambda: sure.plan is not None and sure.plan.pins == {"l1": "CPU"}, timeout=20_000)
    qtbot.waitUntil(lambda: sure.trust.stability is not None and not bench.runner.jobs, timeout=20_000)
    assert sure.trust.stability is not None
    assert sure.trust.stability.pins == {"l1": "CPU"}
    assert sure.trust.sentence("l1") == "Pinned: every plan has it on CPU."
    assert sure.trust.sentence("l2").startswith("GPU in ")
    sure.open(None)
    assert sure.trust.stability is None
    assert sure.trust.interval(sure.prediction) is None


def test_it_can_be_stopped(qtbot: QtBot, bench: Workbench, profiled: Document, monkeypatch: Any) -> None:
    started = threading.Event()

    def slow(_profile: Any, _assignment: Any, *, cancel: threading.Event, **_options: Any) -> Any:
        started.set()
        cancel.wait(10)
        raise CancelledError("stopped")

    monkeypatch.setattr(bench.services, "stability", slow)
    Analysis(bench, bench)._follow_plan()
    qtbot.waitUntil(started.is_set, timeout=20_000)
    assert [job.title for job in bench.runner.work] == ["Plan stability"]
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
    assert "of resampled plans" in hover_card.layer_card(sure, "l2")
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
    assert sure.trust.sentence("l2") == "GPU in 52.0 % of resampled plans: either device would do."
    found.shares["l2"] = 0.97
    assert sure.trust.sentence("l2") == "GPU in 97.0 % of resampled plans: stable."


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
    window.opening.open("chain", profile=True)
    qtbot.waitUntil(lambda: window.document.trust.stability is not None, timeout=30_000)
    assert window.graph_view is not None
    window.graph_view.choose_mode("stability")
    assert "it does not matter" in window.graph_view._legend.text()


def test_a_plan_that_noise_helped_to_choose_is_shown_with_a_caution(qtbot: QtBot, sure: Document, theme: Theme) -> None:
    strip = SummaryStrip(sure, theme)
    qtbot.addWidget(strip)
    assert sure.trust.stability is not None
    assert "⚠" not in strip.predicted.detail.text()
    noisy = structs.replace(sure.trust.stability, optimism=0.08)
    sure.trust.take(sure.trust.resamples, noisy)
    assert strip.predicted.detail.text().endswith("⚠")
    assert "about 8.0 % longer than predicted" in strip.predicted.toolTip()
    sure.assign(["l1"], "CPU" if sure.assignment is not None and sure.assignment["l1"] == "GPU" else "GPU")
    assert "⚠" not in strip.predicted.detail.text()  # what a person chose, noise did not
    assert "longer than predicted" not in strip.predicted.toolTip()


def test_what_is_measured_later_shows_more_of_how_sessions_differ(
    qtbot: QtBot, bench: Workbench, sure: Document, profile: Profile
) -> None:
    before, plan = sure.trust.resamples, sure.plan
    assert before is not None
    assert plan is not None
    cpu = Assignment(dict.fromkeys(plan.assignment, "CPU"))

    def measured(ms: float) -> None:
        samples = tuple(ms + 0.01 * place for place in range(20))
        run = Run("CPU", "chain", profile.graph.fingerprint, profile.board, cpu, samples)
        sure.add_run(run, Interval(ms, ms, ms + 0.2, 20))

    measured(15.0)  # the first that ran the whole network there: nothing to hold it against
    qtbot.waitUntil(lambda: not bench.runner.jobs, timeout=20_000)
    assert sure.trust.resamples is before
    measured(30.0)
    assert sure.trust.resamples is before  # what is known stays on show
    qtbot.waitUntil(lambda: sure.trust.resamples is not before and not bench.runner.jobs, timeout=20_000)
    assert sure.trust.resamples is not None
    assert sure.trust.resamples.spread != before.spread
    expected = stability(profile, plan.assignment, resamples=RESAMPLES, spread=spread_of(profile, sure.runs))
    assert sure.trust.stability == expected


def test_both_say_the_same_of_a_network_as_small_as_the_bundled_ones() -> None:
    """The command line draws 200 profiles; another number gives other shares and other last digits."""
    assert inspect.signature(stability).parameters["resamples"].default == RESAMPLES
