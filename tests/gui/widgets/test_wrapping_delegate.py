"""A row is as high as its wrapped text, in any width, and higher when the list is made narrower."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.start.start_page import StartPage
from layerswitch_gui.widgets.wrapping_delegate import ACROSS

TEXT = "Khadas on the desk\n✗ does not answer: nothing listens at vim3.lan port 22"


@pytest.mark.parametrize("width", [130, 200, 260, 300, 340, 400])
def test_the_text_fits(qtbot: QtBot, theme: Theme, width: int) -> None:
    theme.apply()
    page = StartPage(theme)
    qtbot.addWidget(page)
    page.fill([], [("own:desk", "Khadas on the desk", "measured")], [])
    boards = page.boards
    boards.item(0).setText(TEXT)
    boards.setParent(None)
    qtbot.addWidget(boards)
    boards.resize(width, 300)
    boards.show()
    boards.doItemsLayout()
    row = boards.visualItemRect(boards.item(0))
    room = QRect(0, 0, boards.viewport().width() - ACROSS, 10_000)
    needed = QFontMetrics(boards.font()).boundingRect(room, Qt.TextFlag.TextWordWrap, TEXT).height()
    assert row.height() >= needed
