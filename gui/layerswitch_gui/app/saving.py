"""Saving the session, and the question that comes before unsaved work is lost."""

from collections.abc import Callable
from pathlib import Path

from layerswitch.errors import LayerSwitchError
from layerswitch.session import SUFFIX, save_session

from ..document.session_files import session_of
from ..jobs.runner import STABILITY
from .context import Context


def ask_path(context: Context, title: str, suffix: str, filters: str) -> str:
    """Ask for a file to write, named after the network by default; "" when a person would rather not."""
    graph = context.document.graph
    name = graph.name.replace("/", "_") if graph else "layerswitch"
    path = context.questions.save_file(title, name + suffix, filters)
    return path if not path or Path(path).suffix else path + suffix


class Saving:
    """Written whole or not at all, by the library. `saved` is called with each file that a session was saved in."""

    def __init__(self, context: Context, saved: Callable[[str], None] = lambda _path: None) -> None:
        self._context, self._document, self._saved = context, context.document, saved

    def save(self) -> bool:
        """Save the session where it is, or ask; whether it was saved."""
        return self._write(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Ask where, and save the session."""
        path = ask_path(self._context, "Save session", SUFFIX, "Sessions (*.layerswitch)")
        return bool(path) and self._write(path)

    def _write(self, path: str) -> bool:
        try:
            save_session(path, session_of(self._document))
        except LayerSwitchError as error:
            self._context.show_error("Save session", error)
            return False
        self._document.saved(path)
        self._saved(path)
        self._document.notice.emit(f"Written: {path}")
        return True

    def may_lose(self, what: str) -> bool:
        """Whether unsaved work may go: there is none, or it was saved, or the person said so."""
        losses = self._document.losses
        if not losses:
            return True
        answer = self._context.questions.lose_work(what, losses)
        return answer == "discard" or (answer == "save" and self.save())

    def may_close(self) -> bool:
        """Whether the window may close."""
        work = self._context.workbench.runner.work
        running = [job.title for job in work if job.state != "cancelling" and job.lane != STABILITY]
        if running and not self._context.questions.stop_work(running):
            return False
        return self.may_lose("Closing")
