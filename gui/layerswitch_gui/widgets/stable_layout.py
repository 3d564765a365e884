"""A widget in a place of its own: other texts in it disturb what is around it only when they need another size."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class StableLayout(QWidget):
    """Holds one widget. By themselves, labels have the whole window laid out again with every text they are given."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content, self._needed = content, -1
        content.setParent(self)
        self.setSizePolicy(content.sizePolicy())

    def hasHeightForWidth(self) -> bool:
        """As its content has."""
        return self._content.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """What the content needs."""
        return self._content.heightForWidth(width)

    def sizeHint(self) -> QSize:
        """The content's."""
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """The content's."""
        return self._content.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The content takes all of it."""
        self._content.setGeometry(self.rect())
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """The content says something else: tell the layout only if that needs another height, or more width."""
        if event.type() == QEvent.Type.LayoutRequest:
            needed = self.heightForWidth(self.width()) if self.hasHeightForWidth() else self.sizeHint().height()
            if needed != self._needed or self.minimumSizeHint().width() > self.width():
                self._needed = needed
                self.updateGeometry()
        return super().event(event)
