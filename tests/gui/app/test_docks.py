"""Panels are arranged for the window they are in, until a person arranges them."""

import pytest
from PySide6.QtCore import Qt


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)


@pytest.fixture
def opened(qtbot, window):
    def make(width, height):
        window.resize(width, height)
        window.opening.open("long", profile=True)
        settle(qtbot, window)
        return window

    return make


def beside(window, title):
    """Whether a panel stands to the right of the graph."""
    return window.docks[title].x() >= window.graph_view.mapTo(window, window.graph_view.rect().topRight()).x() - 2


def test_a_usual_window_has_charts_under_the_graph(opened):
    window = opened(1280, 800)
    assert window.panels.kind == "usual"
    assert not beside(window, "Latency")
    assert beside(window, "Inspector")


def test_a_wide_window_gives_the_graph_its_height_and_shows_charts_and_tables_at_once(opened):
    window = opened(2560, 1440)
    assert window.panels.kind == "wide"
    assert all(beside(window, title) for title in ("Latency", "Layers", "Inspector"))
    assert window.docks["Latency"].widget().isVisible()
    assert window.docks["Layers"].widget().isVisible()
    assert window.graph_view.height() > 1000
    assert window.docks["Layers"].y() > window.docks["Latency"].y()


def test_large_text_leaves_the_graph_more_than_a_strip(qtbot, opened):
    window = opened(1280, 800)
    strip = window.graph_view.canvas.height()
    window.theme.set_scale(2.0)
    qtbot.waitUntil(lambda: window.panels.kind == "low")
    qtbot.waitUntil(lambda: window.graph_view.canvas.height() > strip)
    assert window.width() == 1280
    assert {"Inspector", "Layers"} <= {
        dock.windowTitle() for dock in window.tabifiedDockWidgets(window.docks["Latency"])
    }
    window.theme.set_scale(1.0)
    qtbot.waitUntil(lambda: window.panels.kind == "usual")


def test_what_a_person_arranged_stays(qtbot, opened):
    window = opened(1280, 800)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks["Inspector"])
    assert window.panels.kind is None
    window.theme.set_scale(2.0)
    qtbot.wait(50)
    assert window.dockWidgetArea(window.docks["Inspector"]) == Qt.DockWidgetArea.LeftDockWidgetArea
    window.theme.set_scale(1.0)
    window.commands["reset_layout"].trigger()
    assert window.panels.kind == "usual"
    assert window.dockWidgetArea(window.docks["Inspector"]) == Qt.DockWidgetArea.RightDockWidgetArea


def test_panels_closed_stay_closed_over_the_start_page(qtbot, opened):
    window = opened(1280, 800)
    window.docks["Timeline"].hide()
    window.show_start()
    assert all(dock.isHidden() for dock in window.docks.values())
    window.show_network()
    qtbot.waitUntil(lambda: not window.docks["Layers"].isHidden())
    assert window.docks["Timeline"].isHidden()


def test_the_next_start_shows_nothing_but_the_start_page(opened):
    window = opened(1280, 800)
    assert not window.summary_bar.isHidden()
    window.panels.remember(shown=True)
    window.show_start()
    window._restore()  # as the next window does with what this one remembered
    assert window.summary_bar.isHidden()
    assert all(dock.isHidden() for dock in window.docks.values())
