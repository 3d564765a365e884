"""From afar the graph is painted in batches: the same colours in the same places, and clicks still meet cards."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.graph.graph_painting import is_far
from layerswitch_gui.views.graph.graph_panel import GraphView
from layerswitch_gui.views.graph.overview_painting import Batch


@pytest.fixture
def view(qtbot: QtBot, profiled: Document, theme: Theme) -> Iterator[GraphView]:
    made = GraphView(profiled, theme)
    qtbot.addWidget(made)
    made.resize(500, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.canvas.set_view(0.1, made.scene.content().center())
    yield made
    made.hide()


def colour_at(view: GraphView, key: str, across: float) -> str:
    item = view.scene.nodes[key]
    at = view.canvas.mapFromScene(QPoint(round(item.area.left() + across * item.area.width()), round(item.pos().y())))
    return view.canvas.viewport().grab().toImage().pixelColor(at).name()


def test_cards_have_their_colours(view: GraphView, profiled: Document) -> None:
    assert is_far(view.canvas.zoom)
    style = view.scene.nodes["l1"].style
    assert style is not None
    assert colour_at(view, "l1", 0.2) == style.badges[0].colour.name()
    assert colour_at(view, "l1", 0.7) == style.fill.name()
    profiled.flip("l1")
    changed = view.scene.nodes["l1"].style
    assert changed is not None
    assert changed.fill != style.fill
    assert colour_at(view, "l1", 0.7) == changed.fill.name()


def test_a_selected_card_has_a_frame(view: GraphView, profiled: Document, theme: Theme) -> None:
    item = view.scene.nodes["l3"]
    above = view.canvas.mapFromScene(item.pos()) - QPoint(-3, round(item.area.height() / 2 * view.canvas.zoom) + 1)
    before = view.canvas.viewport().grab().toImage().pixelColor(above)
    profiled.select(["l3"])
    after = view.canvas.viewport().grab().toImage().pixelColor(above)
    assert before != after
    assert after.name() == theme.colour("accent").name()


def test_clicks_still_meet_cards(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    item = view.scene.nodes["l2"]
    at = view.canvas.mapFromScene(item.area.center())
    qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert profiled.selection == ("l2",)


def test_another_theme_repaints(view: GraphView, theme: Theme) -> None:
    light = view.canvas.viewport().grab().toImage().pixelColor(2, 2)
    theme.choose("dark")
    dark = view.canvas.viewport().grab().toImage().pixelColor(2, 2)
    theme.choose("light")
    assert light.lightness() > 200 > dark.lightness()


def test_only_what_is_in_view_is_painted() -> None:
    batch = Batch(QColor("red"), [QRectF(100.0 * n, 0, 50, 10) for n in range(10)])
    assert batch.seen(QRectF(120, 0, 200, 5)) == [
        QRectF(100, 0, 50, 10),
        QRectF(200, 0, 50, 10),
        QRectF(300, 0, 50, 10),
    ]
    assert len(batch.seen(QRectF(-10, -10, 2000, 50))) == 10
    assert Batch(QColor("red"), []).seen(QRectF(0, 0, 1, 1)) == []
