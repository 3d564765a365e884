"""The registry: what people know stays where it is, and everything that shows commands shows the same ones."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from layerswitch_gui.app.commands.help import keys_page
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.app.registry import LINE, Registry
from layerswitch_gui.widgets.commands import Command, Commands

KNOWN = [line.split() for line in Path(__file__).with_name("commands.txt").read_text().splitlines()[1:]]
VIEW = Qt.ShortcutContext.WidgetWithChildrenShortcut


@pytest.fixture
def ready(qtbot: QtBot, window: MainWindow) -> MainWindow:
    window.views.prepare()
    qtbot.waitUntil(lambda: window.views.ready, timeout=20_000)
    return window


def test_people_have_every_command_and_key_they_know(ready: MainWindow) -> None:
    for number in range(1, 10):
        ready.commands[f"variant_{number}"].setVisible(True)  # as soon as one is kept under that number
    there = []
    for text, action in ready.commands.listed():
        where = "view" if action.shortcutContext() == VIEW else "window"
        there.append([action.objectName() or "-", action.shortcut().toString(), where, *text.split()])
    assert there == KNOWN


def test_the_page_of_keys_lists_every_command_of_the_menus(ready: MainWindow) -> None:
    page = keys_page(ready.commands)
    for text, action in ready.commands.listed():
        assert f"<td>{escape(text)} &nbsp; </td><td><b>{escape(action.shortcut().toString())}</b></td>" in page


@pytest.fixture
def registry(qtbot: QtBot) -> Iterator[Registry]:
    window = QMainWindow()
    qtbot.addWidget(window)
    yield Registry(window)
    window.close()


def test_a_command_is_enabled_shown_and_checked_by_what_it_asks(registry: Registry) -> None:
    state = {"open": False, "there": False, "dark": False}
    registry.add("&File", [
        Command("save", "&Save", "Ctrl+S", "Save it", lambda: None, lambda: state["open"]),
        LINE,
        Command("extra", "E&xtra", "", "Only now and then", lambda: None, visible=lambda: state["there"]),
        Command("light", "Light", "", "Light", lambda: None, checked=lambda: not state["dark"], group="theme"),
        Command("dark", "Dark", "", "Dark", lambda: None, checked=lambda: state["dark"], group="theme"),
    ])  # fmt: skip
    assert not registry["save"].isEnabled()
    assert [text for text, _ in registry.listed()] == ["File › Save", "File › Light", "File › Dark"]
    assert registry["light"].isChecked()
    state.update(open=True, there=True, dark=True)
    registry.refresh()
    assert registry["save"].isEnabled()
    assert "File › Extra" in [text for text, _ in registry.listed()]
    assert registry["dark"].isChecked()
    assert not registry["light"].isChecked()


def test_a_choice_that_was_refused_is_not_shown_as_made(registry: Registry) -> None:
    registry.add("&View", [
        Command("layer", "Layer", "", "By layer", lambda: None, checked=lambda: True, group="level"),
        Command("block", "Block", "", "By block", lambda: None, checked=lambda: False, group="level"),
    ])  # fmt: skip
    registry["block"].trigger()
    assert registry["layer"].isChecked()


def test_a_command_that_goes_takes_its_key_along(registry: Registry) -> None:
    registry.add("&Edit", [Command("flip", "Flip", "X", "Flip it", lambda: None)])
    registry.add("&Edit", [Command("npu", "To NPU", "N", "Put it there", lambda: None)], before="flip")
    assert [text for text, _ in registry.listed()] == ["Edit › To NPU", "Edit › Flip"]
    registry.remove("npu")
    assert [text for text, _ in registry.listed()] == ["Edit › Flip"]


def test_a_views_keys_work_in_the_view_unless_they_work_anywhere(registry: Registry) -> None:
    commands = [
        Command("fit", "Fit", "F", "Fit", lambda: None),
        Command("find", "Find", "Ctrl+F", "", print, anywhere=True),
    ]
    view = Commands(registry.owner, "graph", commands)
    registry.contribute("&View/&Graph", view.actions)
    assert [text for text, _ in registry.listed()] == ["View › Graph › Fit", "View › Graph › Find"]
    assert view["fit"].objectName() == "graph.fit"
    assert view["fit"].shortcutContext() == VIEW
    assert view["find"].shortcutContext() != VIEW
