"""Whether boards answer: asked on a thread, shown on the start page and in the chooser, again on demand."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from layerswitch.boards.reachability import Answer
from layerswitch.boards.registry import BoardEntry

SIMULATED = BoardEntry("sim:fake", "Board fake", "simulated")
DESK = BoardEntry("own:desk", "Desk", "measured", "ssh", host="vim3.lan")
SHELF = BoardEntry("own:shelf", "Shelf", "measured", "ssh", host="rock.lan")
GONE = "does not answer: nothing listens at rock.lan port 22"


@pytest.fixture
def boards(window, monkeypatch):
    """The window with two boards over SSH; `boards.said` is what they say, once `boards.gate` is open."""
    services = window.workbench.services
    window.gate, window.asked = threading.Event(), []
    window.said = {"own:desk": Answer("own:desk", "answers"), "own:shelf": Answer("own:shelf", *GONE.split(": ", 1))}
    window.entries = [SIMULATED, DESK, SHELF]

    def ask_boards(entries, cancel):
        window.asked.append((threading.current_thread(), [entry.name for entry in entries]))
        for entry in entries:
            while not window.gate.wait(0.01):
                if cancel.is_set():
                    return
            yield window.said[entry.name]

    monkeypatch.setattr(services, "boards", lambda: tuple(window.entries), raising=False)
    monkeypatch.setattr(services, "ask_boards", ask_boards, raising=False)
    yield window
    window.gate.set()


def row(window, name):
    page = window.start_page.boards
    return next(page.item(n) for n in range(page.count()) if page.item(n).data(Qt.ItemDataRole.UserRole) == name)


def settled(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)


def test_they_are_asked_in_the_background_when_the_window_opens(qtbot, boards):
    boards.fill_choices()
    assert row(boards, "own:desk").text() == "Desk (measured)\n– not checked"
    assert row(boards, "sim:fake").text() == "Board fake (simulated)"
    assert boards.workbench.runner.work == []
    boards.gate.set()
    settled(qtbot, boards)
    assert row(boards, "own:desk").text() == "Desk (measured)\n✓ answers"
    assert row(boards, "own:shelf").text() == f"Shelf (measured)\n✗ {GONE}"
    ((thread, names),) = boards.asked
    assert thread is not threading.main_thread()
    assert names == ["own:desk", "own:shelf"]


def test_the_chooser_says_it_too_and_the_button_does_not(qtbot, boards):
    boards.fill_choices()
    boards.gate.set()
    settled(qtbot, boards)
    combo = boards.choices.board
    assert combo.itemText(combo.findData("own:desk")) == "✓ Desk (measured): answers"
    assert combo.view().minimumWidth() >= combo.fontMetrics().horizontalAdvance("✗ Shelf (measured): does not answer")
    combo.setCurrentIndex(combo.findData("own:shelf"))
    boards.choices.show_board("own:shelf")
    assert combo.toolTip() == f"The board that measures: ✗ {GONE}"
    assert GONE in combo.accessibleDescription()
    boards.choices.show_board("sim:fake")
    assert combo.toolTip() == "The board that measures"
    boards.start_page.boards.setCurrentItem(row(boards, "own:desk"))
    assert boards.start_page.go.text() == "Profile Chain on Desk (measured)"


def test_they_are_asked_again_on_demand_and_counted(qtbot, boards):
    notices = []
    boards.document.notice.connect(notices.append)
    boards.gate.set()
    boards.fill_choices()
    settled(qtbot, boards)
    assert boards.start_page.ask.isVisible()
    boards.said["own:desk"] = Answer("own:desk", "does not answer", "nothing was heard within 3 s")
    boards.start_page.ask.click()
    settled(qtbot, boards)
    assert row(boards, "own:desk").text().endswith("✗ does not answer: nothing was heard within 3 s")
    assert notices[-1] == "0 of 2 boards over SSH answer"
    boards.commands["ask_boards"].trigger()
    settled(qtbot, boards)
    assert len(boards.asked) == 3


def test_a_board_that_was_changed_is_not_checked_any_more(qtbot, boards):
    boards.gate.set()
    boards.fill_choices()
    settled(qtbot, boards)
    boards.gate.clear()
    boards.entries[1] = BoardEntry("own:desk", "Desk", "measured", "ssh", host="other.lan")
    boards.fill_choices()
    assert row(boards, "own:desk").text().endswith("– not checked")
    assert row(boards, "own:shelf").text().endswith(GONE)
    boards.entries.pop(1)
    boards.fill_choices()
    boards.gate.set()
    settled(qtbot, boards)
    assert boards.start_page.boards.count() == 2


def test_closing_does_not_wait_for_them(boards):
    boards.fill_choices()
    boards.close()
    assert boards.workbench.runner.jobs == []


def test_nobody_is_asked_for_a_picture_and_where_there_is_none(qtbot, boards):
    boards.context = replace(boards.context, attended=False)
    boards.fill_choices()
    assert boards.asked == []
    boards.entries = [SIMULATED]
    boards.context = replace(boards.context, attended=True)
    boards.fill_choices()
    boards.commands["ask_boards"].trigger()
    assert boards.asked == []
    assert not boards.start_page.ask.isVisible()
    assert "add one first" in boards.statusBar().currentMessage()
