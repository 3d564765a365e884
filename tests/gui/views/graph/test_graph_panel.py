"""The layer graph under clicks, drags and keys: what it asks of the document, and what it redraws."""

import random
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.graph.block_item import BlockTag
from layerswitch_gui.views.graph.edge_item import EdgeItem
from layerswitch_gui.views.graph.graph_panel import GraphView
from layerswitch_gui.views.graph.minimap import Minimap
from layerswitch_gui.views.graph.node_item import NodeItem
from layerswitch_gui.views.graph.scene import edge_costs

LEFT, SHIFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(qtbot: QtBot, profiled: Document, theme: Theme) -> Iterator[GraphView]:
    made = GraphView(profiled, theme)
    qtbot.addWidget(made)
    made.resize(700, 600)
    with qtbot.waitExposed(made):
        made.show()
    made.fit()
    yield made
    made.hide()


def spot(view: GraphView, key: str, *, badge: bool = False) -> QPoint:
    item = view.scene.nodes[key]
    across = item.rect.left() + 10 if badge else item.rect.left() + 60
    return view.canvas.mapFromScene(item.pos() + QPointF(across, 0))


def drag(
    widget: QWidget, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    def send(kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        where = QPointF(at)
        QApplication.sendEvent(
            widget, QMouseEvent(kind, where, QPointF(widget.mapToGlobal(at)), button, held, modifiers)
        )

    send(QEvent.Type.MouseButtonPress, start, LEFT, LEFT)
    for step in range(1, 6):
        send(QEvent.Type.MouseMove, start + (end - start) * step / 5, Qt.MouseButton.NoButton, LEFT)
    send(QEvent.Type.MouseButtonRelease, end, LEFT, Qt.MouseButton.NoButton)


def test_shows_every_layer_where_it_is_assigned(view: GraphView, profiled: Document) -> None:
    assert list(view.scene.nodes) == list(profiled.assignment)
    letters = [item.style.badges[0].letter for item in view.scene.nodes.values() if item.style]
    assert letters == ["G", "C"] * 3


def test_click_selects_and_empty_space_clears(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    qtbot.mouseClick(view.canvas.viewport(), LEFT, pos=spot(view, "l2"))
    assert profiled.selection == ("l2",)
    qtbot.mouseClick(view.canvas.viewport(), LEFT, CTRL, spot(view, "l3"))
    assert profiled.selection == ("l2", "l3")
    qtbot.mouseClick(view.canvas.viewport(), LEFT, CTRL, spot(view, "l2"))
    assert profiled.selection == ("l3",)
    qtbot.mouseClick(view.canvas.viewport(), LEFT, pos=QPoint(3, 3))
    assert profiled.selection == ()


def test_badge_flips_and_undo_takes_it_back(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    qtbot.mouseClick(view.canvas.viewport(), LEFT, pos=spot(view, "l2", badge=True))
    assert profiled.assignment["l2"] == "CPU"
    profiled.undo_stack.undo()
    assert profiled.assignment["l2"] == "GPU"


def test_double_click_flips_once(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    port, where = view.canvas.viewport(), spot(view, "l1")
    qtbot.mouseClick(port, LEFT, pos=where)
    qtbot.mouseDClick(port, LEFT, pos=where)
    qtbot.mouseRelease(port, LEFT, pos=where)
    assert profiled.assignment["l1"] == "GPU"
    assert profiled.undo_stack.count() == 1


def test_drag_pans_and_changes_nothing(view: GraphView, profiled: Document) -> None:
    view.canvas.set_view(1.0, QPointF(0, 0))
    before = view.canvas.seen().center()
    drag(view.canvas.viewport(), QPoint(300, 300), QPoint(260, 220))
    moved = view.canvas.seen().center() - before
    assert (round(moved.x()), round(moved.y())) == (40, 80)
    assert profiled.selection == ()
    assert profiled.undo_stack.count() == 0


def test_shift_drag_selects_what_the_band_meets(view: GraphView, profiled: Document) -> None:
    top = spot(view, "l1") - QPoint(100, 15)
    end = spot(view, "l3") + QPoint(30, 0)
    drag(view.canvas.viewport(), top, end, SHIFT)
    assert profiled.selection == ("l1", "l2", "l3")


def test_keys_walk_along_edges_and_assign(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    canvas = view.canvas
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(canvas, key)
    assert profiled.selection == ("l2",)
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    assert profiled.selection == ("l1", "l2")
    qtbot.keyClick(canvas, Qt.Key.Key_C)
    assert [profiled.assignment[name] for name in ("l1", "l2")] == ["CPU", "CPU"]
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert [profiled.assignment[name] for name in ("l1", "l2")] == ["GPU", "GPU"]
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert profiled.selection == ()


def test_turned_graph_turns_the_arrow_keys(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    view.turn()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Home)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert profiled.selection == ("l1",)


def test_wheel_keeps_the_point_under_the_pointer(view: GraphView) -> None:
    at = QPointF(200, 150)
    before = view.canvas.mapToScene(at.toPoint())
    zoom = view.canvas.zoom
    view.canvas.zoom_by(1.5, at)
    after = view.canvas.mapToScene(at.toPoint())
    assert view.canvas.zoom == pytest.approx(1.5 * zoom)
    assert abs(after.x() - before.x()) < 2
    assert abs(after.y() - before.y()) < 2


def test_an_edit_repaints_only_what_changed(view: GraphView, profiled: Document) -> None:
    updated: list[QRectF] = []
    view.scene.dirty.connect(updated.extend)
    profiled.flip("l3")
    around = {pair: edge.boundingRect() for pair, edge in view.scene.edges.items() if "l3" in pair}
    assert view.scene.nodes["l3"].area in updated
    assert all(any(area.contains(way) for way in around.values()) for area in updated[1:])


def test_switches_stand_where_tensors_change_device(view: GraphView, profiled: Document) -> None:
    costs = {pair: edge.cost for pair, edge in view.scene.edges.items() if edge.cost is not None}
    assert profiled.prediction is not None
    assert sum(costs.values()) == pytest.approx(profiled.prediction.transfers_ms)
    assert ("l0", "l1") in costs
    profiled.assign(list(profiled.assignment), "GPU")
    assert all(edge.cost is None for edge in view.scene.edges.values())


def test_a_tensor_read_twice_on_the_other_device_is_paid_once(view: GraphView, profiled: Document) -> None:
    profiled.assign(["l0"], "GPU")
    profiled.assign(["l1", "l2", "l3", "l4", "l5"], "CPU")
    costs = edge_costs(view.scene.picture, profiled.prediction)
    assert costs["l0", "l1"] == pytest.approx(0.5)
    assert costs["l0", "l5"] == 0.0


def test_costs_followed_through_edits_are_those_worked_out_anew(
    qtbot: QtBot, theme: Theme, large: Callable[[int], Document]
) -> None:
    document, draw = large(60), random.Random(5)
    view = GraphView(document, theme)
    qtbot.addWidget(view)
    view.folded = {"block3", "block7", "block8"}
    view._draw()
    names = list(document.assignment)
    for number in range(60):
        document.flip(draw.sample(names, 1 + number % 3))
        marked = {pair: edge.cost for pair, edge in view.scene.edges.items() if edge.cost is not None}
        assert marked == pytest.approx(edge_costs(view.scene.picture, document.prediction))
        crossing = view.scene.crossing()
        assert {id(line) for line in crossing} == {id(view.scene.edges[pair].line) for pair in marked}


def test_an_edit_restyles_its_card_and_its_edges_only(
    view: GraphView, profiled: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    restyled: list[str] = []
    costed: list[tuple[str, str]] = []
    monkeypatch.setattr(NodeItem, "restyle", lambda item, _style: restyled.append(item.node.key))
    monkeypatch.setattr(EdgeItem, "set_cost", lambda edge, _cost: costed.append((edge.link.source, edge.link.target)))
    drawn = []
    monkeypatch.setattr(Minimap, "_draw_cards", lambda *_: drawn.append(1))
    profiled.flip("l3")
    assert restyled == ["l3"]
    assert sorted(costed) == [("l2", "l3"), ("l3", "l4")]
    assert not drawn


def test_search_goes_through_the_hits(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    view.commands["search"].trigger()
    field = view.toolbar.search
    qtbot.keyClicks(field, "maxpool")
    assert view.toolbar.hits.text() == "1 of 3"
    assert profiled.selection == ("l1",)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert profiled.selection == ("l3",)
    qtbot.keyClick(field, Qt.Key.Key_Return, SHIFT)
    qtbot.keyClick(field, Qt.Key.Key_Return, SHIFT)
    assert profiled.selection == ("l5",)
    field.setText("no such layer")
    assert view.toolbar.hits.text() == "nothing found"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_blocks_fold_and_flip_as_one(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    view.fold("block1")
    folded = next(key for key, item in view.scene.nodes.items() if item.node.folded)
    assert len(view.scene.nodes) == 5
    style = view.scene.nodes[folded].style
    assert style is not None
    assert [badge.letter for badge in style.badges] == ["G", "C"]
    qtbot.mouseClick(view.canvas.viewport(), LEFT, pos=spot(view, folded, badge=True))
    assert profiled.assignment["l2"] == profiled.assignment["l3"] == "CPU"
    view.unfold_all()
    assert len(view.scene.nodes) == 6
    view.fold_all()
    assert len(view.scene.nodes) == 3


def test_a_click_on_a_blocks_name_folds_it(qtbot: QtBot, view: GraphView) -> None:
    view.canvas.set_view(1.0, view.scene.nodes["l2"].pos())
    tag = next(item for item in view.scene.items() if isinstance(item, BlockTag) and item.block == "block1")
    where = view.canvas.mapFromScene(tag.boundingRect().center())
    qtbot.mouseClick(view.canvas.viewport(), LEFT, pos=where)
    assert view.folded == {"block1"}


def test_selecting_inside_a_folded_block_lights_its_card(view: GraphView, profiled: Document) -> None:
    view.fold_all()
    profiled.select(["l3"])
    assert [item.selected for item in view.scene.nodes.values()] == [False, True, False]


@pytest.mark.parametrize(("mode", "note"), [("time", "1.00 ms"), ("ratio", "GPU 4×"), ("difference", "same")])
def test_colour_modes_say_what_they_show(view: GraphView, mode: str, note: str) -> None:
    view.set_mode(mode)  # type: ignore[arg-type]
    style = view.scene.nodes["l0"].style
    assert style is not None
    assert style.note == note
    assert "simulated" in view._legend.text()


def test_difference_of_two_others_says_which(view: GraphView, profiled: Document) -> None:
    cpu, gpu = (one.assignment for one in profiled.named[:2])
    view.compare_to("GPU", gpu, ("CPU", cpu))
    notes = [item.style.note for item in view.scene.nodes.values() if item.style]
    assert notes == ["C → G"] * 6
    assert "in CPU from GPU" in view._legend.text()
    view.choose_mode("difference")
    assert [item.style.note for item in view.scene.nodes.values() if item.style] == ["same"] * 6
    assert "from optimum" in view._legend.text()


def test_folded_blocks_are_told_apart_by_time(view: GraphView, profiled: Document) -> None:
    assert profiled.latency is not None
    table = profiled.latency.layer_ms
    table[:] = 4.0
    table[4:] = 5.0
    view.set_mode("time")
    view.fold_all()
    view.document.profile_changed.emit()
    QApplication.processEvents()
    fills = {item.style.fill.name() for item in view.scene.nodes.values() if item.style}
    assert len(fills) == 2


def test_difference_names_the_other_device(view: GraphView, profiled: Document) -> None:
    view.set_mode("difference")
    profiled.flip("l0")
    style = view.scene.nodes["l0"].style
    assert style is not None
    assert style.note == "C → G"


def test_hover_card_tells_exact_numbers(view: GraphView) -> None:
    text = view.hover_text("l0")
    for part in ("l0", "1 × 16 × 8 × 8", "CPU", "GPU", "simulated", "Flip alone"):
        assert part in text


def test_menu_acts_on_the_selection(qtbot: QtBot, view: GraphView, profiled: Document) -> None:
    view.canvas.menu_asked.emit("l1", QPoint(0, 0))
    menu = view.findChild(QMenu)
    assert menu is not None
    actions = {action.text(): action for action in menu.actions()}
    actions["Put block on GPU"].trigger()
    assert profiled.assignment["l0"] == profiled.assignment["l1"] == "GPU"
    actions["Put on CPU\tC"].trigger()
    assert profiled.assignment["l1"] == "CPU"
    actions["Pin"].trigger()
    assert profiled.pins == {"l1": "CPU"}
    readers = actions["Go to reader"].menu()
    readers.actions()[0].trigger()
    assert profiled.selection == ("l2",)
    menu.close()


def test_nothing_open_says_what_to_do(qtbot: QtBot, document: Document, theme: Theme) -> None:
    made = GraphView(document, theme)
    qtbot.addWidget(made)
    assert "Drop" in made._nothing.text()
    assert not made._nothing.isHidden()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_C, Qt.Key.Key_Space, Qt.Key.Key_Return):
        qtbot.keyClick(made.canvas, key)
    made.fit()
    made.fold_all()


def test_graph_without_times_can_be_looked_at(qtbot: QtBot, document: Document, theme: Theme, graph: object) -> None:
    document.open(None, graph=graph)  # type: ignore[arg-type]
    made = GraphView(document, theme)
    qtbot.addWidget(made)
    assert len(made.scene.nodes) == 6
    assert "profile the network" in made._legend.text()
    assert "No times yet" in made.hover_text("l0")


def test_theme_and_network_may_change(view: GraphView, profiled: Document, theme: Theme) -> None:
    theme.choose("dark")
    assert view.canvas.backgroundBrush().color() == theme.colour("base")
    theme.choose("light")
    profiled.open(None)
    assert view.scene.nodes == {}


def test_whole_graph_can_be_painted_at_full_size(view: GraphView) -> None:
    area = view.scene.content()
    image = QImage(int(area.width()), int(area.height()), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    list(view.snapshot().paint(painter))
    painter.end()
    last = view.scene.nodes["l5"].pos() - area.topLeft()
    assert image.pixelColor(last.toPoint()) != Qt.GlobalColor.white


def test_a_long_network_is_laid_out_off_the_interface_thread(
    qtbot: QtBot, document: Document, theme: Theme, long_graph: Callable[[int], object]
) -> None:
    document.open(None, graph=long_graph(900))  # type: ignore[arg-type]
    made = GraphView(document, theme)
    qtbot.addWidget(made)
    assert made.scene.nodes == {}
    qtbot.waitUntil(lambda: len(made.scene.nodes) == 900)
    document.open(None, graph=long_graph(800))  # type: ignore[arg-type]
    document.open(None)
    qtbot.wait(100)
    assert made.scene.nodes == {}, "a drawing of a network that was closed is dropped"
