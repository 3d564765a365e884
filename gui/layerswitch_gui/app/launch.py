"""Starting the window, and pictures of it. The command line calls `run`; nothing else is public."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from layerswitch import resources
from layerswitch.errors import LayerSwitchError
from layerswitch.serialization import write_whole

from ..document.autosave import Recovery
from ..jobs.lazy_library import Services
from ..platform import qt_log
from ..platform.garbage import InterfaceCollector
from ..platform.preferences import Preferences
from ..platform.theme import Theme
from ..platform.watchdog import LIMIT_MS, Watchdog
from . import picture_export
from .main_window import MainWindow

FIRST_BOARD = "sim:khadas-vim3"
SETTLE_MS = 400  # views lay out and draw on their own clocks; a picture waits until nothing runs for this long


def application() -> QApplication:
    """The one QApplication, made when there is none; Fusion, so that both themes look alike everywhere."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    qt_log.install()
    made = QApplication(["layerswitch"])
    made.setApplicationName("LayerSwitch")
    made.setDesktopFileName("layerswitch")
    made.setWindowIcon(QIcon(str(resources.assets() / "layerswitch.svg")))
    made.setStyle("Fusion")
    InterfaceCollector(made).start()
    return made


def run(
    model: str | None = None,
    board: str | None = None,
    profile_on_start: bool = False,
    screenshot: Path | None = None,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    session: Path | None = None,
    input_shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> int:
    """Show the window until it is closed, and return the exit code.

    With `screenshot`, do the work asked for, write the picture and end: 0, or 1 when the work failed (the reason goes
    to standard error). A person's settings are neither read nor written then. `model` may name a session file.
    """
    if screenshot is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = application()
    preferences = Preferences(remember=screenshot is None)
    look = Theme(theme or str(preferences.get("theme", "system")), preferences.get("scale", 1.0), qt)
    look.apply()
    window = MainWindow(look, services=Services(), preferences=preferences, attended=screenshot is None)
    if screenshot is None:
        window.recovery = Recovery(window.workbench, window.messages.show_error)
    if size:
        window.resize(*size)
    previous_hook = sys.excepthook
    sys.excepthook = lambda kind, error, trace: _unexpected(window, kind, error, trace)
    code = [0]
    start = _Start(window, board or preferences.get("board") or FIRST_BOARD, str(session or model or ""))
    start.profile, start.shapes = profile_on_start, dict(input_shapes or {})
    window.show()
    QTimer.singleShot(0, window, start)
    if screenshot is not None:
        _Picture(window, screenshot, code)
    wake = QTimer(window)  # lets Python answer Ctrl+C in the terminal
    wake.start(300)
    wake.timeout.connect(lambda: None)
    watchdog = _watchdog()
    previous_signal = signal.signal(signal.SIGINT, lambda *_: _interrupted(window))
    try:
        qt.exec()
    finally:
        if watchdog is not None:
            watchdog.stop()
        sys.excepthook = previous_hook
        signal.signal(signal.SIGINT, previous_signal)
        window.workbench.runner.shut_down()
        window.deleteLater()
        qt.processEvents()
    return code[0]


def _watchdog() -> Watchdog | None:
    """The one that LAYERSWITCH_WATCHDOG asks for: its value is how many ms are a stall."""
    wanted = os.environ.get("LAYERSWITCH_WATCHDOG", "")
    if not wanted:
        return None
    watchdog = Watchdog(float(wanted) if wanted.replace(".", "", 1).isdecimal() else LIMIT_MS)
    watchdog.start()
    return watchdog


class _Start:
    """After the first paint: the choices, the board, and what was asked for."""

    def __init__(self, window: MainWindow, board: str, source: str) -> None:
        self.window, self.board, self.source = window, board, source
        self.profile = False
        self.shapes: dict[str, tuple[int, ...]] = {}

    def __call__(self) -> None:
        window = self.window
        window.fill_choices()
        window.opening.choose_board(self.board)
        window.views.prepare()  # while people read the start page, so that their first network opens at once
        recovered = window.recovery is not None and window.recovery.offer(window.context.questions.recover)
        if self.source and not recovered:
            window.opening.open(self.source, self.profile, self.shapes)
        window.workbench.runner.changed.emit()


class _Picture:
    """Waits until the work asked for is done and the views have drawn, then writes the picture and ends."""

    def __init__(self, window: MainWindow, path: Path, code: list[int]) -> None:
        self._window, self._path, self._code = window, path, code
        self._errors: list[str] = []
        window.workbench.failed.connect(lambda title, error: self._errors.append(f"{title}: {error}"))
        self._clock = QTimer(window, interval=SETTLE_MS)
        self._clock.timeout.connect(self._look)
        self._quiet = 0
        self._clock.start()

    def _look(self) -> None:
        self._quiet = 0 if self._window.workbench.runner.jobs else self._quiet + 1
        if self._quiet < 2:
            return
        self._clock.stop()
        try:
            write_whole(self._path, picture_export.of_window(self._window))
        except LayerSwitchError as error:
            self._errors.append(str(error))
        for text in self._errors:
            print(text, file=sys.stderr)
        self._code[0] = 1 if self._errors else 0
        self._window.document.saved("")
        self._window.close()


def _interrupted(window: MainWindow) -> None:
    """Ctrl+C in the terminal: end at once, and keep what is unsaved for the next start."""
    window.workbench.runner.shut_down()
    if window.recovery is not None:
        recovery, window.recovery = window.recovery, None
        lost = window.document.precious
        try:
            recovery.leave()
        except (LayerSwitchError, ValueError) as error:
            print(f"unsaved work could not be kept: {error}", file=sys.stderr)
        else:
            if lost:
                print("unsaved work is kept: the next start offers to recover it", file=sys.stderr)
    window.document.saved(window.document.path)
    window.close()


def _unexpected(window: MainWindow, kind: Any, error: BaseException, trace: Any) -> None:
    sys.__excepthook__(kind, error, trace)
    if issubclass(kind, Exception):
        window.messages.show_error("LayerSwitch", error)
