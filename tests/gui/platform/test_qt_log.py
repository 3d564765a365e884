"""The offscreen platform's noise is dropped, and nothing else: whatever else Qt says is in the log."""

import logging
import os
import subprocess
import sys

from PySide6.QtCore import QtMsgType

from layerswitch_gui.platform import qt_log

SHOW = """
from layerswitch_gui.app.launch import application
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QWidget
qt = application()
one = QWidget(); one.setMinimumSize(99, 99); one.show(); qt.processEvents()
qWarning("something else")
qWarning("x This plugin does not support propagateSizeHints()")
"""


def test_a_window_on_the_offscreen_platform_says_nothing_but_what_matters():
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said = ["something else", "x This plugin does not support propagateSizeHints()"]
    assert done.stderr.splitlines() == said


def test_qts_severity_becomes_the_logs(caplog):
    caplog.set_level(logging.DEBUG)

    class Context:
        category = "qt.some.part"

    qt_log._take(QtMsgType.QtCriticalMsg, Context(), "broken")
    qt_log._take(QtMsgType.QtDebugMsg, Context(), qt_log.NOISE)
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [("ERROR", "qt.some.part: broken")]
