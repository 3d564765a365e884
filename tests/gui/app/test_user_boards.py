"""Adding a board: tested as a job, questions answered in the window, saved, edited, removed."""

import threading
from types import SimpleNamespace

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from layerswitch.boards import user_boards
from layerswitch.boards.check.board_check import CheckStep
from layerswitch_gui.jobs.prompts import Answers


def until(holds, turns=4000):
    for _ in range(turns):
        QCoreApplication.processEvents()
        if holds():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it never came to hold")


@pytest.fixture
def own(window, tmp_path, monkeypatch):
    """The window with a folder for boards of one's own, and a board whose check asks everything."""
    monkeypatch.setattr(user_boards, "user_folder", lambda: tmp_path / "boards")
    window.answers = []

    def check(board, ask, cancel):
        window.threads = threading.current_thread()
        yield CheckStep("reach", "Reach the board", "ok", "it answers")
        window.answers.append(ask.accept_host_key(board.host, "ssh-ed25519", "SHA256:abc"))
        window.answers.append(ask.password("Password of khadas"))
        if cancel.is_set():
            return
        yield CheckStep("numpy", "numpy", "failed", "cannot be imported", "sudo apt install python3-numpy")

    services = window.workbench.services
    monkeypatch.setattr(services, "check_board", check, raising=False)
    monkeypatch.setattr(services, "board_works", lambda steps: False, raising=False)
    yield window
    window.user_boards.close()
    until(lambda: not window.workbench.runner.jobs)


def opened(window):
    window.commands["add_board"].trigger()
    dialog = window.user_boards.dialog
    dialog.host.setText("vim3.lan")
    dialog.name.setText("desk")
    return dialog


def question(dialog, kind):
    found = []
    until(lambda: found.extend(one for one in dialog.findChildren(kind) if one.isVisible()) or found)
    return found[0]


def test_the_steps_come_as_they_are_known_and_the_command_can_be_copied(own):
    dialog = opened(own)
    dialog.test.click()
    box = question(dialog, QMessageBox)
    assert dialog.steps.count() == 1
    assert "SHA256:abc" in box.informativeText()
    assert box.defaultButton().objectName() != "accept"
    next(one for one in box.buttons() if one.objectName() == "accept").click()
    answers = question(dialog, Answers)
    line = answers.lines[0]
    assert line.echoMode() == line.EchoMode.Password
    line.setText("s3cret")
    answers.accept()
    until(lambda: "cannot measure yet" in dialog.said.text())
    assert own.answers == [True, "s3cret"]
    assert own.threads is not threading.main_thread()
    assert dialog.steps.count() == 2
    assert dialog.fix.toPlainText() == "sudo apt install python3-numpy"
    dialog.steps.setCurrentRow(0)
    assert dialog.fix.toPlainText() == ""
    assert not dialog.copy.isEnabled()
    dialog.steps.setCurrentRow(1)
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "sudo apt install python3-numpy"
    dialog.reject()


def test_the_empty_list_says_what_to_do(own):
    dialog = opened(own)
    assert "Test (Ctrl+T)" in dialog.steps.item(0).text()
    assert dialog.steps.item(0).flags() == Qt.ItemFlag.NoItemFlags
    dialog.reject()


def test_stopping_while_a_question_is_open(own):
    dialog = opened(own)
    dialog.test.click()
    question(dialog, QMessageBox)
    dialog.test.click()
    assert dialog.said.text() == "Stopped."
    until(lambda: not own.workbench.runner.jobs)
    assert own.answers[0] is False
    dialog.reject()


def test_saving_editing_and_removing(own, tmp_path, monkeypatch):
    chosen = []
    own.user_boards.saved.connect(chosen.append)
    dialog = opened(own)
    dialog.port.setValue(2222)
    dialog.save.click()
    assert chosen == ["own:desk"]
    board = user_boards.read(tmp_path / "boards/desk.toml")
    assert (board.host, board.port, board.title) == ("vim3.lan", 2222, "desk (vim3.lan)")
    own.document.entry = SimpleNamespace(name="own:desk", title="", origin="measured")
    own.commands.refresh()
    assert own.commands["edit_board"].isEnabled()
    again = own.user_boards.edit()
    assert again.host.text() == "vim3.lan"
    again.host.setText("other.lan")
    again.save.click()
    assert user_boards.read(tmp_path / "boards/desk.toml").host == "other.lan"
    own.document.entry = SimpleNamespace(name="own:desk", title="", origin="measured")
    for button, left in (("", 1), ("accept", 0)):
        dialog = own.user_boards.edit()
        dialog.remove.click()
        box = question(dialog, QMessageBox)
        assert box.defaultButton().objectName() == ""
        next(one for one in box.buttons() if one.objectName() == button).click()
        until(lambda box=box: not shiboken6.isValid(box) or not box.isVisible())
        assert len(list((tmp_path / "boards").iterdir())) == left
        if left:
            dialog.reject()


def test_without_a_keyring_it_is_said(own, monkeypatch):
    services = own.workbench.services
    monkeypatch.setattr(services, "check_board", lambda *_: iter(()), raising=False)
    monkeypatch.setattr(services, "without_keyring", lambda: "there is no keyring", raising=False)
    dialog = opened(own)
    dialog.remember.setChecked(True)
    dialog.test.click()
    until(lambda: dialog.said.text() == "The board cannot measure yet: see what failed. But there is no keyring.")
    dialog.remember.setChecked(False)
    dialog.test.click()
    until(lambda: dialog.said.text() == "The board cannot measure yet: see what failed.")
    dialog.reject()


def test_a_password_that_is_not_kept_is_said(own, monkeypatch):
    """Under the steps while a board is tested; in the status bar while one is measured on. It is no error."""

    def check(_board, ask, _cancel):
        ask.tell("The password was not kept")
        yield CheckStep("reach", "Reach the board", "ok", "it answers")

    services = own.workbench.services
    monkeypatch.setattr(services, "check_board", check, raising=False)
    monkeypatch.setattr(services, "without_keyring", lambda: "there is no keyring", raising=False)
    dialog = opened(own)
    dialog.remember.setChecked(True)
    for _ in range(2):
        dialog.test.click()
        until(lambda: "see what failed. The password" in dialog.said.text())
        assert dialog.said.text() == "The board cannot measure yet: see what failed. The password was not kept."
    dialog.reject()
    teller = threading.Thread(target=own.user_boards.asking.tell, args=("It was\nnot kept",))
    teller.start()
    teller.join()
    until(lambda: own.statusBar().currentMessage() == "It was not kept")


@pytest.mark.parametrize("host", ["", "-oProxyCommand=x", "a b"])
def test_what_is_no_host_cannot_be_tested_or_saved(own, host):
    dialog = opened(own)
    dialog.host.setText(host)
    assert not dialog.test.isEnabled()
    assert not dialog.save.isEnabled()
    dialog.reject()


def test_a_name_that_is_taken_is_said(own):
    user_boards.save("desk", user_boards.UserBoard("Desk", "ssh", host="x"))
    dialog = opened(own)
    dialog.save.click()
    assert "already" in dialog.said.text()
    dialog.reject()
