"""Boards of one's own in the window: added, tested as a job, edited and removed."""

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from layerswitch.boards.progress import Progress
from layerswitch.errors import LayerSwitchError

from ..dialogs.board_dialog import BoardDialog
from ..jobs.prompts import Prompts
from ..jobs.runner import AnyJob, Report
from .context import Context

if TYPE_CHECKING:
    from layerswitch.boards.check.board_check import CheckStep
    from layerswitch.boards.user_boards import UserBoard

LANE, OURS = "check", "own:"


class UserBoards(QObject):
    """Opens the dialog and does what it asks for."""

    changed = Signal()  # there are other boards now
    saved = Signal(str)  # the name of one that was just saved
    _stepped = Signal(object, object)  # dialog's test, step: from the job's thread

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._context, self._bench = window, context, context.workbench
        self.asking = Prompts(window)
        self._bench.services.ask = self.asking
        self.asking.notice.connect(context.document.notice)
        self.dialog: BoardDialog | None = None
        self._job: AnyJob | None = None
        self._asking_test: Prompts | None = None
        self._test = object()
        self._notes: list[str] = []  # while the board is tested
        self._stepped.connect(self._step, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        """The window closes: nobody can be asked any more."""
        self.stop()
        self.asking.close()

    def add(self) -> BoardDialog:
        """Ask for a new board."""
        return self._open(BoardDialog(self._window))

    @property
    def chosen(self) -> str:
        """The name of the chosen board, if it is one of one's own; else ""."""
        entry = self._context.document.entry
        return entry.name.removeprefix(OURS) if entry is not None and entry.name.startswith(OURS) else ""

    def edit(self) -> BoardDialog | None:
        """Ask about the chosen board, if it is one of one's own."""
        name = self.chosen
        if not name:
            self._context.document.notice.emit("Only boards you added can be edited: choose one first")
            return None
        from layerswitch.boards import user_boards

        try:
            path = user_boards.path_of(name)
            board = user_boards.read(path) if path else None
        except LayerSwitchError as error:
            self._context.show_error("Edit board", error)
            return None
        return self._open(BoardDialog(self._window, name, board))

    def _open(self, dialog: BoardDialog) -> BoardDialog:
        self.dialog = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.test_asked.connect(self.test)
        dialog.stop_asked.connect(self.stop)
        dialog.save_asked.connect(self.save)
        dialog.remove_asked.connect(self.remove)
        dialog.finished.connect(self._closed)
        dialog.open()
        return dialog

    def _closed(self) -> None:
        self.stop()
        self.dialog = None

    def stop(self) -> None:
        """Stop the test."""
        if self._asking_test is not None:
            self._asking_test.close()  # a job that waits for an answer goes on, and sees that it was stopped
            self._asking_test = None
        if self._job is not None:
            self._bench.runner.cancel(self._job)
            self._job = None
            if self.dialog is not None:
                self.dialog.end("Stopped.")

    def test(self, board: "UserBoard") -> None:
        """Check the board as a job; each step is shown as it comes."""
        if self.dialog is None:
            return
        self.stop()
        self._test = test = object()
        self.dialog.begin()
        services = self._bench.services
        self._asking_test = ask = Prompts(self.dialog)
        self._notes.clear()
        ask.notice.connect(self._tell, Qt.ConnectionType.QueuedConnection)

        def task(report: Report, cancel: threading.Event) -> tuple[bool, str]:
            steps = []
            for step in services.check_board(board, ask, cancel):
                steps.append(step)
                report(Progress(len(steps), 0, step.title))
                self._stepped.emit(test, step)
            return services.board_works(steps), services.without_keyring() if board.remember_password else ""

        def show(result: tuple[bool, str]) -> None:
            fine, note = result
            verdict = "The board can measure." if fine else "The board cannot measure yet: see what failed."
            notes = self._notes or ([f"But {note}"] if note else [])
            self._end(test, " ".join((verdict, *(f"{one}." for one in notes))))

        self._job = self._bench.runner.submit(
            f"Check {board.host}", task, on_result=show, on_error=lambda error: self._end(test, str(error)), lane=LANE
        )

    def _step(self, test: object, step: "CheckStep") -> None:
        if test is self._test and self.dialog is not None and self._job is not None:
            self.dialog.add_step(step)

    def _tell(self, text: str) -> None:
        self._notes.append(text)

    def _end(self, test: object, text: str) -> None:
        if test is self._test and self.dialog is not None:
            self._job = None
            self.dialog.end(text)

    def save(self, name: str, board: "UserBoard") -> None:
        """Keep the board, and choose it."""
        from layerswitch.boards import user_boards

        dialog = self.dialog
        if dialog is None:
            return
        try:
            user_boards.save(name, board, replace=not dialog.name.isEnabled())
        except LayerSwitchError as error:
            dialog.said.setText(str(error))
            return
        dialog.accept()
        self.changed.emit()
        self.saved.emit(f"{OURS}{name}")

    def remove(self, name: str) -> None:
        """Ask whether the board is to be forgotten, and do so."""
        if self.dialog is None:
            return
        box = QMessageBox(self.dialog)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Remove board")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Forget {name}?")
        box.setInformativeText(
            "Its entry here goes, and its password in the system's keyring. What LayerSwitch keeps on the board stays."
        )
        forget = box.addButton("Forget it", QMessageBox.ButtonRole.AcceptRole)
        forget.setObjectName("accept")
        forget.setToolTip("Remove the board from the lists")
        keep = box.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
        keep.setToolTip("Change nothing")
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        forget.clicked.connect(lambda _checked=False: self._forget(name))
        box.open()

    def _forget(self, name: str) -> None:
        from layerswitch.boards import user_boards

        try:
            forget = name if self.dialog is not None and self.dialog.remember.isChecked() else ""
            if forget:  # keyrings may ask a person, or be slow: not on this thread
                services, entry = self._bench.services, self._bench.services.find(f"{OURS}{name}")
                self._bench.runner.submit(
                    f"Forget {name}", lambda _report, _cancel: services.forget_password(entry), lane=LANE
                )
            user_boards.remove(name)
        except LayerSwitchError as error:
            if self.dialog is not None:
                self.dialog.said.setText(str(error))
            return
        if self.dialog is not None:
            self.dialog.accept()
        self.changed.emit()
