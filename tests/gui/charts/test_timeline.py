"""Timeline and switch curve in a window."""

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from layerswitch.assignment import Assignment
from layerswitch.planner import CurvePoint
from layerswitch.results import Interval, Run
from layerswitch_gui.charts import SwitchCurve, Timeline
from layerswitch_gui.charts.style import PlainAxis
from layerswitch_gui.document import Document
from layerswitch_gui.theme import Theme


@pytest.fixture
def timeline(qtbot: QtBot, profiled: Document, theme: Theme) -> Timeline:
    made = Timeline(profiled, theme)
    qtbot.addWidget(made)
    made.resize(800, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def at(timeline: Timeline, ms: float, y: float) -> QPoint:
    scene = timeline.plot.getViewBox().mapViewToScene(QPointF(ms, y))
    return timeline.plot.mapFromScene(scene)


def test_click_selects_the_layer_under_it(qtbot: QtBot, timeline: Timeline, profiled: Document) -> None:
    block = next(block for block in timeline.lanes[0].blocks if block.title == "l2")
    where = at(timeline, block.start + block.ms / 2, timeline.lanes[0]._tops[block.device] + 0.4)
    qtbot.mouseMove(timeline.plot.viewport(), where)
    qtbot.mouseClick(timeline.plot.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert profiled.selection == ("l2",)


def test_shows_the_run_of_the_current_assignment_only(timeline: Timeline, profiled: Document) -> None:
    assert list(timeline.lanes[1].blocks) == []
    assert profiled.profile is not None
    segments = tuple((1.0,) for _ in profiled.assignment.segments)
    run = Run("mine", "chain", "", profiled.profile.board, dict(profiled.assignment), (9.0,), segments, ())
    profiled.add_run(run, Interval(9.0, 8.0, 10.0))
    assert len(timeline.lanes[1].blocks) == 6
    profiled.flip("l0")
    assert list(timeline.lanes[1].blocks) == []


def test_hidden_timeline_draws_when_it_is_seen(timeline: Timeline, profiled: Document) -> None:
    timeline.hide()
    before = timeline.lanes[0]
    profiled.flip("l0")
    assert timeline.lanes[0] is before
    timeline.show()
    assert timeline.lanes[0].blocks[0].device == "CPU"


def test_lane_names_are_not_cut(timeline: Timeline, theme: Theme) -> None:
    needed = QFontMetrics(theme.font(0.9)).horizontalAdvance("C CPU")
    assert timeline.plot.getAxis("left").width() > needed


def test_empty_timeline_says_what_to_do(qtbot: QtBot, document: Document, theme: Theme) -> None:
    made = Timeline(document, theme)
    qtbot.addWidget(made)
    made.show()
    assert "Open a network" in made._nothing.text()
    made.hide()


def points(document: Document) -> tuple[CurvePoint, ...]:
    found = []
    for switches, text in ((0, "CCCCCC"), (1, "GCCCCC"), (5, "GCGCGC")):
        assert document.graph is not None
        assert document.latency is not None
        assignment = Assignment.parse(text, document.graph, document.devices)
        ms = document.latency.predict(assignment).total_ms
        found.append(CurvePoint(switches, ms, assignment, ms, True))
    return tuple(found)


@pytest.fixture
def curve(qtbot: QtBot, profiled: Document, theme: Theme) -> SwitchCurve:
    made = SwitchCurve(profiled, theme)
    qtbot.addWidget(made)
    made.resize(500, 300)
    return made


def test_curve_asks_once_when_it_is_seen(qtbot: QtBot, curve: SwitchCurve, profiled: Document) -> None:
    asked: list[int] = []
    curve.wanted.connect(lambda: asked.append(1))
    with qtbot.waitExposed(curve):
        curve.show()
    curve.hide()
    curve.show()
    assert asked == [1]
    profiled.pin(["l0"])
    assert asked == [1, 1], "other pins make other plans"
    curve.hide()


def test_choosing_a_point_loads_it_as_one_edit(qtbot: QtBot, curve: SwitchCurve, profiled: Document) -> None:
    curve.show_points(points(profiled))
    curve._dots.sigClicked.emit(curve._dots, [curve._dots.points()[1]], None)
    assert profiled.assignment.text == "GCCCCC"
    assert profiled.undo_stack.undoText() == "Load best plan with 1 switches"
    profiled.undo_stack.undo()
    assert profiled.assignment.text == "GCGCGC"
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Return):
        qtbot.keyClick(curve, key)
    assert profiled.assignment.text == "CCCCCC"


def test_curve_says_in_words_what_it_shows(curve: SwitchCurve, profiled: Document) -> None:
    assert "Working" in curve._says.text()
    curve.show_points(points(profiled))
    assert "The best plan has" in curve._says.text()
    assert curve.accessibleDescription() == curve._says.text()
    assert "simulated" in curve.plot.getAxis("left").labelText


def test_curve_tells_of_switches_that_a_run_does_not_need(
    curve: SwitchCurve, profiled: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    curve.show_points(points(profiled))
    assert curve._tip(0, 0, 1).startswith("1 switches: ")
    monkeypatch.setattr("layerswitch_gui.charts.curve.executed_switches", lambda graph, assignment: 0)
    assert curve._tip(0, 0, 1).startswith("1 switches (0 as Arm NN runs it): ")


def test_an_edit_keeps_lanes_axes_and_titles(
    timeline: Timeline, profiled: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes, titles = list(timeline.lanes), list(timeline._titles)
    worked_out: list[object] = []
    specs = pg.AxisItem.generateDrawSpecs
    monkeypatch.setattr(PlainAxis, "generateDrawSpecs", lambda axis, p: worked_out.append(axis) or specs(axis, p))
    profiled.flip("l0")
    QApplication.processEvents()
    assert timeline.lanes[0].blocks[0].device == "CPU"
    assert (timeline.lanes, timeline._titles) == (lanes, titles)
    assert worked_out == []
