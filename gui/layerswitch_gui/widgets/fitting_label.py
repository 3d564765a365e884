"""A label that says as much as it has room for."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class FittingLabel(QLabel):
    """Takes rich texts, longest first, and shows the first that fits; no wider than the last one needs."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._texts: Sequence[str] = ()

    def offer(self, texts: Sequence[str]) -> None:
        """Show one of these, the longest that fits; the longest is the tooltip and what screen readers hear."""
        if texts != self._texts:
            self._texts = texts
            self.setToolTip(texts[0])
            self.setAccessibleDescription(_plain(texts[0]))
            self.updateGeometry()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose again."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As wide as the shortest text: that one is never cut."""
        least = math.ceil(self._width(self._texts[-1])) if self._texts else 0
        return QSize(least, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """The same: what is shown depends on the room, not the other way round."""
        return QSize(self.minimumSizeHint().width(), super().sizeHint().height())

    def _fit(self) -> None:
        for text in self._texts:
            if self._width(text) <= self.width() or text == self._texts[-1]:
                if text != self.text():
                    self.setText(text)
                return

    def _width(self, text: str) -> float:
        return _document(text, self).idealWidth()


def _document(text: str, widget: QWidget | None = None) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0)
    if widget is not None:
        document.setDefaultFont(widget.font())
    document.setHtml(text)
    return document


def _plain(text: str) -> str:
    return _document(text).toPlainText()
