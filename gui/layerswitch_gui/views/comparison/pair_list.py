"""The layers that differ between two assignments, as a list that asks only for what is in view."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ...document.document import Document
from ...widgets import formatting
from ...widgets.device_letters import letter
from ...widgets.row_ranges import unbroken
from ...widgets.text_safety import one_line, wrapped
from .pair_data import Differences

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()


class DifferenceModel(QAbstractListModel):
    """A row a layer. After an edit the row that comes or goes is announced, not all of them."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._found = Differences(None)
        self._layers: list[str] = []
        self._places: dict[str, int] | None = {}
        self._names = ("", "")

    def show(self, found: Differences, names: tuple[str, str]) -> None:
        """Show the difference of two assignments of these names."""
        if names == self._names and found.same_as(self._found):
            return
        before, after = self._layers, found.layers
        self._places, self._names = None, names
        at = _one_more(before, after)
        if at is not None:
            self.beginInsertRows(_NONE, at, at)
            self._found, self._layers = found, after
            self.endInsertRows()
        elif (at := _one_more(after, before)) is not None:
            self.beginRemoveRows(_NONE, at, at)
            self._found, self._layers = found, after
            self.endRemoveRows()
        elif before == after:
            self._found = found
            if after:
                self.dataChanged.emit(self.index(0), self.index(len(after) - 1))
        else:
            self.beginResetModel()
            self._found, self._layers = found, after
            self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:
        """The layers that differ."""
        return 0 if parent.isValid() else len(self._layers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Devices, name and change; the tooltip says what they mean."""
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        one, devices = self._found[index.row()], self._document.devices
        if role == Qt.ItemDataRole.DisplayRole:
            change = "" if one.change_ms is None else f"   {formatting.signed_ms(one.change_ms)}"
            return f"{letter(one.first, devices)} → {letter(one.second, devices)}   {one_line(one.layer)}{change}"
        where = f"{one.first} in {self._names[0]}, {one.second} in {self._names[1]}"
        word = formatting.origin(self._document.origin)
        return wrapped(f"{one_line(one.layer)}: {where}; the change is of its own time, transfers apart, {word}")

    def layer(self, row: int) -> str:
        """The layer in a row."""
        return self._layers[row]

    def rows_of(self, layers: Sequence[str]) -> list[int]:
        """The rows of those of the layers that differ, in order."""
        if not layers:
            return []
        if self._places is None:
            self._places = {layer: row for row, layer in enumerate(self._layers)}
        return sorted(self._places[layer] for layer in layers if layer in self._places)


def _one_more(fewer: list[str], more: list[str]) -> int | None:
    """Where the one element stands that the longer list has beside the shorter one's; None if that is not all."""
    if len(more) != len(fewer) + 1:
        return None
    at = next((place for place, (one, other) in enumerate(zip(fewer, more, strict=False)) if one != other), len(fewer))
    return at if fewer[at:] == more[at + 1 :] else None


class DifferenceList(QTableView):
    """Follows the document's selection; what people choose here it tells by `chosen`.

    A table of one column: a list view looks at every row after each edit.
    """

    chosen = Signal(list)  # names of layers

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = DifferenceModel(document, self)
        self.setModel(self.rows)
        self.setAccessibleName("Layers that differ")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # names are cut, not times
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self._following = False
        self.selectionModel().selectionChanged.connect(self._tell)

    def show_difference(self, found: Differences, names: tuple[str, str], selected: Sequence[str]) -> None:
        """Show the difference of two assignments, these layers of it selected."""
        self._following = True
        self.rows.show(found, names)
        wanted = self.rows.rows_of(selected)
        if wanted != sorted(index.row() for index in self.selectionModel().selectedRows()):
            selection = QItemSelection()
            for low, high in unbroken(wanted):
                selection.select(self.rows.index(low), self.rows.index(high))
            self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._following = False

    def changeEvent(self, event: QEvent) -> None:
        """Rows are as high as a line of text."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        super().changeEvent(event)

    def _tell(self) -> None:
        if not self._following:
            self.chosen.emit([self.rows.layer(index.row()) for index in self.selectionModel().selectedRows()])
