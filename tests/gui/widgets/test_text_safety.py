"""Names from files are shown as they are written, in every view: no markup, no keys, nothing wider than the window."""

import csv
import gc
import io
from collections.abc import Iterator
from html import escape
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAction, QTextDocument
from PySide6.QtGui import Qt as RichText
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QMenu,
    QMessageBox,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from layerswitch import plan
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.network.model import Model
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.dialogs.questions import Questions, ShapesDialog
from layerswitch_gui.widgets import hover_card
from layerswitch_gui.widgets.text_safety import breakable, in_menu, one_line, plain, unmarked, wrapped

pytestmark = pytest.mark.slow(10)

SIGN = "zq"
HOSTILE = "<b>zq</b>&x %s"  # what every text with the sign in it must show, letter by letter
NAMES = (
    HOSTILE, "<img src='/etc/passwd'>", "&lt;i&gt;", "line\nbreak\ttab", "مرحبا بالعالم", "\u202eevil", "卷积层_一",
    "🙂👩‍👩‍👧 é", "a" * 10_000, "word " * 2000, "null", "None", "nan", " ", "%n%1%%", "[*]", "x\x00y", "</p></table>",
)  # fmt: skip


def hostile_graph() -> LayerGraph:
    tensors = {"in": Tensor("in", (1, 3, 8, 8), "float32")}
    layers, before = [], "in"
    for place, name in enumerate(NAMES):
        after = f"t{place}{HOSTILE}"
        tensors[after] = Tensor(after, (1, 16, 8, 8), "float32")
        operator = Operator(name, HOSTILE, (before,), (after,), {}, {}, 1000 * place, 10)
        layers.append(Layer(name, HOSTILE, (before,), (after,), (operator,), f"{HOSTILE}{place // 3}"))
        before = after
    return LayerGraph(f"{HOSTILE}\x07", tuple(layers), tensors, ("in",), (before,), level="layer")


def hostile_profile(graph: LayerGraph) -> Profile:
    devices = (Device("CPU", HOSTILE, "CpuAcc"), Device(HOSTILE, HOSTILE, "GpuAcc"))
    board = BoardDescription("own:desk", f"Board {HOSTILE}", "simulated", devices, HOSTILE)
    fast, slow = (1.0, 1.1, 0.9), (4.0, 4.2, 3.8)
    samples = {
        device.name: {name: fast if place % 2 == column else slow for place, name in enumerate(graph.index)}
        for column, device in enumerate(devices)
    }
    costs = tuple(TransferCost(one, two, 0.1, 0.0) for one, two in (("CPU", HOSTILE), (HOSTILE, "CPU")))
    return Profile(graph, board, samples, costs)


@pytest.fixture
def hostile(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """The window with that network, profiled, every panel seen once."""
    document, graph = window.document, hostile_graph()
    document.open(Model(graph, {}), source=HOSTILE)
    window.opening._opened()
    document.set_profile(hostile_profile(graph))
    assert document.latency is not None
    document.set_plan(plan(document.latency, document.profile.board))
    qtbot.waitUntil(lambda: window.graph_view is not None and window.stack.currentWidget() is window.graph_view)
    document.keep_as(HOSTILE)
    document.flip(HOSTILE)
    document.keep_as(f"other {HOSTILE}")
    for title, dock in window.docks.items():
        dock.show()
        dock.raise_()
        qtbot.waitUntil(lambda title=title: window.docks[title].widget() is not None)
    document.select([HOSTILE])
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)
    qtbot.wait(50)
    return window


def rendered(text: str, rich: bool) -> str:
    """What Qt shows of a text."""
    if not rich:
        return text
    document = QTextDocument()
    document.setHtml(text)
    return document.toPlainText()


def tip(text: str) -> str:
    return rendered(text, RichText.mightBeRichText(text))


def entry(text: str) -> str:
    return unmarked(text.partition("\t")[0])


def cells(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(min(model.rowCount(QModelIndex()), 40)):
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())):
            index = model.index(row, column)
            yield str(index.data(Qt.ItemDataRole.DisplayRole) or "")
            yield tip(str(index.data(Qt.ItemDataRole.ToolTipRole) or ""))


def shown(widget: QWidget) -> Iterator[str]:
    """Everything a widget shows as text, as Qt shows it."""
    yield tip(widget.toolTip())
    if isinstance(widget, QLabel):
        kind = widget.textFormat()
        rich = kind == Qt.TextFormat.RichText or (
            kind == Qt.TextFormat.AutoText and RichText.mightBeRichText(widget.text())
        )
        yield rendered(widget.text(), rich).replace("\u200b", "")
    elif isinstance(widget, QAbstractButton):
        yield entry(widget.text())
    elif isinstance(widget, QTabBar):
        yield from (entry(widget.tabText(place)) for place in range(widget.count()))
    elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from cells(widget.model())
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(place) for place in range(widget.count()))


def wrong(window: QWidget) -> list[str]:
    """Texts with the sign in them that do not show the name as it is written, and where."""
    found = []
    for widget in [window, *window.findChildren(QWidget)]:
        where = f"{type(widget).__name__} {widget.accessibleName()!r} in {type(widget.parentWidget()).__name__}"
        found += [f"{where}: {text[:300]!r}" for text in shown(widget) if SIGN in text and HOSTILE not in text]
    for action in window.findChildren(QAction):
        menu = action.parent()
        told = not isinstance(menu, QMenu) or menu.toolTipsVisible()
        for text in (entry(action.text()), tip(action.toolTip()) if told else ""):
            if SIGN in text and HOSTILE not in text:
                found.append(f"action {action.objectName()!r}: {text[:300]!r}")
    return found


def test_every_text_of_the_window_shows_names_as_they_are_written(hostile):
    texts = [text for widget in hostile.findChildren(QWidget) for text in shown(widget)]
    assert sum(HOSTILE in text for text in texts) > 20  # the walk sees them
    assert not wrong(hostile), "\n".join(wrong(hostile))


def test_the_walk_finds_markup_and_keys(hostile):
    label = QLabel(f"Layer {HOSTILE}", hostile)
    assert [one for one in wrong(hostile) if "Layer" in one]
    label.setText(plain(f"Layer {HOSTILE}"))
    assert not wrong(hostile)
    action = QAction(HOSTILE, hostile)
    assert wrong(hostile)
    action.setText(in_menu(HOSTILE))
    action.setToolTip(plain(HOSTILE))
    assert not wrong(hostile)


def test_hover_cards_and_the_menu_of_a_card_show_names_as_they_are_written(hostile, qtbot):
    document, view = hostile.document, hostile.graph_view
    for name in NAMES:
        text = rendered(hover_card.layer_card(document, name), True)
        assert one_line(name) in text.replace("\n", " ") or not name.strip()
        assert HOSTILE in text  # its type
    key = next(key for key, item in view.scene.nodes.items() if item.node.title.startswith("<b>"))
    assert HOSTILE in rendered(view.hover_text(key), True)
    view.canvas.menu_asked.emit(key, view.mapToGlobal(view.rect().center()))
    menus = [menu for menu in view.findChildren(QMenu) if menu.actions()]
    assert menus
    for menu in menus:
        assert not wrong(menu)
        menu.close()


def test_undo_says_what_it_takes_back_however_long_the_name(hostile):
    undo = hostile.commands["undo"]
    for name in NAMES:
        hostile.document.flip(name)
        assert len(undo.text()) < 100
        assert "\n" not in undo.text()
    hostile.document.flip(HOSTILE)
    assert HOSTILE in unmarked(undo.text())


def test_the_palette_and_dialogs_show_names_as_they_are_written(hostile, monkeypatch):
    found = [text for text, _action in hostile.commands.listed() if SIGN in text]
    assert found
    assert all(HOSTILE in text for text in found)
    shapes = ShapesDialog("Open", {HOSTILE: (None, 3)}, hostile)
    assert any(HOSTILE in text for widget in shapes.findChildren(QLabel) for text in shown(widget))
    assert not wrong(shapes)
    shapes.deleteLater()
    asked = []
    monkeypatch.setattr(QMessageBox, "question", lambda _window, _title, text, *_: asked.append(text))
    Questions(hostile).stop_work([f"Profile {HOSTILE}"])
    assert HOSTILE in tip(asked[0])


@pytest.mark.parametrize("key", ["export_graph", "export_latency", "export_timeline", "export_report", "export_csv"])
def test_exports_hold_names_as_they_are_written(hostile, qtbot, tmp_path, key):
    hostile.context.questions.answers.save_file = str(tmp_path / "a.svg")
    hostile.commands[key].trigger()
    qtbot.waitUntil(lambda: not hostile.workbench.runner.work, timeout=30_000)
    assert not hostile.messages.isVisible(), hostile.messages.details
    text = (tmp_path / "a.svg").read_text()
    if key == "export_csv":
        assert [row["layer"] for row in csv.DictReader(io.StringIO(text, newline=""))] == list(NAMES)
    elif key == "export_report":
        assert escape(HOSTILE) in text
        assert HOSTILE not in text
    else:
        assert any(HOSTILE in "".join(one.itertext()) for one in ElementTree.fromstring(text).iter())


def test_no_name_makes_the_window_wider(hostile, qtbot):
    hostile.resize(1280, 800)
    for name in NAMES:
        hostile.document.select([name])
        hostile.opening.failed(name, ValueError(name))
        hostile.document.notice.emit(name)
        qtbot.wait(5)
        assert hostile.minimumSizeHint().width() <= 1280
        assert hostile.width() == 1280
        hostile.messages.dismiss()
    hostile.document.select(NAMES)
    qtbot.wait(5)
    assert hostile.minimumSizeHint().width() <= 1280
    gc.collect()


def test_plain_changes_only_what_would_be_markup():
    assert plain("conv_1 < conv_2 & more\nline") == "conv_1 < conv_2 & more\nline"
    for text in (HOSTILE, "a\nb <b>x</b>", "<i>&amp;</i>", "two  spaces <b>"):
        assert rendered(plain(text), RichText.mightBeRichText(plain(text))) == text
    assert escape(HOSTILE) in plain(HOSTILE)


def test_one_line_is_one_short_line():
    assert one_line("a\nb\tc  d") == "a b c d"
    assert one_line("\u202eevil\x00") == "\ufffdevil\ufffd"
    assert one_line("👩‍👩‍👧 مرحبا") == "👩‍👩‍👧 مرحبا"
    assert len(one_line("a" * 10_000)) <= 161
    assert len(one_line("b " * 10_000)) <= 161
    assert in_menu("a & b") == "a && b"
    assert unmarked(in_menu("a && &b&")) == "a && &b&"
    assert unmarked("&File") == "File"
    assert max(map(len, breakable("a" * 1000 + " b").replace("\u200b", " ").split())) <= 32


def test_tooltips_of_sentences_fit_a_small_screen() -> None:
    text = f"optimum: {'G' * 400}\nIntervals are so wide that all hold together with 95 %" + " (among 3 pairs)" * 9
    lines = wrapped(text).splitlines()
    assert max(map(len, lines)) <= 90
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert wrapped("short\n\nlines stay") == "short\n\nlines stay"
    assert wrapped("<b>conv1</b>: 3 ms").startswith("<span")  # names are never markup
