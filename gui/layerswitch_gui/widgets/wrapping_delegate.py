"""Rows of a list that are as high as their text is when it is wrapped, however wide the list is."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

ACROSS, DOWN = 2 * (8 + 4), 2 * 5  # what style and theme leave free around a row's text, in pixels
FLAGS = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft


class WholeRows(QStyledItemDelegate):
    """Qt works out a row's height for the list's whole width and wraps within the padding, which then cuts the text."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as the wrapped text."""
        usual = super().sizeHint(option, index)
        width = self._view.viewport().width()
        text = str(index.data() or "")
        # a word longer than the row is elided by the style, whatever the height
        metrics = QFontMetrics(self._view.font())
        room = QRect(0, 0, max(1, width - ACROSS), 1 << 20)
        needed = metrics.boundingRect(room, FLAGS, text).height() + DOWN
        return QSize(min(usual.width(), width), max(usual.height(), needed))
