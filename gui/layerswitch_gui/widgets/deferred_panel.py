"""A panel that brings itself up to date once per turn of the event loop, and only while somebody can see it."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class DeferredPanel(QWidget):
    """Connect signals to `outdated`; `refresh` follows before the next paint, or when the panel is shown. What is
    selected is no reason to draw everything again: connect that to `selected`, and `mark` follows likewise.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stale = True
        self._behind = False  # other layers were selected while nobody saw it
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.bring_up_to_date)

    def refresh(self) -> None:
        """Show the document as it is; for the panel to say how."""
        raise NotImplementedError

    def mark(self) -> None:
        """Show what is selected; for the panel to say how."""
        raise NotImplementedError

    def selected(self) -> None:
        """Note that other layers are selected."""
        self._behind = not self.isVisible()
        if not self._behind:
            self.mark()

    def outdated(self) -> None:
        """Note that the document has changed."""
        self._stale = True
        if self.isVisible():
            self._soon.start()

    def bring_up_to_date(self) -> None:
        """Refresh now, if anything has changed."""
        if self._stale:
            self._stale = False
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        self.bring_up_to_date()
        if self._behind:
            self.selected()
        super().showEvent(event)
