"""Assignments as text on the clipboard: letters, a device, or layer=device pairs."""

from PySide6.QtGui import QGuiApplication

from layerswitch.errors import AssignmentError
from layerswitch.network.assignment import Assignment

from ...document.document import Document
from ...widgets.commands import Command
from ..context import Context

PASTE_HINT = "copy one letter per layer or block (GGBB), a device's name, or layer=device for every layer"


def clipboard_commands(context: Context) -> tuple[Command, ...]:
    """The commands that copy and paste."""
    document, graph = context.document, context.has_graph
    return (
        Command("copy", "Cop&y assignment", "Ctrl+Shift+C", "Copy the assignment as letters, one per layer", lambda: _copy(document), graph),
        Command("copy_names", "Copy as layer=&device", "Ctrl+Alt+Shift+C", "Copy the assignment as one layer=device pair a line", lambda: _copy_names(document), graph),
        Command("paste", "Past&e assignment", "Ctrl+Shift+V", "Take letters (GGCC), a device, or layer=device pairs", lambda: _paste(context), graph),
    )  # fmt: skip


def _copy(document: Document) -> None:
    QGuiApplication.clipboard().setText(document.assignment.text_on(document.devices))
    document.notice.emit("Assignment copied as letters, one per layer")


def _copy_names(document: Document) -> None:
    QGuiApplication.clipboard().setText("\n".join(f"{layer}={on}" for layer, on in document.assignment.items()))
    document.notice.emit("Assignment copied as layer=device, one a line")


def _paste(context: Context) -> None:
    """Load what is there, or say what is wrong with it."""
    document = context.document
    if document.graph is None:
        return
    text = QGuiApplication.clipboard().text().strip()
    try:
        if not text:
            raise AssignmentError("there is no text on it", hint=PASTE_HINT)
        assignment = Assignment.parse(text, document.graph, document.devices)
    except AssignmentError as error:
        where = " · ".join(part for part in ("the clipboard", error.where) if part)
        context.show_error("Paste assignment", AssignmentError(error.what, where=where, hint=error.hint or PASTE_HINT))
    else:
        document.load(assignment, "Paste assignment")
