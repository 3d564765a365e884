"""Views repaint only what an edit changes: what then stands on screen is what a whole repaint gives."""

import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.charts import LatencyChart, Timeline
from layerswitch_gui.views.graph.graph_panel import GraphView
from layerswitch_gui.views.table import LayerTable

VIEWS: tuple[Callable[[Document, Theme], QWidget], ...] = (LatencyChart, GraphView, Timeline, LayerTable)
Show = Callable[[Callable[[Document, Theme], QWidget], int], tuple[Document, QWidget]]


@pytest.fixture
def show(qtbot: QtBot, large: Callable[[int], Document], theme: Theme) -> Iterator[Show]:
    """Make a view of so many layers, and show it until it is painted."""
    shown: list[QWidget] = []

    def make(maker: Callable[[Document, Theme], QWidget], count: int) -> tuple[Document, QWidget]:
        document = large(count)
        view = maker(document, theme)
        qtbot.addWidget(view)
        view.resize(900, 420)
        with qtbot.waitExposed(view):
            view.show()
        if isinstance(view, GraphView):
            qtbot.waitUntil(lambda: len(view.scene.nodes) == count)
        shown.append(view)
        return document, view

    yield make
    for view in shown:
        view.hide()


def settle() -> None:
    """All that follows from a change, paints included."""
    for _ in range(8):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def on_screen(view: QWidget) -> QImage:
    """What was painted, piece by piece."""
    return view.screen().grabWindow(view.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)


def painted_whole(view: QWidget) -> QImage:
    """What painting everything anew gives."""
    if isinstance(view, GraphView):
        view.canvas.buffer.forget()
    return view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def difference(one: QImage, other: QImage) -> QRect:
    """Where two pictures differ by more than the rounding of blended colours."""
    first, second = (
        np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)
        for image in (one, other)
    )
    ys, xs = np.nonzero(np.abs(first - second)[:, :, :3].max(axis=2) > 2)
    if not len(xs):
        return QRect()
    left, top = int(xs.min()), int(ys.min())
    return QRect(left, top, int(xs.max()) - left + 1, int(ys.max()) - top + 1)


@pytest.mark.parametrize("count", [20, 1500])
@pytest.mark.parametrize("maker", VIEWS)
def test_after_edits_the_screen_shows_what_a_whole_repaint_shows(
    qtbot: QtBot, show: Show, maker: Callable[[Document, Theme], QWidget], count: int
) -> None:
    document, view = show(maker, count)
    draw = random.Random(count)
    near = [f"l{place}" for place in range(min(count, 40))]
    document.select(["l2", "l5"])
    document.pin(["l7"])
    settle()
    assert difference(on_screen(view), painted_whole(view)) == QRect()
    steps: list[Callable[[], object]] = [
        lambda: document.flip("l0"),
        lambda: document.flip(draw.sample(near, 3)),
        document.undo_stack.undo,
        lambda: document.assign(near[8:30], "CPU"),
        document.undo_stack.redo,
        lambda: document.flip(near[-1]),
        lambda: document.assign(list(document.assignment), "GPU"),
        document.undo_stack.undo,
        lambda: document.select(["l3"]),
        lambda: document.flip("l3"),
    ]
    for number, step in enumerate(steps):
        step()
        settle()
        assert difference(on_screen(view), painted_whole(view)) == QRect(), f"step {number}"


def test_it_would_be_seen_if_a_change_were_not_painted(show: Show) -> None:
    document, view = show(LatencyChart, 20)
    settle()
    view.setUpdatesEnabled(False)
    document.flip("l0")
    settle()
    stale = on_screen(view)
    view.setUpdatesEnabled(True)
    settle()
    assert difference(stale, on_screen(view)) != QRect()
