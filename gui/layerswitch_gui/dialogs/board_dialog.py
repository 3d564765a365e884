"""The dialog of a board over SSH: where it is, whether it works, and what fixes what does not."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..widgets.makers import button

if TYPE_CHECKING:
    from layerswitch.boards.check.board_check import CheckStep
    from layerswitch.boards.user_boards import UserBoard

ROLE = Qt.ItemDataRole.UserRole
MARKS = {"ok": "✓", "failed": "✗", "skipped": "–"}
EMPTY = "Test (Ctrl+T) tries everything the board needs, in order. What works stands here."
NOTHING_TO_FIX = "The command that fixes a step which failed"


class BoardDialog(QDialog):
    """Fields, Test, the steps as they come, Save. It asks its owner to do these: nothing here reaches a board."""

    test_asked = Signal(object)  # UserBoard
    stop_asked = Signal()
    save_asked = Signal(str, object)  # name, UserBoard
    remove_asked = Signal(str)

    def __init__(self, parent: QWidget, name: str = "", board: "UserBoard | None" = None) -> None:
        super().__init__(parent)
        self._editing, self._board = name, board
        self.setWindowTitle(f"Board {name}" if name else "Add board")
        self.name = self._line(name, "Name", "What the board is to be called, such as desk")
        self.name.setEnabled(not name)
        self.host = self._line(board.host if board else "", "Host", "Name, address, or an alias of ~/.ssh/config")
        self.user = self._line(board.user if board else "", "User", "Empty: as ~/.ssh/config says, or your own name")
        self.port = QSpinBox()
        self.port.setRange(0, 65535)
        self.port.setSpecialValueText("default")
        self.port.setValue(board.port if board else 0)
        self.port.setAccessibleName("Port")
        self.port.setToolTip("The SSH server's port; 0: as ~/.ssh/config says, or 22")
        self.key = self._line(board.key_file if board else "", "Key file", "Empty: ssh-agent, and the usual keys")
        self.python = self._line(board.python if board else "python3", "Python", "The board's own Python, 3.8 or newer")
        self.remember = QCheckBox("&Remember the password in the system's keyring")
        self.remember.setChecked(bool(board and board.remember_password))
        self.remember.setToolTip("Otherwise it is asked for each time; it is never written to a file")
        self.said = QLabel("A password is asked for when the board wants one.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setProperty("role", "muted")
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What the dialog says")
        self.steps = QListWidget()
        self.steps.setAccessibleName("Steps of the test")
        self.steps.setToolTip("What works, in order; select a step that failed to see the command that fixes it")
        self.steps.setWordWrap(True)
        self.steps.setMinimumHeight(160)
        self._say_empty()
        self.fix = QPlainTextEdit()
        self.fix.setReadOnly(True)
        self.fix.setAccessibleName("Command that fixes the selected step")
        self.fix.setToolTip("To be run on the board, in a terminal")
        self.fix.setPlaceholderText(NOTHING_TO_FIX)
        self.fix.setTabChangesFocus(True)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF())
        self.fix.setFont(fixed)
        self.fix.setFixedHeight(4 * self.fix.fontMetrics().lineSpacing() + 12)
        for framed in (self.port, self.remember, self.steps, self.fix):
            _outline(framed)
        self.test = button("&Test", "Reach the board, and try everything it needs (Ctrl+T)", self._test)
        self.copy = button("&Copy command", "Copy the command that fixes the selected step (Ctrl+Shift+C)", self._copy)
        self.save = button("&Save", "Keep this board, and measure on it (Ctrl+S)", self._save)
        self.remove = button("R&emove", "Forget this board", lambda: self.remove_asked.emit(self._editing))
        self.cancel = button("Close", "Close without saving (Esc)", self.reject)
        self._shortcuts()
        self._lay_out()
        self._testing = False
        for line in (self.name, self.host, self.user, self.key, self.python):
            line.textChanged.connect(self._check)
        self.steps.currentItemChanged.connect(lambda *_: self._selected())
        self._check()

    def _line(self, text: str, name: str, tip: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setAccessibleName(name)
        line.setToolTip(tip)
        line.setPlaceholderText(tip if not text else "")
        return line

    def _shortcuts(self) -> None:
        for keys, run in (("Ctrl+T", self._test), ("Ctrl+Shift+C", self._copy), ("Ctrl+S", self._save)):
            QShortcut(QKeySequence(keys), self).activated.connect(run)

    def _lay_out(self) -> None:
        form = QFormLayout()
        key = QHBoxLayout()
        key.addWidget(self.key)
        key.addWidget(button("&Browse…", "Choose a private key's file", self._browse))
        for text, field in (("&Name", self.name), ("&Host", self.host), ("&User", self.user), ("&Port", self.port)):
            form.addRow(text, field)
        label = QLabel("&Key file")
        label.setBuddy(self.key)
        form.addRow(label, key)
        form.addRow("P&ython", self.python)
        form.addRow(self.remember)
        row = QHBoxLayout()
        for one in (self.test, self.copy):
            row.addWidget(one)
        row.addStretch()
        if self._editing:
            row.addWidget(self.remove)
        for one in (self.cancel, self.save):
            row.addWidget(one)
        self.save.setDefault(True)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.said)
        layout.addWidget(self.steps, 1)
        layout.addWidget(self.fix)
        layout.addLayout(row)
        room = self.screen().availableGeometry()
        letter = self.fontMetrics().averageCharWidth()
        self.resize(min(104 * letter, room.width() - 40), min(38 * self.fontMetrics().height(), room.height() - 60))

    def board(self) -> "UserBoard":
        """What was typed. Raises ValueError, which says what is wrong."""
        from layerswitch.boards.user_boards import UserBoard

        host, name = self.host.text().strip(), self.name.text().strip()
        kept = self._board
        return UserBoard(
            kept.title if kept else f"{name} ({host})",
            "ssh",
            host=host,
            user=self.user.text().strip(),
            port=self.port.value(),
            key_file=self.key.text().strip(),
            python=self.python.text().strip(),
            remember_password=self.remember.isChecked(),
            origin=kept.origin if kept else "measured",
            settings=kept.settings if kept else "",
        )

    def begin(self) -> None:
        """The test has begun."""
        self._testing = True
        self.steps.clear()
        self.said.setText("Testing…")
        self.test.setText("&Stop")
        self._check()

    def add_step(self, step: "CheckStep") -> None:
        """One more step is known."""
        text = f"{MARKS[step.state]}  {step.title}" + (f": {step.detail}" if step.detail else "")
        item = QListWidgetItem(text)
        item.setData(ROLE, step.fix)
        item.setToolTip(f"{step.title}: {step.state}")
        self.steps.addItem(item)
        self.steps.scrollToItem(item)
        if step.fix and self.steps.currentItem() is None:
            self.steps.setCurrentItem(item)

    def end(self, text: str) -> None:
        """The test is over."""
        self._testing = False
        self.said.setText(text)
        self.test.setText("&Test")
        self._check()

    def _say_empty(self) -> None:
        hint = QListWidgetItem(EMPTY)
        hint.setFlags(Qt.ItemFlag.NoItemFlags)
        self.steps.addItem(hint)

    def _selected(self) -> None:
        item = self.steps.currentItem()
        self.fix.setPlainText(item.data(ROLE) or "" if item else "")
        self._check()

    def _check(self) -> None:
        try:
            self.board()
            why = ""
        except ValueError as error:
            why = str(error)
        self.test.setEnabled(self._testing or not why)
        self.save.setEnabled(not why and bool(self.name.text().strip()))
        item = self.steps.currentItem()
        self.copy.setEnabled(bool(item and item.data(ROLE)))
        if why and self.host.text().strip() and not self._testing:
            self.said.setText(why)

    def _test(self) -> None:
        if self._testing:
            self.stop_asked.emit()
        elif self.test.isEnabled():
            self.test_asked.emit(self.board())

    def _save(self) -> None:
        if self.save.isEnabled():
            self.save_asked.emit(self.name.text().strip(), self.board())

    def _copy(self) -> None:
        item = self.steps.currentItem()
        if item and item.data(ROLE):
            QApplication.clipboard().setText(item.data(ROLE))
            self.said.setText("Copied.")

    def _browse(self) -> None:
        folder = Path.home() / ".ssh"
        if path := QFileDialog.getOpenFileName(self, "Private key", str(folder))[0]:
            self.key.setText(path)


def _outline(widget: QWidget) -> None:
    """A frame that is seen on a dark window too: the style makes frames of the window's own colour."""
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Window, palette.color(QPalette.ColorRole.PlaceholderText))
    widget.setPalette(palette)
