"""Pictures of what is in view: there while panning, gone while zooming, in exports and with the items."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsItem
from pytestqt.qtbot import QtBot

from layerswitch_gui.document import Document
from layerswitch_gui.graph.node_item import NodeItem
from layerswitch_gui.graph.view import GraphView
from layerswitch_gui.theme import Theme

PICTURE = QGraphicsItem.CacheMode.DeviceCoordinateCache


@pytest.fixture
def view(qtbot: QtBot, large: Callable[[int], Document], theme: Theme) -> Iterator[GraphView]:
    made = GraphView(large(100), theme)
    qtbot.addWidget(made)
    made.resize(700, 600)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: bool(made.canvas.caching.items))
    made.canvas.viewport().update()  # now the pictures are made
    settle()
    yield made
    made.hide()


def pictured(view: GraphView) -> set[str]:
    return {key for key, item in view.scene.nodes.items() if item.cacheMode() == PICTURE}


def settle() -> None:
    for _ in range(5):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def paints(view: GraphView, monkeypatch: pytest.MonkeyPatch, action: Callable[[], object]) -> int:
    """How many cards paint themselves because of an action."""
    count = []
    paint = NodeItem._paint_near  # what Qt calls it looks up only once
    monkeypatch.setattr(NodeItem, "_paint_near", lambda *arguments: (count.append(1), paint(*arguments))[1])
    action()
    settle()
    monkeypatch.setattr(NodeItem, "_paint_near", paint)
    return len(count)


def pan(view: GraphView, pixels: int) -> None:
    view.canvas.scroll_by(QPoint(0, pixels))
    view.canvas.moved.emit()


def test_panning_paints_no_card_again(view: GraphView, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "l0" in pictured(view)
    assert len(pictured(view)) < 60
    assert paints(view, monkeypatch, lambda: view.canvas.viewport().update()) == 0
    assert paints(view, monkeypatch, lambda: pan(view, 3)) <= 1, "at most the one that comes into view"


def test_an_edit_paints_its_card_again(view: GraphView, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paints(view, monkeypatch, lambda: view.document.flip("l1")) == 1


def test_there_are_none_while_zooming(qtbot: QtBot, view: GraphView) -> None:
    view.canvas.zoom_by(1.1)
    assert pictured(view) == set()
    qtbot.waitUntil(lambda: bool(pictured(view)))
    view.canvas.look_at(view.scene.content())
    view.canvas.zoom_by(0.05)
    settle()
    assert pictured(view) == set()


def test_what_comes_into_view_gets_one(qtbot: QtBot, view: GraphView) -> None:
    assert "l60" not in pictured(view)
    view.canvas.reveal(view.scene.nodes["l60"])
    qtbot.waitUntil(lambda: "l60" in pictured(view))
    assert "l0" not in pictured(view)


def test_exports_are_painted_without(qtbot: QtBot, view: GraphView, monkeypatch: pytest.MonkeyPatch) -> None:
    area = view.scene.content()
    image = QImage(round(area.width()), round(area.height()), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    assert paints(view, monkeypatch, lambda: view.paint_whole(painter)) >= 100
    painter.end()
    assert pictured(view) == set()


def test_another_drawing_forgets_them(qtbot: QtBot, view: GraphView) -> None:
    view.fold_all()
    assert len(view.scene.nodes) == 50
    qtbot.waitUntil(lambda: bool(pictured(view)))
    view.document.open(None)
    pan(view, 5)
    assert view.canvas.caching.items == set()
