"""Everything can be reached without a mouse and is named for screen readers; views' commands stand in the menus."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from layerswitch_gui.app.main_window import MainWindow

INTERACTIVE = (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView, QAbstractSpinBox, QAbstractSlider)
VIEWS = ("Graph", "Latency", "Layers", "Timeline", "Switches", "Comparison", "Roofline", "Attributes", "Refinement")


@pytest.fixture
def planned(qtbot: QtBot, window: MainWindow) -> MainWindow:
    window.opening.open("chain")
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs and window.document.graph is not None, timeout=20_000)
    window.commands["profile"].trigger()
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs and window.document.plan is not None, timeout=20_000)
    for title, dock in window.docks.items():
        dock.show()
        dock.raise_()
        qtbot.waitUntil(lambda title=title: window.docks[title].widget() is not None)
    return window


def qts_own(widget: QWidget) -> bool:
    """Parts that Qt makes inside its widgets, named by Qt itself or reached through what they are part of."""
    parent = widget.parentWidget()
    return (
        widget.objectName().startswith("qt_")
        or isinstance(widget, QScrollBar | QHeaderView | QTabBar)
        or isinstance(parent, QComboBox | QTabBar | QAbstractItemView | QAbstractSpinBox)
        or (isinstance(parent, QWidget) and isinstance(parent.parentWidget(), QComboBox))  # the list that drops down
        or (isinstance(parent, QAbstractScrollArea) and widget is parent.viewport())
        or isinstance(parent, QDockWidget)
        or (isinstance(parent, QLineEdit) and isinstance(widget, QAbstractButton))
    )


def says(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or (text if text.strip("+-−⇄…» ") else "")


def unnamed(window: QWidget) -> list[str]:
    found = []
    for widget in window.findChildren(QWidget):
        takes_keys = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if (isinstance(widget, INTERACTIVE) or takes_keys) and not qts_own(widget) and not says(widget):
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found


def test_every_interactive_widget_has_a_name(planned: MainWindow) -> None:
    assert not unnamed(planned), "\n".join(unnamed(planned))


def test_the_walk_finds_a_nameless_field(planned: MainWindow) -> None:
    planned.docks["Layers"].widget().filter.setAccessibleName("")
    assert unnamed(planned) == ["QLineEdit in QWidget"]


def test_every_button_says_in_a_tooltip_what_it_does(planned: MainWindow) -> None:
    buttons = [b for b in planned.findChildren(QAbstractButton) if not qts_own(b)]
    assert [b.text() for b in buttons if not b.toolTip()] == []
    assert len(buttons) > 20


def test_every_dock_and_the_graph_can_take_the_focus(planned: MainWindow) -> None:
    for widget in (planned.graph_view, *(dock.widget() for dock in planned.docks.values())):
        inside = [widget, *widget.findChildren(QWidget)]
        assert any(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in inside), type(widget).__name__


def test_views_commands_stand_in_the_menus_with_keys_and_tooltips(planned: MainWindow) -> None:
    found = planned.commands.listed()
    for view in VIEWS:
        own = [(text, action) for text, action in found if f"› {view} ›" in text]
        assert len(own) >= 3, view
        for text, action in own:
            assert not action.shortcut().isEmpty(), text
            assert action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) in action.toolTip(), text
        keys = [action.shortcut().toString() for _, action in own]
        assert len(set(keys)) == len(keys), view


def test_no_key_means_two_things_at_once(planned: MainWindow) -> None:
    for number in range(1, 10):  # in the menu as soon as one is kept, and so are their keys
        planned.commands[f"variant_{number}"].setVisible(True)
    everywhere = [
        action.shortcut().toString()
        for _, action in planned.commands.listed()
        if action.shortcutContext() != Qt.ShortcutContext.WidgetWithChildrenShortcut
    ]
    assert sorted(everywhere) == sorted(set(everywhere))
    local = [
        action.shortcut().toString()
        for _, action in planned.commands.listed()
        if action.shortcutContext() == Qt.ShortcutContext.WidgetWithChildrenShortcut
    ]
    assert not set(local) & set(everywhere)


def test_commands_work_from_the_menu(planned: MainWindow) -> None:
    actions = {action.objectName(): action for _, action in planned.commands.listed()}
    chart, graph = planned.docks["Latency"].widget(), planned.graph_view
    actions["latency.difference"].trigger()
    assert chart.order == "difference"
    assert actions["latency.difference"].isChecked()
    actions["latency.execution"].trigger()
    actions["latency.log"].trigger()
    assert chart.bars.log
    actions["latency.log"].trigger()
    assert not chart.bars.log
    actions["graph.colour_time"].trigger()
    assert graph.mode == "time"
    actions["graph.turn"].trigger()
    assert graph.direction == "right"
    actions["graph.turn"].trigger()
    assert graph.direction == "down"
    planned.document.select(["l2"])
    planned.docks["Timeline"].raise_()
    actions["timeline.next"].trigger()
    assert planned.document.selection == ("l3",)
    actions["timeline.previous"].trigger()
    actions["timeline.previous"].trigger()
    assert planned.document.selection == ("l1",)


def test_zooming_by_keys_and_back(planned: MainWindow, qtbot: QtBot) -> None:
    for title in ("Latency", "Timeline"):
        view = planned.docks[title].widget()
        planned.docks[title].raise_()
        box = view.plot.getViewBox()
        view.fit()
        low, high = box.viewRange()[0]
        view.commands["zoom_in"].trigger()
        assert box.viewRange()[0][1] - box.viewRange()[0][0] < high - low
        view.commands["fit"].trigger()
        assert box.viewRange()[0] == pytest.approx([low, high], abs=0.2)


def test_the_table_sorts_and_filters_by_keys(planned: MainWindow) -> None:
    table = planned.docks["Layers"].widget()
    table.view.setCurrentIndex(table.rows.index(0, 1))
    header = table.view.horizontalHeader()
    table.commands["sort"].trigger()
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (1, Qt.SortOrder.AscendingOrder)
    table.commands["sort"].trigger()
    assert header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
    table.filter.setText("l3")
    assert table.rows.rowCount() == 1
    table.commands["clear_filter"].trigger()
    assert table.rows.rowCount() == 6


def test_docks_keep_their_height_when_another_tab_comes_forward(planned: MainWindow, qtbot: QtBot) -> None:
    heights = []
    for title in ("Latency", "Layers", "Timeline", "Switches", "Comparison", "Latency"):
        dock = planned.docks[title]
        dock.raise_()
        qtbot.waitUntil(lambda dock=dock: dock.widget().isVisible())
        qtbot.wait(20)
        heights.append(dock.height())
    assert len(set(heights)) == 1


def test_a_number_recalls_its_variant_while_the_graph_has_the_focus(planned: MainWindow, qtbot: QtBot) -> None:
    document, canvas = planned.document, planned.graph_view.canvas
    layers = list(document.assignment)
    document.flip(layers[0])
    kept = document.assignment
    planned.variants.keep()
    document.flip(layers[2])
    planned.activateWindow()
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_1)
    assert document.assignment == kept
    both = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(canvas, Qt.Key.Key_2, both)
    assert planned.graph_view.mode == "time"
