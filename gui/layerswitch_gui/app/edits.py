"""What the actions of the menu Edit and Assignment do: selections, assignments as text, and edits of many layers."""

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication

from layerswitch.errors import AssignmentError
from layerswitch.network.assignment import Assignment
from layerswitch.network.named_assignment import Kind

from ..document.document import Document

PASTE_HINT = "copy one letter per layer or block (GGBB), a device's name, or layer=device for every layer"


class Edits:
    """Sends the document its edits; `failed` says what was wrong with what a person gave."""

    def __init__(self, document: Document, failed: Callable[[str, BaseException], None]) -> None:
        self._document, self._failed = document, failed

    def copy(self) -> None:
        """Copy the assignment as letters."""
        QGuiApplication.clipboard().setText(self._document.assignment.text_on(self._document.devices))
        self._document.notice.emit("Assignment copied as letters, one per layer")

    def copy_names(self) -> None:
        """Copy it as layer=device."""
        pairs = (f"{layer}={device}" for layer, device in self._document.assignment.items())
        QGuiApplication.clipboard().setText("\n".join(pairs))
        self._document.notice.emit("Assignment copied as layer=device, one a line")

    def paste(self) -> None:
        """Load an assignment from the clipboard; say what is wrong with it if it is none."""
        document = self._document
        if document.graph is None:
            return
        text = QGuiApplication.clipboard().text().strip()
        try:
            if not text:
                raise AssignmentError("there is no text on it", hint=PASTE_HINT)
            assignment = Assignment.parse(text, document.graph, document.devices)
        except AssignmentError as error:
            where = " · ".join(part for part in ("the clipboard", error.where) if part)
            self._failed("Paste assignment", AssignmentError(error.what, where=where, hint=error.hint or PASTE_HINT))
        else:
            document.load(assignment, "Paste assignment")

    def _like(self, field: str) -> tuple[list[str], list[str]]:
        """The blocks or types of the selected layers, and every layer of them."""
        graph = self._document.graph
        if graph is None:
            return [], []
        names = set(self._document.selection)
        wanted = dict.fromkeys(getattr(graph.layers[graph.index[name]], field) for name in self._document.selection)
        wanted.pop("", None)
        layers = [layer.name for layer in graph.layers if getattr(layer, field) in wanted or layer.name in names]
        return list(wanted), layers

    def select_like(self, field: str) -> None:
        """Select the selected layers' whole blocks, or every layer of their types (`field`)."""
        self._document.select(self._like(field)[1])

    def assign_like(self, field: str, device: str) -> None:
        """Put the selected layers' whole blocks, or every layer of their types (`field`), on a device."""
        wanted, layers = self._like(field)
        if len(wanted) == 1:
            what = f"block {wanted[0]}" if field == "block" else f"every {wanted[0]}"
        else:
            what = f"{len(wanted) or len(layers)} {'layers' if not wanted else field + 's'}"
        self._document.load(dict.fromkeys(layers, device), f"Put {what} on {device}")

    def select_differing(self) -> None:
        """Select the layers that the optimum puts elsewhere."""
        plan = self._document.plan
        if plan is not None:
            mine = self._document.assignment
            self._document.select(layer for layer, device in plan.assignment.items() if mine[layer] != device)

    def load(self, kind: Kind) -> None:
        """Load what was computed; of a what-if, the optimum asked about."""
        plan, one = self._document.plan, self._document.of_kind(kind)
        if kind == "plan" and plan is not None and self._document.what_if:
            self._document.load(plan.assignment, "Reset to the what-if optimum")
        elif one is not None:
            self._document.load(one.assignment, f"Reset to {one.name}")

    def all_on(self, device: str) -> None:
        """Put every layer on a device."""
        document = self._document
        document.load(dict.fromkeys(document.assignment, device), f"Put everything on {device}")
