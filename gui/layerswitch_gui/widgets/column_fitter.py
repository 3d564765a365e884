"""A table in a narrow panel: columns that say what others say too go first, so that no sentence is cut."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QTableWidget


class Narrow(QObject):
    """Hides columns of a table, in the order given, while the rest does not fit beside the one that stretches.

    `stretches` takes the room that is left and is one of those that can go; it needs `least` pixels to be of use.
    """

    def __init__(self, table: QTableWidget, dispensable: Sequence[int], stretches: int, least: int) -> None:
        super().__init__(table)
        self._table, self._dispensable, self._stretches, self._least = table, tuple(dispensable), stretches, least
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Choose again whenever there is more room, or less."""
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Show as many columns as there is room for."""
        table, header = self._table, self._table.horizontalHeader()
        widths = {
            column: self._least
            if column == self._stretches
            else max(table.sizeHintForColumn(column), self._title(column), header.minimumSectionSize())
            for column in range(table.columnCount())
        }
        hidden: set[int] = set()
        for column in self._dispensable:
            if sum(width for one, width in widths.items() if one not in hidden) <= table.viewport().width():
                break
            hidden.add(column)
        for column in self._dispensable:
            if table.isColumnHidden(column) != (column in hidden):
                table.setColumnHidden(column, column in hidden)

    def _title(self, column: int) -> int:
        """What a column's title needs. Qt says 0 of a hidden one, so that it came back with every other call."""
        table, header = self._table, self._table.horizontalHeader()
        if not table.isColumnHidden(column):
            return header.sectionSizeHint(column)
        seen = next(one for one in range(table.columnCount()) if not table.isColumnHidden(one))
        texts = [table.model().headerData(one, Qt.Orientation.Horizontal) or "" for one in (seen, column)]
        known, wanted = (header.fontMetrics().horizontalAdvance(str(text)) for text in texts)
        return header.sectionSizeHint(seen) - known + wanted
