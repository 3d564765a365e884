"""The what-if slider: plan and predictions follow, the screen says so, and nothing of it is written as measured."""

import pytest

from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.session import load_session
from layerswitch_gui.jobs.lazy_library import Services


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs and not window.what_if._soon.isActive(), timeout=30_000)


@pytest.fixture
def planned(qtbot, window, services):
    services.plan = Services().plan  # the real planner
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    return window


def ask(qtbot, window, factor):
    window.what_if.slider.setValue(round(factor * 10))
    settle(qtbot, window)


def test_plan_and_predictions_follow_the_slider_and_come_back(qtbot, planned):
    document = planned.document
    before = document.plan, document.prediction.total_ms, document.assignment
    ask(qtbot, planned, 4.0)
    dear = LatencyModel.from_profile(document.profile, transfer_factor=4.0)
    assert document.prediction.total_ms == pytest.approx(dear.predict(document.assignment).total_ms)
    assert document.plan.predicted_ms > before[0].predicted_ms
    assert dict(document.assignment) == document.plan.assignment  # the optimum was on show: it is followed
    planned.what_if.back.click()
    settle(qtbot, planned)
    assert (document.plan, document.prediction.total_ms, document.assignment) == before
    assert planned.what_if.slider.value() == 10


def test_the_screen_says_so(qtbot, planned):
    assert not planned.what_if.badge.isVisible()
    ask(qtbot, planned, 0.5)
    assert planned.what_if.badge.isVisible()
    assert planned.summary.badge.text() == "simulated · what if, not measured"
    assert "what if, not measured: transfer cost ×0.5" in planned.summary.predicted.detail.text()
    planned.commands["what_if_reset"].trigger()
    settle(qtbot, planned)
    assert planned.summary.badge.text() == "simulated"
    assert not planned.what_if.badge.isVisible()


def test_an_edit_of_ones_own_stays_and_the_slider_is_one_undo_step(qtbot, planned):
    document = planned.document
    ask(qtbot, planned, 0.0)
    ask(qtbot, planned, 4.0)
    assert document.undo_stack.count() <= 1
    document.flip("l0")
    mine = document.assignment
    ask(qtbot, planned, 2.0)
    assert document.assignment == mine


def test_nothing_of_it_is_saved_or_compared(qtbot, planned, services, tmp_path):
    document, given = planned.document, []
    plan, optimum = document.plan, document.of_kind("plan")
    ask(qtbot, planned, 4.0)
    planned.commands["plan"].trigger()  # planning again answers the same question
    settle(qtbot, planned)
    assert document.of_kind("plan") == optimum
    planned.context.questions.answers.save_file = str(tmp_path / "a.layerswitch")
    planned.commands["save"].trigger()
    assert load_session(tmp_path / "a.layerswitch").plan == plan
    real = services.compare
    services.compare = lambda *a, **options: given.append(options["predicted"]) or real(*a, **options)
    planned.commands["compare"].trigger()
    settle(qtbot, planned)
    assert given == [document.actual_latency]
    assert given[0] is not document.latency


def test_another_profile_ends_it(qtbot, planned):
    ask(qtbot, planned, 3.0)
    planned.commands["profile"].trigger()
    settle(qtbot, planned)
    assert not planned.document.what_if
    assert planned.what_if.slider.value() == 10


def test_timeline_and_switch_curve_say_what_if(qtbot, planned):
    for title in ("Timeline", "Switches"):
        planned.docks[title].raise_()
        settle(qtbot, planned)
    timeline, curve = (planned.docks[title].widget() for title in ("Timeline", "Switches"))

    def said():
        curve._draw()
        return [timeline._titles[0].toPlainText(), curve.plot.getAxis("left").labelText, curve._sentence()]

    planned.docks["Timeline"].raise_()
    planned.workbench.what_if(0.5)
    settle(qtbot, planned)
    planned.docks["Switches"].raise_()
    settle(qtbot, planned)
    qtbot.waitUntil(lambda: bool(curve.points))
    assert all("what if" in text.lower() for text in said())
    assert "what if, not measured" in timeline._titles[0].toPlainText()
    assert "what if" not in timeline._titles[1].toPlainText()
    planned.workbench.what_if(1.0)
    settle(qtbot, planned)
    planned.docks["Timeline"].raise_()
    settle(qtbot, planned)
    assert not any("what if" in text.lower() for text in said())


def test_the_comparison_panel_keeps_the_profiles_predictions_and_says_so(qtbot, planned):
    planned.docks["Comparison"].raise_()
    panel = planned.docks["Comparison"].widget()
    settle(qtbot, planned)
    panel.bring_up_to_date()
    before = [row.predicted_ms for row in panel._rows if row.name != "mine"]
    planned.workbench.what_if(3.0)
    settle(qtbot, planned)
    panel.bring_up_to_date()
    assert [row.predicted_ms for row in panel._rows if row.name != "mine"] == before
    assert "not the what-if" in panel.sentence.text()
    assert "the profile's own transfer cost" in panel.versus.sentence.text()
