"""Timeline and switch curve in a window."""

import pyqtgraph as pg
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from layerswitch import CurvePoint
from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import Device
from layerswitch.measurement.sample_summary import Interval, Steadiness
from layerswitch.measurement.statistics import summarize
from layerswitch.network.assignment import Assignment
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.charts import SwitchCurve, Timeline
from layerswitch_gui.views.charts.chart_style import PlainAxis
from layerswitch_gui.views.charts.timeline_lanes import HIGH
from layerswitch_gui.views.charts.timeline_layout import Block
from layerswitch_gui.widgets import formatting


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
    run = Run("mine", "chain", "", profiled.profile.board, profiled.assignment, (9.0,), segments, ())
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
    assert profiled.undo_stack.undoText() == "Load best plan with 1 switch"
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
    assert curve._tip(0, 0, 1).startswith("1 switch: ")
    monkeypatch.setattr(
        "layerswitch_gui.views.charts.switch_curve_chart.executed_switches", lambda graph, assignment: 0
    )
    assert curve._tip(0, 0, 1).startswith("1 switch (0 as Arm NN runs it): ")


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


def test_the_measured_number_is_the_summarys_and_the_parts_say_what_they_add_up_to(
    timeline: Timeline, profiled: Document
) -> None:
    assert profiled.profile is not None
    board = replace(profiled.profile.board, origin="emulated")
    parts = tuple((9.0, 9.0, *(1.5,) * 8) for _ in profiled.assignment.segments)
    samples = (30.0, 29.0, *(10.0 + 0.1 * place for place in range(8)))
    run = Run("mine", "chain", "", board, profiled.assignment, samples, parts, (), steadiness=Steadiness(2))
    profiled.add_run(run, summarize(samples[2:]))
    found = summarize(samples[2:])
    said = timeline._titles[1].toPlainText()
    assert said.startswith(f"measured: {formatting.ms(found.median)}, emulated (95 % interval ")
    assert formatting.interval(found.low, found.high) in said
    assert "simulated" not in said
    assert said.endswith("8 runs alone; segments and switches add up to 9.00 ms)")  # six of 1.5 ms, without the warm-up
    assert timeline.lanes[1].blocks.end == pytest.approx(9.0)


def test_times_in_seconds_are_written_out(timeline: Timeline, profiled: Document) -> None:
    assert profiled.profile is not None
    parts = tuple((12_345.6,) for _ in profiled.assignment.segments)
    run = Run("mine", "chain", "", profiled.profile.board, profiled.assignment, (80_000.0,), parts, ())
    profiled.add_run(run, Interval(80_000.0, 80_000.0, 80_000.0))
    assert "12,350 ms" in timeline.describe(replace_title(timeline.lanes[1].blocks[0]))
    assert "e+" not in timeline._titles[1].toPlainText()


def replace_title(block: Block) -> Block:
    """The same as a segment of several layers."""
    return block._replace(last=block.first + 1)


def test_a_curve_that_nobody_sees_is_not_drawn_with_every_edit(
    qtbot: QtBot, curve: SwitchCurve, profiled: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    curve.show_points(points(profiled))
    drawn: list[int] = []
    real = curve._fit
    monkeypatch.setattr(curve, "_fit", lambda here: drawn.append(1) or real(here))
    profiled.flip("l0")
    profiled.flip("l1")
    assert drawn == []
    with qtbot.waitExposed(curve):
        curve.show()
    assert len(drawn) == 1
    assert profiled.prediction is not None
    assert curve._here.getData()[1].tolist() == [profiled.prediction.total_ms]
    profiled.flip("l1")
    assert len(drawn) == 2
    curve.hide()


def test_switches_far_apart_do_not_crowd_the_axis(curve: SwitchCurve, profiled: Document) -> None:
    few = points(profiled)
    last = CurvePoint(200, few[2].predicted_ms, few[2].assignment, few[2].predicted_ms, True)
    curve.show_points([few[0], few[1], last])
    assert curve.plot.getAxis("bottom")._tickSpacing is None  # as many numbers as there is room for
    curve.show_points(few)
    assert curve.plot.getAxis("bottom")._tickSpacing == [(1, 0)]


@pytest.mark.parametrize("height", [190, 240, 400])
def test_titles_have_room_above_the_lanes_of_many_devices(
    qtbot: QtBot, timeline: Timeline, profiled: Document, height: int
) -> None:
    profile = profiled.profile
    assert profile is not None
    devices = ("CPU", "GPU", "NPU", "DSP")
    board = replace(profile.board, devices=tuple(map(Device, devices)))
    samples = dict.fromkeys(devices, profile.samples["CPU"])
    profiled.set_profile(replace(profile, board=board, samples=samples, transfer_costs=()))
    timeline.resize(800, height)
    qtbot.wait(50)
    view = timeline.plot.getViewBox()
    for title, lanes in zip(timeline._titles, timeline.lanes, strict=True):
        area = title.mapRectToScene(title.boundingRect())
        assert area.top() >= view.sceneBoundingRect().top() - 1
        first = view.mapViewToScene(QPointF(0, min(lanes._tops.values()))).y()
        assert area.bottom() <= first + 1
    above, below = timeline.lanes
    last = view.mapViewToScene(QPointF(0, max(above._tops.values()) + HIGH)).y()
    assert timeline._titles[1].mapRectToScene(timeline._titles[1].boundingRect()).top() >= last - 4
    assert (
        view.mapViewToScene(QPointF(0, max(below._tops.values()) + HIGH)).y() <= view.sceneBoundingRect().bottom() + 1
    )


@pytest.mark.parametrize(("width", "kept"), [(1200, "add up to"), (560, "95 % interval"), (260, "")])
def test_a_title_says_as_much_as_it_has_room_for(
    qtbot: QtBot, timeline: Timeline, profiled: Document, width: int, kept: str
) -> None:
    assert profiled.profile is not None
    parts = tuple((1.5,) * 8 for _ in profiled.assignment.segments)
    samples = tuple(10.0 + 0.1 * place for place in range(8))
    run = Run("mine", "chain", "", profiled.profile.board, profiled.assignment, samples, parts, ())
    timeline.resize(width, 300)
    profiled.add_run(run, summarize(samples))
    qtbot.wait(50)
    title, view = timeline._titles[1], timeline.plot.getViewBox()
    said = title.toPlainText()
    assert said.startswith("measured: 10.")
    assert "simulated" in said
    assert kept in said
    assert title.mapRectToScene(title.boundingRect()).right() <= view.sceneBoundingRect().right() + 1
