"""A label that says as much as it has room for."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class FittingLabel(QLabel):
    """Takes rich texts, longest first, and shows the first that fits; never forces the window wider."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._texts: Sequence[str] = ()

    def offer(self, texts: Sequence[str]) -> None:
        """Show one of these, the longest that fits; the longest is the tooltip and what screen readers hear."""
        self._texts = texts
        self.setToolTip(texts[0])
        self.setAccessibleDescription(_plain(texts[0]))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose again."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """No width of its own."""
        return QSize(0, super().minimumSizeHint().height())

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
