"""Qt's own messages, in the program's log; but one line that the offscreen platform repeats at every window."""

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

NOISE = "This plugin does not support propagateSizeHints()"

log = logging.getLogger("layerswitch_gui.qt")

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def install() -> None:
    """Take Qt's messages from now on."""
    qInstallMessageHandler(_take)


def _take(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if text != NOISE:
        category = f"{context.category}: " if context.category not in (None, "", "default") else ""
        log.log(LEVELS.get(kind, logging.WARNING), "%s%s", category, text)
