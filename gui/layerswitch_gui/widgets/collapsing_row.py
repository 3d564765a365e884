"""A row of widgets that gives up some of them where there is little room."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class GivingRow(QWidget):
    """Where there is little room, what the menus have too goes, so that what is around it need not be as wide.

    `dispensable` are widgets of its layout; the first one goes first.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dispensable: Sequence[QWidget] = ()

    def minimumSizeHint(self) -> QSize:
        """Without what the menus have too."""
        hint = super().minimumSizeHint()
        shown = [one for one in self.dispensable if not one.isHidden()]
        return QSize(hint.width() - sum(map(self._taken, shown)), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit into another width."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Fit with another text size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        room = self.width() - self.minimumSizeHint().width() - self._spacing
        for one in reversed(self.dispensable):
            room -= self._taken(one)
            one.setVisible(room >= 0)

    def _taken(self, widget: QWidget) -> int:
        return widget.sizeHint().width() + self._spacing

    @property
    def _spacing(self) -> int:
        layout = self.layout()
        return max(0, layout.spacing()) if layout is not None else 0
