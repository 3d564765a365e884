"""Latency bars and ribbon: what they draw, and what clicks, drags and keys ask of the document."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from layerswitch.measurement.profile import Profile
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.charts import LatencyChart
from layerswitch_gui.views.charts.bar_item import Columns

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def chart(qtbot: QtBot, profiled: Document, theme: Theme) -> Iterator[LatencyChart]:
    made = LatencyChart(profiled, theme)
    qtbot.addWidget(made)
    made.resize(700, 320)
    with qtbot.waitExposed(made):
        made.show()
    made.fit()
    QApplication.processEvents()
    yield made
    made.hide()


def cell(chart: LatencyChart, position: int) -> QPoint:
    return QPoint(round(chart.axis.pixel(position + 0.5)), chart.ribbon.height() // 2)


def drag(widget: QWidget, stops: list[QPoint], modifiers: Qt.KeyboardModifier = NONE) -> None:
    def send(kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        where = QPointF(widget.mapToGlobal(at))
        QApplication.sendEvent(widget, QMouseEvent(kind, QPointF(at), where, button, held, modifiers))

    send(QEvent.Type.MouseButtonPress, stops[0], LEFT, LEFT)
    for stop in stops[1:]:
        send(QEvent.Type.MouseMove, stop, Qt.MouseButton.NoButton, LEFT)
    send(QEvent.Type.MouseButtonRelease, stops[-1], LEFT, Qt.MouseButton.NoButton)


def solid(chart: LatencyChart) -> list[int]:
    """How many bars of each device are solid."""
    return [int(np.count_nonzero(item.solid)) for item in chart.bars.columns]


def letters(document: Document) -> str:
    return document.assignment.text


def test_one_solid_bar_per_layer_on_its_device(chart: LatencyChart) -> None:
    assert solid(chart) == [3, 3]
    assert [len(item.lefts) for item in chart.bars.columns] == [6, 6]
    gpu = chart.bars.columns[1]
    assert gpu.heights[gpu.solid] == pytest.approx([1.0, 1.0, 1.0]), "even layers are on the GPU, where they take 1 ms"


def test_an_edit_makes_the_other_bar_solid(chart: LatencyChart, profiled: Document) -> None:
    profiled.flip("l0")
    assert solid(chart) == [4, 2]
    profiled.undo_stack.undo()
    assert solid(chart) == [3, 3]


def test_click_on_the_ribbon_flips(qtbot: QtBot, chart: LatencyChart, profiled: Document) -> None:
    assert letters(profiled) == "GCGCGC"
    qtbot.mouseClick(chart.ribbon, LEFT, pos=cell(chart, 3))
    assert letters(profiled) == "GCGGGC"
    profiled.undo_stack.undo()
    assert letters(profiled) == "GCGCGC"


def test_drag_paints_a_range_and_one_undo_takes_it_back(chart: LatencyChart, profiled: Document) -> None:
    drag(chart.ribbon, [cell(chart, place) for place in (1, 2, 3, 4, 5)])
    assert letters(profiled) == "GGGGGG"
    assert profiled.undo_stack.count() == 1
    profiled.undo_stack.undo()
    assert letters(profiled) == "GCGCGC"


def test_a_fast_drag_leaves_no_gap(chart: LatencyChart, profiled: Document) -> None:
    drag(chart.ribbon, [cell(chart, 5), cell(chart, 1)])
    assert letters(profiled) == "GGGGGG"


def test_drag_past_the_end_stays_inside(chart: LatencyChart, profiled: Document) -> None:
    drag(chart.ribbon, [cell(chart, 3), QPoint(5000, 5)])
    assert letters(profiled) == "GCGGGG"


def test_two_drags_are_two_undos(chart: LatencyChart, profiled: Document) -> None:
    drag(chart.ribbon, [cell(chart, 0), cell(chart, 1)])
    drag(chart.ribbon, [cell(chart, 5), cell(chart, 4)])
    assert letters(profiled) == "CCGCGG"
    profiled.undo_stack.undo()
    assert letters(profiled) == "CCGCGC"


def test_pinned_layers_stay_when_painted_over(chart: LatencyChart, profiled: Document) -> None:
    profiled.pin(["l3"])
    drag(chart.ribbon, [cell(chart, 1), cell(chart, 5)])
    assert letters(profiled) == "GGGCGG"


def test_shift_drag_selects_and_paints_nothing(chart: LatencyChart, profiled: Document) -> None:
    drag(chart.ribbon, [cell(chart, 4), cell(chart, 3), cell(chart, 2)], SHIFT)
    assert profiled.selection == ("l2", "l3", "l4")
    assert letters(profiled) == "GCGCGC"


def test_ctrl_click_toggles_the_selection(qtbot: QtBot, chart: LatencyChart, profiled: Document) -> None:
    for place in (1, 4, 1):
        qtbot.mouseClick(chart.ribbon, LEFT, CTRL, cell(chart, place))
    assert profiled.selection == ("l4",)
    assert letters(profiled) == "GCGCGC"


def test_ribbon_works_from_the_keyboard(qtbot: QtBot, chart: LatencyChart, profiled: Document) -> None:
    ribbon = chart.ribbon
    qtbot.keyClick(ribbon, Qt.Key.Key_Right)
    qtbot.keyClick(ribbon, Qt.Key.Key_Right, SHIFT)
    assert profiled.selection == ("l1", "l2")
    qtbot.keyClick(ribbon, Qt.Key.Key_C)
    assert letters(profiled) == "GCCCGC"
    qtbot.keyClick(ribbon, Qt.Key.Key_Return)
    assert letters(profiled) == "GGGCGC"
    qtbot.keyClick(ribbon, Qt.Key.Key_End)
    assert profiled.selection == ("l5",)


def test_click_on_a_bar_selects_its_layer(qtbot: QtBot, chart: LatencyChart, profiled: Document) -> None:
    port = chart.plot.viewport()
    where = QPoint(cell(chart, 2).x(), 60)
    qtbot.mouseMove(port, where)
    qtbot.mouseClick(port, LEFT, pos=where)
    assert profiled.selection == ("l2",)
    assert chart.bars._chosen.opts["x0"] == pytest.approx([2.0])


def test_orders(chart: LatencyChart, profiled: Document) -> None:
    profiled.flip("l3")  # 4 ms on the GPU: the longest where it is
    chart.set_order("time")
    assert chart.axis.name(0) == "l3"
    chart.set_order("execution")
    assert [chart.axis.name(place) for place in range(6)] == list(profiled.assignment)


def test_painting_in_another_order_paints_what_is_under_the_pointer(chart: LatencyChart, profiled: Document) -> None:
    profiled.flip("l3")
    chart.set_order("difference")
    names = [chart.axis.name(place) for place in (0, 1)]
    device = profiled.other_device(names[0])
    drag(chart.ribbon, [cell(chart, 0), cell(chart, 1)])
    assert [profiled.assignment[name] for name in names] == [device, device]


def test_logarithmic_heights(chart: LatencyChart) -> None:
    chart.commands["log"].trigger()
    item = chart.bars.columns[0]
    assert item.floor + item.heights[~item.solid] == pytest.approx(np.log10([4.0] * 3))
    assert chart.plot.getAxis("left").logTickStrings([-1, 0, 1], 1, 1) == ["0.1", "1", "10"]


def test_y_follows_what_is_in_view(chart: LatencyChart, profiled: Document) -> None:
    """Over the highest bar there is room for its letter, and not much more."""
    box = chart.plot.getViewBox()
    over = box.height() * (1 - 4.18 / box.viewRange()[1][1])
    assert chart.bars.lettering_px > 8
    assert over == pytest.approx(max(chart.bars.lettering_px, 0.06 * box.height()), rel=0.1, abs=2)
    chart.resize(chart.width(), chart.height() + 300)
    QApplication.processEvents()
    over = box.height() * (1 - 4.18 / box.viewRange()[1][1])
    assert over == pytest.approx(max(chart.bars.lettering_px, 0.06 * box.height()), rel=0.1, abs=2)


def test_ribbon_stands_exactly_under_the_bars(chart: LatencyChart) -> None:
    box = chart.plot.getViewBox()
    for position in (0, 3, 6):
        scene = box.mapViewToScene(QPointF(position, 0))
        assert chart.axis.pixel(position) == pytest.approx(chart.plot.mapFromScene(scene).x(), abs=1.5)
    chart.axis.show(1, 4)
    assert chart.axis.position(cell(chart, 2).x()) == 2
    assert list(chart.axis.visible()) == [1, 2, 3]


def test_a_layer_a_device_cannot_run_has_no_bar(
    qtbot: QtBot, document: Document, theme: Theme, profile: Profile
) -> None:
    samples = {**profile.samples, "GPU": {k: v for k, v in profile.samples["GPU"].items() if k != "l2"}}
    document.open(None, graph=profile.graph)
    document.set_profile(Profile(profile.graph, profile.board, samples, unsupported={"GPU": {"l2": "no kernel"}}))
    chart = LatencyChart(document, theme)
    qtbot.addWidget(chart)
    assert [np.count_nonzero(np.isfinite(item.heights)) for item in chart.bars.columns] == [6, 5]
    chart.commands["log"].trigger()
    chart.set_order("difference")


def test_says_what_to_do_while_there_is_nothing(
    qtbot: QtBot, document: Document, theme: Theme, profile: Profile
) -> None:
    chart = LatencyChart(document, theme)
    qtbot.addWidget(chart)
    assert "Open a network" in chart._nothing.text()
    document.open(None, graph=profile.graph)
    assert "profile the network" in chart._nothing.text()
    assert not chart._nothing.isHidden()
    document.set_profile(profile)
    assert chart._nothing.isHidden()
    assert "simulated" in chart.plot.getAxis("left").labelText
    document.open(None)
    assert chart.plot.isHidden()


def test_takes_on_another_theme(chart: LatencyChart, theme: Theme) -> None:
    theme.choose("dark")
    assert chart.plot.backgroundBrush().color() == theme.colour("base")
    theme.choose("light")


def test_an_edit_repaints_its_bars_only(
    large: Callable[[int], Document], qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = large(200)
    chart = LatencyChart(document, theme)
    qtbot.addWidget(chart)
    chart.resize(900, 320)
    with qtbot.waitExposed(chart):
        chart.show()
    QApplication.processEvents()
    asked: list[QRectF] = []
    monkeypatch.setattr(Columns, "update", lambda _item, area=None: asked.append(area))
    document.flip("l120")
    assert [(area.left() // 1, area.width() < 1) for area in asked] == [(120, True), (120, True)]
    chart.hide()


def test_where_times_come_from_is_never_cut(qtbot: QtBot, profiled: Document, theme: Theme) -> None:
    """With twice the text size the buttons go, which the menus have too; with room they are there again."""
    chart = LatencyChart(profiled, theme)
    qtbot.addWidget(chart)
    chart.resize(800, 400)
    with qtbot.waitExposed(chart):
        chart.show()
    key, buttons = chart._key, (chart.log_choice, chart.fit_button)

    def shown(width: int, size: float) -> list[bool]:
        font = chart.font()
        font.setPointSizeF(size)
        chart.setFont(font)
        chart.resize(width, 400)
        qtbot.wait(20)
        assert key.text().endswith("<b>simulated</b>")
        assert key._width(key.text()) <= key.width()
        assert key.geometry().right() < chart._controls.width()
        return [button.isVisible() for button in buttons]

    assert shown(1200, 9.0) == [True, True]
    assert "whiskers" in key.text()
    assert shown(1600, 20.0) == [True, True]
    least = chart._controls.minimumSizeHint().width()
    assert shown(least + 10, 20.0) == [False, False]
    assert shown(1200, 9.0) == [True, True]
    chart.hide()
