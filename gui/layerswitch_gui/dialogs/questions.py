"""The few questions that stop a person; tests answer them in their place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QSpinBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ..widgets.text_safety import one_line, plain

Shapes = dict[str, tuple[int, ...]]


class Questions:
    """Every modal question of the window goes through here."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def open_file(self, title: str, filters: str) -> str:
        """The file to read; "" when cancelled."""
        return QFileDialog.getOpenFileName(self._window, title, "", filters)[0]

    def save_file(self, title: str, proposal: str, filters: str) -> str:
        """The file to write; "" when cancelled."""
        return QFileDialog.getSaveFileName(self._window, title, proposal, filters)[0]

    def text(self, title: str, label: str, proposal: str) -> str:
        """A line of text; "" when cancelled."""
        answer, accepted = QInputDialog.getText(self._window, title, label, text=proposal)
        return answer.strip() if accepted else ""

    def lose_work(self, what: str, losses: Sequence[str]) -> str:
        """ "save", "discard" or "cancel" before what is not saved goes: `losses` says what that is."""
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Unsaved work",
            f"{what} loses what is not saved: {', '.join(losses)}.",
            button.Save | button.Discard | button.Cancel,
            button.Save,
        )
        return {button.Save: "save", button.Discard: "discard"}.get(answer, "cancel")

    def recover(self, path: Path, more: int) -> str:
        """ "recover", "discard" or "later" for what a crash left; `more` others are offered at later starts."""
        when = datetime.fromtimestamp(path.stat().st_mtime).strftime("%d %B, %H:%M") if path.exists() else "?"
        text = f"LayerSwitch did not end as it should. Unsaved work of {when} can be recovered."
        if more:
            text += f"\n{more} more will be offered at the next start."
        box = QMessageBox(QMessageBox.Icon.Question, "Recover unsaved work", text, parent=self._window)
        recover = box.addButton("Recover", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Ask again later", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(recover)
        box.exec()
        chosen = box.clickedButton()
        answer = "recover" if chosen is recover else "discard" if chosen is discard else "later"
        box.deleteLater()
        return answer

    def stop_work(self, titles: list[str]) -> bool:
        """Whether running work may be stopped."""
        button = QMessageBox.StandardButton
        text = plain("Still running:\n" + "\n".join(map(one_line, titles)) + "\n\nStop it and close?")
        answer = QMessageBox.question(self._window, "Work is running", text, button.Yes | button.No, button.No)
        return answer == button.Yes

    def shapes(self, title: str, inputs: Mapping[str, tuple[int | None, ...]]) -> Shapes | None:
        """Concrete shapes for inputs that leave dimensions free; None when cancelled."""
        dialog = ShapesDialog(title, inputs, self._window)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        answer = dialog.shapes() if accepted else None
        dialog.deleteLater()
        return answer

    def counts(self, profile: int, runs: int, rounds: int) -> tuple[int, int, int] | None:
        """How many inferences to count; None when cancelled."""
        dialog = CountsDialog((profile, runs, rounds), self._window)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        answer = dialog.counts() if accepted else None
        dialog.deleteLater()
        return answer

    def limit(self, rounds: int) -> int | None:
        """How many rounds a comparison until decided may take at most."""
        text = "It ends as soon as every difference is known. Rounds at most:"
        number, accepted = QInputDialog.getInt(self._window, "Compare until decided", text, rounds, 6, 10_000)
        return number if accepted else None

    def tell(self, title: str, text: str) -> None:
        """Something to read."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.Ok, self._window)
        box.exec()
        box.deleteLater()

    def page(self, title: str, text: str) -> None:
        """Something long to read: rich text that scrolls."""
        dialog = QDialog(self._window)
        dialog.setWindowTitle(title)
        browser = QTextBrowser()
        browser.setAccessibleName(title)
        browser.setHtml(text)
        QVBoxLayout(dialog).addWidget(browser)
        dialog.resize(min(620, self._window.width() - 40), min(640, self._window.height() - 40))
        dialog.exec()
        dialog.deleteLater()


class _Form(QDialog):
    def __init__(self, title: str, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.form = QFormLayout(self)
        label = QLabel(hint)
        label.setWordWrap(True)
        self.form.addRow(label)
        choices = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(choices.Ok | choices.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)


class ShapesDialog(_Form):
    """One line per input, with a proposal: 1 for the batch, 224 for a free height or width."""

    def __init__(self, title: str, inputs: Mapping[str, tuple[int | None, ...]], parent: QWidget) -> None:
        super().__init__(title, "The model leaves dimensions of its inputs free. What shape should they have?", parent)
        self._lines: dict[str, QLineEdit] = {}
        for name, shape in inputs.items():
            guess = [d if d is not None else 1 if place == 0 else 224 for place, d in enumerate(shape)]
            self._lines[name] = QLineEdit(", ".join(map(str, guess)))
            self._lines[name].setToolTip("Numbers separated by commas, in the file's own order")
            self._lines[name].textChanged.connect(self._check)
            self._lines[name].setAccessibleName(name)
            label = QLabel(one_line(name, 80))  # its & marks no key, its tags are none
            label.setTextFormat(Qt.TextFormat.PlainText)
            self.form.addRow(label, self._lines[name])
        self.form.addRow(self.buttons)

    def shapes(self) -> Shapes:
        """What was typed. Raises ValueError on what is no shape."""
        return {name: _shape(line.text()) for name, line in self._lines.items()}

    def _check(self) -> None:
        try:
            self.shapes()
            fine = True
        except ValueError:
            fine = False
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(fine)


class CountsDialog(_Form):
    """Three numbers: more give narrower intervals and take longer."""

    def __init__(self, counts: tuple[int, int, int], parent: QWidget) -> None:
        super().__init__("Number of runs", "More runs give narrower intervals and take longer.", parent)
        self._boxes: list[QSpinBox] = []
        for text, value in zip(("&Profile", "&Measure", "&Compare (rounds)"), counts, strict=True):
            box = QSpinBox()
            box.setRange(1, 10_000)
            box.setValue(value)
            self._boxes.append(box)
            self.form.addRow(text, box)
        self.form.addRow(self.buttons)

    def counts(self) -> tuple[int, int, int]:
        """The numbers chosen."""
        profile, runs, rounds = (box.value() for box in self._boxes)
        return profile, runs, rounds


def _shape(text: str) -> tuple[int, ...]:
    shape = tuple(int(part) for part in text.replace("x", ",").split(","))
    if not shape or min(shape) < 1:
        raise ValueError(text)
    return shape
