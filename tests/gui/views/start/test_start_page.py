"""The start page: one button that says what it will do, whichever list a person last chose from."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.start.start_page import StartPage

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot):
    page = StartPage(Theme("light"))
    qtbot.addWidget(page)
    page.fill([("chain", "Chain"), ("wide", "Wide")], [("sim:x", "X", "simulated"), ("y", "Y", "measured")], [])
    page.fill_recent(["/home/me/first try.layerswitch", "/home/me/net.onnx"])
    page.resize(1000, 700)
    page.show()
    qtbot.waitExposed(page)
    return page


@pytest.fixture
def opened(page):
    asked = []
    page.open_requested.connect(lambda *what: asked.append(what))
    return asked


def click(widget, row):
    rectangle = widget.visualItemRect(widget.item(row))
    QTest.mouseClick(widget.viewport(), LEFT, pos=rectangle.center())


def test_it_profiles_the_network_that_is_chosen(page, opened):
    click(page.models, 1)
    assert page.go.text() == "Profile Wide on X (simulated)"
    page.go.click()
    page.look.click()
    assert opened == [("wide", True), ("wide", False)]


def test_what_was_opened_before_is_opened_by_the_same_button(page, opened):
    click(page.recent, 0)
    assert page.go.text() == "Open first try.layerswitch"
    assert "/home/me/first try.layerswitch" in page.go.toolTip()
    assert not page.look.isEnabled()
    assert not page.models.selectedItems()
    page.go.click()
    assert opened == [("/home/me/first try.layerswitch", False)]


@pytest.mark.parametrize("which", ["models", "boards"])
def test_choosing_a_network_or_a_board_again_goes_back_to_profiling(page, opened, which):
    click(page.models, 0)
    click(page.recent, 1)
    click(getattr(page, which), 0)
    assert not page.recent.selectedItems()
    assert [item.text() for item in page.models.selectedItems()] == ["Chain"]
    assert page.go.text() == "Profile Chain on X (simulated)"
    page.go.click()
    assert opened == [("chain", True)]


def test_by_keys_alone(page, opened):
    page.recent.setFocus()
    QTest.keyClick(page.recent, Qt.Key.Key_Down)
    assert page.go.text().startswith("Open ")
    page.models.setFocus()
    QTest.keyClick(page.models, Qt.Key.Key_Down)
    assert page.go.text().startswith("Profile ")
    assert not page.recent.selectedItems()


def test_a_list_filled_anew_leaves_nothing_chosen_that_is_gone(page, opened):
    click(page.recent, 0)
    page.fill_recent([])
    assert page.go.text() == "Profile Chain on X (simulated)"
    assert page.look.isEnabled()
