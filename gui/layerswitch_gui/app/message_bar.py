"""What went wrong, said inside the window: no dialog to click away, details to copy."""

import traceback

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ..jobs.workflow import explain
from ..widgets.makers import button
from ..widgets.text_safety import breakable

MOST = 600  # characters of a text


class MessageBar(QFrame):
    """The last error: what, where, hint. A new one takes its place and counts those before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "message")
        self.setAccessibleName("Message")
        self.details = ""
        self._count = 0
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(self.label.textInteractionFlags().TextSelectableByMouse)
        self.copy = button("Copy details", "Put everything known of this on the clipboard")
        self.close_button = button("Dismiss", "Hide this message")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details))
        self.close_button.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.copy)
        layout.addWidget(self.close_button)
        self.hide()

    def show_error(self, title: str, error: BaseException) -> None:
        """Say what happened during the work of that title."""
        what, where, hint = explain(error)
        lines = [f"<b>{_escaped(title)}:</b> {_escaped(what)}"]
        if where:
            lines.append(f"Where: {_escaped(where)}")
        if hint:
            lines.append(f"Try: {_escaped(hint)}")
        if self.isVisible() and self._count:
            lines[0] += f"  <i>(and {self._count} before)</i>"
        self._count += 1
        self.label.setText("<br>".join(lines))
        trace = "".join(traceback.format_exception(error))
        self.details = f"{title}\nwhat: {what}\nwhere: {where}\nhint: {hint}\n\n{trace}"
        self.show()

    def dismiss(self) -> None:
        """Hide it and forget the count."""
        self._count = 0
        self.hide()


def _escaped(text: str) -> str:
    shown = breakable(text if len(text) <= MOST else f"{text[:MOST]}…")  # all of it is in the details
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
