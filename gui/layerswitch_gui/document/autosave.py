"""Autosave: what is not saved lies in the user's state folder too, and is offered again after a crash.

Each window has a session file of its own there and holds a lock beside it for as long as its process lives; a file
whose lock nobody holds was left by a crash. Files are written whole, on a job's thread.
"""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from layerswitch.atomic_write import remove_left
from layerswitch.errors import LayerSwitchError
from layerswitch.session import SUFFIX, save_session

from ..jobs.runner import AUTOSAVE
from ..platform.lock_file import LockFile
from .session_files import session_of

if TYPE_CHECKING:
    from ..jobs.workflow import Workbench

EVERY_MS = 5000
LOCK = ".lock"


def state_folder() -> Path:
    """Where autosaved sessions lie: in the user's state folder."""
    import platformdirs

    return platformdirs.user_state_path("layerswitch", appauthor=False) / "autosave"


def _lock_of(path: Path) -> LockFile:
    return LockFile(path.with_suffix(LOCK))


def claim_newest(folder: Path) -> tuple[Path, LockFile, int] | None:
    """The newest session that a crash left, locked for this process, and how many more there are; None if none."""
    found: list[tuple[Path, LockFile]] = []
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob(f"*{SUFFIX}"), key=_age):
            lock = _lock_of(path)
            if not lock.take():
                continue
            if path.exists():
                found.append((path, lock))
            else:
                lock.let_go()  # its window has closed meanwhile, as it should
    for _, lock in found[1:]:
        lock.let_go()
    return (*found[0], len(found) - 1) if found else None


def tidy(folder: Path) -> None:
    """Delete what killed windows left that holds no work: files not written whole, and locks without a session."""
    remove_left(folder)
    with contextlib.suppress(OSError):
        for path in folder.glob(f"*{LOCK}"):
            lock = LockFile(path)
            if not path.with_suffix(SUFFIX).exists() and lock.take():
                lock.let_go()


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0


class Recovery(QObject):
    """Autosaves a window's document while it holds unsaved work, and offers what a crash has left."""

    def __init__(
        self,
        workbench: "Workbench",
        failed: Callable[[str, BaseException], None],
        folder: Path | None = None,
        every_ms: int = EVERY_MS,
    ) -> None:
        super().__init__(workbench)
        self._bench, self._document, self._say = workbench, workbench.document, failed
        self.folder = folder or state_folder()
        self.path = self._own_path()
        self._lock: LockFile | None = None
        self._written = -1  # the document's count of changes when it was last written
        self._reported = False
        self._clock = QTimer(self, interval=every_ms)
        self._clock.timeout.connect(self.save)
        self._clock.start()
        self._document.modified_changed.connect(self._tidy)

    def _own_path(self) -> Path:
        return self.folder / f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"

    def _let_go(self) -> None:
        """What a crash left and cannot be read stays for people to look at, until they discard it."""
        self.path = self._own_path()
        if self._lock is not None:
            self._lock.let_go()
            self._lock = None

    # saving ----------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the session on a thread, if it holds unsaved work that is not written yet."""
        document, runner = self._document, self._bench.runner
        if runner.busy(AUTOSAVE) or (document.precious and document.changes == self._written):
            return
        if not document.precious:
            if self._written >= 0:  # what was written is of work that is gone by a person's will
                self.remove()
            return
        try:
            session, path = session_of(document), self.path
            if not self._locked():
                raise LayerSwitchError("the lock beside it cannot be made", where=str(path))
        except (LayerSwitchError, ValueError) as error:
            self._failed(error)
            return
        changes = document.changes

        def written(_none: object) -> None:
            self._written = changes
            self._tidy()

        title, write = "Autosave", lambda _report, _cancel: save_session(path, session, private=True)
        runner.submit(title, write, on_result=written, on_error=self._failed, lane=AUTOSAVE)

    def _locked(self) -> bool:
        if self._lock is None:
            with contextlib.suppress(OSError):
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = _lock_of(self.path)
            if not lock.take(wait=True):  # it is this window's own name: who has it only tidies
                return False
            self._lock = lock
        return True

    def _failed(self, error: BaseException) -> None:
        self._written = self._document.changes  # once for every change, not at every tick
        if not self._reported:  # a full disk is reported once
            self._reported = True
            self._say("Autosave", error)

    def _tidy(self) -> None:
        """Nothing is unsaved any more: nothing to recover."""
        if self._written >= 0 and not self._document.modified and not self._bench.runner.busy(AUTOSAVE):
            self.remove()

    def remove(self) -> None:
        """Delete the autosaved session, and its lock."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.let_go()
            self._lock = None
        self._written = -1

    def leave(self) -> None:
        """The program is told to end and nobody can be asked: write what is unsaved now, for the next start to offer.

        The caller has ended every job. Raises FileError when it cannot be written.
        """
        self._clock.stop()
        self._document.modified_changed.disconnect(self._tidy)
        try:
            if not self._document.precious:
                self.remove()
            elif self._locked():
                save_session(self.path, session_of(self._document), private=True)
        finally:
            if self._lock is not None:
                self._lock.let_go()
                self._lock = None

    def finish(self) -> None:
        """The window closes as it should."""
        self._clock.stop()
        self.remove()

    # recovering ------------------------------------------------------------------------------------------------------

    def offer(self, ask: Callable[[Path, int], str]) -> bool:
        """Ask whether to go on with what a crash left: open it, delete it, or leave it; whether it is being opened.

        `ask` gets the file and how many more there are, and answers "recover", "discard" or "later".
        """
        tidy(self.folder)
        claimed = claim_newest(self.folder)
        if claimed is None:
            return False
        path, lock, more = claimed
        answer = ask(path, more)
        if answer == "recover":
            self.path, self._lock = path, lock  # this window's own from now on: gone when saved or closed
            job = self._bench.recover_session(str(path))
            say = job.on_error

            def unreadable(error: BaseException) -> None:
                self._let_go()
                say(error)

            job.on_error = unreadable
            return True
        if answer == "discard":
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        lock.let_go()
        return False
