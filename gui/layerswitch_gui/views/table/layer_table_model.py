"""LayerModel: the layers as rows of an item model, with named columns; and the proxy that filters them by words."""

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QBrush

from ...document.document import Document
from ...platform.theme import Theme
from ...widgets.text_safety import breakable, plain
from .layer_columns import Column, Row, State, columns

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
SORT = Role.UserRole  # what a column sorts by: a number or a text
DEVICE_KEYS = ("assigned", "faster")
ROLES = frozenset((Role.TextAlignmentRole, SORT, Role.DisplayRole, Role.EditRole, Role.BackgroundRole,
                   Role.ForegroundRole, Role.ToolTipRole, Role.AccessibleTextRole))  # fmt: skip
LONGEST = 2000  # characters of a tooltip
MOST = 64  # runs of rows told one by one after an edit
_NONE = QModelIndex()


class LayerModel(QAbstractTableModel):
    """Follows the document. The column "assigned" can be edited; everything else only reads."""

    def __init__(self, document: Document, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self.columns: tuple[Column, ...] = columns(document)
        self._state = State.of(document)
        document.graph_changed.connect(self._reset)
        document.profile_changed.connect(self._reset)
        document.prediction_changed.connect(self._take_edit)
        document.plan_changed.connect(self._take_edit)
        document.trust.changed.connect(self._take_edit)
        document.assignment_changed.connect(self._take_moves)
        theme.changed.connect(self._take_edit)

    def column(self, key: str) -> int:
        """The number of a column by its key: "assigned", "ms:CPU" ..."""
        return next(place for place, column in enumerate(self.columns) if column.key == key)

    def name(self, row: int) -> str:
        """The layer in a row."""
        graph = self._document.graph
        return graph.layers[row].name if graph else ""

    def _reset(self) -> None:
        self.beginResetModel()
        self.columns = columns(self._document)
        self._state = State.of(self._document)
        self.endResetModel()

    def _take_edit(self, *_: object) -> None:
        self._state = State.of(self._document)
        if self.rowCount():
            self._tell(0, self.rowCount() - 1)

    def _take_moves(self, names: tuple[str, ...]) -> None:
        """Tell the rows an edit changes: its layers, those that wait otherwise now, and those of another share."""
        before, graph = self._state, self._document.graph
        self._state = after = State.of(self._document)
        if before.shares is None or after.shares is None or graph is None or len(before.shares) != len(after.shares):
            self._take_edit()
            return
        changed = (before.entering != after.entering) | (before.shares != after.shares)
        changed[[graph.index[name] for name in names]] = True
        rows = np.flatnonzero(changed)
        starts = np.flatnonzero(np.diff(rows, prepend=-2) > 1)
        if len(starts) > MOST:
            self._take_edit()
        if not 0 < len(starts) <= MOST:
            return
        for first, end in zip(starts.tolist(), [*starts[1:].tolist(), len(rows)], strict=True):
            self._tell(int(rows[first]), int(rows[end - 1]))

    def _tell(self, first: int, last: int) -> None:
        """Say that what moves with the assignment changed in these rows."""
        moving = [place for place, column in enumerate(self.columns) if column.moves]
        self.dataChanged.emit(self.index(first, moving[0]), self.index(last, moving[-1]))

    def index(self, row: int, column: int, parent: Index = _NONE) -> QModelIndex:
        """As in every table; views ask for it with each value, and this asks Python once instead of three times."""
        graph = self._document.graph
        inside = graph is not None and 0 <= row < len(graph.layers) and 0 <= column < len(self.columns)
        return self.createIndex(row, column) if inside and not parent.isValid() else QModelIndex()

    def rowCount(self, parent: Index = _NONE) -> int:
        """One row a layer, in execution order."""
        return 0 if parent.isValid() or self._document.graph is None else len(self._document.graph.layers)

    def columnCount(self, parent: Index = _NONE) -> int:
        """One for each of `columns`."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Titles, and in the tooltip what they mean."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        return {Role.DisplayRole: column.title, Role.ToolTipRole: column.tip, Role.UserRole: column.key}.get(Role(role))

    def value(self, row: int, column: Column) -> Any:
        """What a cell sorts by."""
        assert self._document.graph is not None
        return column.value(Row(self._state, row, self._document.graph.layers[row]))

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Text, sort value, alignment, a device's colours, tooltip and the text a screen reader speaks."""
        if role not in ROLES or not index.isValid() or self._document.graph is None:
            return None
        column = self.columns[index.column()]
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            side = Qt.AlignmentFlag.AlignHCenter if column.key in DEVICE_KEYS else side
            return side | Qt.AlignmentFlag.AlignVCenter
        value = self.value(index.row(), column)
        if role == SORT:
            return value if value is not None else float("-inf") if column.number else ""
        if role in (Role.DisplayRole, Role.EditRole):
            return "–" if value is None else column.text(value)
        if role in (Role.BackgroundRole, Role.ForegroundRole) and column.key in DEVICE_KEYS and value:
            return self._paint(str(value), role, strong=column.key == "assigned")
        if role == Role.ToolTipRole:
            return plain(breakable((self._tip(index.row(), column, value) or "")[:LONGEST])) or None
        if role == Role.AccessibleTextRole:
            text = "unknown" if value is None else column.text(value)
            return f"{self.name(index.row())}, {column.title}: {text}"
        return None

    def _paint(self, device: str, role: int, *, strong: bool) -> QBrush | None:
        if role == Role.BackgroundRole:
            return QBrush(self._theme.device(device, pale=not strong))
        return QBrush(self._theme.device_text(device)) if strong else None

    def _tip(self, row: int, column: Column, value: Any) -> str | None:
        name, document = self.name(row), self._document
        if column.key.startswith("ms:") and document.profile:
            device = column.key.removeprefix("ms:")
            if reason := document.profile.unsupported.get(device, {}).get(name):
                return f"{device} cannot run it: {reason}"
        if column.number and isinstance(value, float):
            return f"{value:.6g}"
        return f"{value:,}" if isinstance(value, int) else str(value) if value else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The assignment can be edited."""
        flags = super().flags(index)
        if index.isValid() and self.columns[index.column()].key == "assigned":
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Put a layer on a device, as an undoable edit of the document."""
        if role != Role.EditRole or not index.isValid() or self.columns[index.column()].key != "assigned":
            return False
        if value not in self._document.devices:
            return False
        self._document.assign([self.name(index.row())], str(value))
        return True


class LayerFilter(QSortFilterProxyModel):
    """Keeps the rows in which every word stands somewhere in name, type, block or device; sorts by `SORT`."""

    KEYS = ("layer", "type", "block", "assigned")

    def __init__(self, model: LayerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._layers = model
        self.setSortRole(SORT)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setSourceModel(model)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; in execution order rows stand as they are, and nothing need be compared."""
        plain = column == self._layers.column("number") and order == Qt.SortOrder.AscendingOrder
        super().sort(-1 if plain else column, order)

    def set_words(self, text: str) -> None:
        """Filter by the words of a text, in any case."""
        self.beginFilterChange()
        self._words = text.casefold().split()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Whether a row holds every word."""
        if not self._words:
            return True
        model = self._layers
        cells = (model.value(source_row, column) for column in model.columns if column.key in self.KEYS)
        text = " ".join(str(cell) for cell in cells).casefold()
        return all(word in text for word in self._words)
