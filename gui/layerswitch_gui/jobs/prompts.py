"""Prompts: questions that come up on a job's thread while a board is reached, answered in the window."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QWidget,
)

POLL_SECONDS = 0.05
MOST_LINES = 12  # of a server's text: more would push out of sight who asks


class _Question:
    """One question, its answer, and whether that has come."""

    def __init__(self, kind: str, *what: Any) -> None:
        self.kind, self.what = kind, what
        self.answer: Any = None
        self.answered = threading.Event()


class Prompts(QObject):
    """An Ask for threads of jobs: see layerswitch.boards.ssh.Ask. The interface thread never waits; the job does.

    Answers are kept nowhere. After `close`, and where the job was cancelled, every answer is no.
    """

    notice = Signal(str)  # a sentence that wants no answer
    _asked = Signal(object)

    def __init__(self, window: QWidget, cancelled: Callable[[], bool] = lambda: False) -> None:
        super().__init__(window)
        self._window, self._cancelled, self._closed = window, cancelled, threading.Event()
        self._shown: list[QDialog] = []
        self._asked.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        """Answer no to whatever is asked, now and later."""
        self._closed.set()
        for dialog in list(self._shown):
            dialog.reject()

    # called on the job's thread: ----------------------------------------------------------------------

    def accept_host_key(self, host: str, kind: str, fingerprint: str) -> bool:
        """Whether an unknown machine is the right one."""
        return bool(self._ask(_Question("host key", host, kind, fingerprint)))

    def password(self, prompt: str) -> str | None:
        """A password or passphrase."""
        answers = self._ask(_Question("answers", "", "", "", [(prompt, False)]))
        return answers[0] if answers else None

    def keyboard_interactive(
        self, who: str, title: str, instructions: str, prompts: Sequence[Any]
    ) -> Sequence[str] | None:
        """An answer to each prompt."""
        if not prompts:
            return []
        asked = [(prompt.text, prompt.echo) for prompt in prompts]
        answers: Sequence[str] | None = self._ask(_Question("answers", who, title, instructions, asked))
        return answers

    def tell(self, text: str) -> None:
        """A sentence that wants no answer."""
        if not self._closed.is_set():
            self.notice.emit(text)

    def _ask(self, question: _Question) -> Any:
        self._asked.emit(question)
        while not question.answered.wait(POLL_SECONDS):
            if self._closed.is_set() or self._cancelled():
                question.answered.set()
                return None
        return question.answer

    # on the interface thread: ----------------------------------------------------------------------

    def _show(self, question: _Question) -> None:
        if question.answered.is_set() or self._closed.is_set():
            return
        dialog = _host_key(question, self._window) if question.kind == "host key" else Answers(question, self._window)
        self._shown.append(dialog)

        def done(_code: int) -> None:
            accepted = dialog.result() == QDialog.DialogCode.Accepted
            if isinstance(dialog, Answers):
                question.answer = dialog.texts() if accepted else None
                dialog.forget()
            elif isinstance(dialog, QMessageBox):
                clicked = dialog.clickedButton()
                question.answer = clicked is not None and clicked.objectName() == "accept"
            question.answered.set()
            self._shown.remove(dialog)
            dialog.deleteLater()

        dialog.finished.connect(done)
        dialog.open()


class Answers(QDialog):
    """A line for each thing that is asked for, hidden unless its server says that it may be seen.

    What a server asks stands under a line of our own that names it: its words may pretend to be anybody's.
    """

    def __init__(self, question: _Question, parent: QWidget) -> None:
        super().__init__(parent)
        who, title, instructions, prompts = question.what
        self.setWindowTitle("Log in")
        form = QFormLayout(self)
        if who:
            form.addRow(_plain(f"{who} asks, in its own words:"))
        for text in (title, instructions):
            if text:
                form.addRow(_plain(text))
        self.lines: list[QLineEdit] = []
        for text, echo in prompts:
            line = QLineEdit()
            line.setAccessibleName(text)
            line.setToolTip(f"It is given to {who}, and kept in no file" if who else "It is kept in no file")
            if not echo:
                line.setEchoMode(QLineEdit.EchoMode.Password)
            form.addRow(_plain(text), line)
            self.lines.append(line)
        choices = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(choices.Ok | choices.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def texts(self) -> list[str]:
        """What was typed."""
        return [line.text() for line in self.lines]

    def forget(self) -> None:
        """Nothing typed stays in a widget."""
        for line in self.lines:
            line.clear()


def _plain(text: str) -> QLabel:
    """A server's words: shown, not interpreted."""
    label = QLabel("\n".join(text[:500].splitlines()[:MOST_LINES]))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _host_key(question: _Question, parent: QWidget) -> QMessageBox:
    host, kind, fingerprint = question.what
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Is it the right machine?")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{host} is not known here.")
    box.setInformativeText(
        f"Its key is {kind}\n{fingerprint}\n\nOn the board,\nssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n"
        "(or ecdsa, rsa) must say the same. If it does, accept it: it is asked once."
    )
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    accept = box.addButton("It is: accept", QMessageBox.ButtonRole.AcceptRole)
    accept.setObjectName("accept")
    accept.setToolTip("Keep this key, and connect")
    refuse = box.addButton("Do not connect", QMessageBox.ButtonRole.RejectRole)
    refuse.setToolTip("Nothing is sent to this machine")
    box.setDefaultButton(refuse)
    box.setEscapeButton(refuse)
    return box
