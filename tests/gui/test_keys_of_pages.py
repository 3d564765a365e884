"""The keys that README and docs/ name are there, and do what the page says."""

import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.platform.theme import Theme

CHECKOUT = Path(__file__).parents[2]
KEY = r"(?:(?:Ctrl|Alt|Shift)\+)+(?:F\d+|Page Up|Page Down|[A-Z0-9.+/-](?!\w))|(?<![\w+])F\d{1,2}(?!\w)"
OF_THE_TERMINAL = {"Ctrl+C", "Ctrl+D"}


def text_of(page: str) -> str:
    return (CHECKOUT / page).read_text(encoding="utf-8")


def texts_of_keys(qtbot: QtBot) -> dict[str, str]:
    """Key -> the text of the command that has it."""
    window = MainWindow(Theme("light"))
    qtbot.addWidget(window)
    return {action.shortcut().toString(): text for text, action in window.commands.listed()}


@pytest.mark.parametrize("page", ["README.md", "docs/using.md", "docs/window.md", "docs/boards.md"])
def test_keys_are_there(page: str, qtbot: QtBot) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "gui").rglob("*.py"))
    known = set(re.findall(r'"([\w+.-]+)"', source)) | OF_THE_TERMINAL | texts_of_keys(qtbot).keys()
    keys = {key.replace("Page Up", "PgUp").replace("Page Down", "PgDown") for key in re.findall(KEY, text_of(page))}
    assert keys - known == set()
    assert keys


@pytest.mark.parametrize("page", ["README.md", "docs/using.md", "docs/boards.md"])
def test_keys_do_what_is_said(page: str, qtbot: QtBot) -> None:
    texts, text = texts_of_keys(qtbot), text_of(page).replace("\n", " ")
    said = re.findall(rf"\*?\*?([A-Z][\w -]+?(?:, \w+)?)\*?\*? \(({KEY})\)", text)
    assert [(words, key) for words, key in said if words.split(", ")[-1].lower() not in texts[key].lower()] == []
    assert said
