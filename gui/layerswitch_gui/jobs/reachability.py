"""Whether the boards over SSH answer: asked in the background, shown on the start page and in the board chooser."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from .runner import ANSWERS, AnyJob, Report
from .workflow import Workbench

if TYPE_CHECKING:
    from layerswitch.boards.reachability import Answer
    from layerswitch.boards.registry import BoardEntry

MARKS = {"answers": "✓", "does not answer": "✗", "not checked": "–"}
NOT_CHECKED = "not checked"


class Reachability(QObject):
    """Knows what each board said last. Nothing here waits: a job asks, and what it hears is shown as it comes."""

    shown = Signal(str, str, str, str)  # the board's name, a mark, its state, the whole text
    _heard = Signal(object)  # Answer: from the job's thread

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._entries: tuple[BoardEntry, ...] = ()
        self._answers: dict[str, tuple[str, str]] = {}  # name -> state, the whole text
        self._heard.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def fill(self, entries: "Sequence[BoardEntry]") -> None:
        """The boards there are now: what is known of them is shown; one that is new, or was changed, is not checked."""
        known = {entry.name: entry for entry in self._entries}
        self._entries = tuple(entry for entry in entries if entry.kind == "ssh")
        self._answers = {
            entry.name: self._answers.get(entry.name, (NOT_CHECKED, NOT_CHECKED))
            if known.get(entry.name) == entry
            else (NOT_CHECKED, NOT_CHECKED)
            for entry in self._entries
        }
        for name in self._answers:
            self._show(name)

    def ask(self, *, tell: bool = False) -> AnyJob | None:
        """Ask every board over SSH; with `tell` the status bar says how many answer."""
        entries, services = self._entries, self._bench.services
        if not entries:
            if tell:
                self._bench.document.notice.emit("No board over SSH is saved: add one first")
            return None

        def task(_report: Report, cancel: threading.Event) -> None:
            for answer in services.ask_boards(entries, cancel=cancel):
                self._heard.emit(answer)

        def done(_none: None) -> None:
            if not tell:
                return
            answering = [state for state, _ in self._answers.values()].count("answers")
            self._bench.document.notice.emit(f"{answering} of {len(self._answers)} boards over SSH answer")

        title = "Ask which boards answer"
        return self._bench.runner.submit(title, task, on_result=done, lane=ANSWERS, replace=True)

    def _hear(self, answer: "Answer") -> None:
        if answer.name in self._answers:  # else it was removed meanwhile
            self._answers[answer.name] = (answer.state, answer.text)
            self._show(answer.name)

    def _show(self, name: str) -> None:
        state, text = self._answers[name]
        self.shown.emit(name, MARKS[state], state, text)
