"""LayerTable: every layer as a row, to sort, filter and edit; all of the graph for keyboard and screen-reader users."""

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStyledItemDelegate,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ...document.document import Document
from ...platform.theme import Theme
from ...widgets.commands import Command, Commands
from ...widgets.device_letters import letter
from ...widgets.row_ranges import unbroken
from .device_delegate import DeviceDelegate, Index
from .layer_table_model import LayerFilter, LayerModel

EMPTY = "Open a network to see its layers here."
WIDTHS = {"layer": 240, "type": 150, "block": 120, "shape": 130}  # pixels at normal text size; others fit their title


class RowsView(QTableView):
    """A table whose letters of devices assign the selected rows, Return flips them, and Ctrl+C copies them."""

    def __init__(self, table: "LayerTable") -> None:
        super().__init__(table)
        self._table = table

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer the keys named above."""
        document = self._table.document
        devices = {letter(device, document.devices): device for device in document.devices}
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self._table.copy()
        elif plain and (device := devices.get(event.text().upper())) and document.selection:
            document.assign(document.selection, device)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and document.selection:
            document.flip(document.selection)
        else:
            super().keyPressEvent(event)


class LayerTable(QWidget):
    """Selecting rows selects layers everywhere, and the other way round."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layer table")
        self.document, self.theme = document, theme
        self._syncing = False
        self.model = LayerModel(document, theme, self)
        self.rows = LayerFilter(self.model, self)
        self.view = RowsView(self)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by name, type, block or device…")
        self.filter.setAccessibleName("Filter layers")
        self.filter.setToolTip("Show only layers that hold all of these words, for example: conv gpu")
        self.filter.setClearButtonEnabled(True)
        self.commands = Commands(self, "layers", (
            Command("filter", "Filter layers", "/", "Go to the field that filters the rows", self._go_to_filter),
            Command("clear_filter", "Show all layers", "Alt+Backspace", "Clear the filter", self._clear_filter),
            Command("sort", "Sort by this column", "Alt+Shift+O",
                    "Sort by the column the keyboard is in; once more turns the order round", self.sort_here),
            Command("copy", "Copy rows", "Ctrl+C", "Copy the selected rows, or all, as tab-separated text", self.copy),
            Command("fit_columns", "Fit columns", "Alt+Shift+W", "Give columns their usual width", self._fit_columns),
        ))  # fmt: skip
        self._count = QLabel()
        self._count.setProperty("role", "muted")
        self._nothing = QLabel(EMPTY)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar = QWidget()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(6, 3, 6, 3)
        row.addWidget(self.filter, 1)
        row.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in ((self._bar, 0), (self.view, 1), (self._nothing, 1)):
            column.addWidget(widget, stretch)
        self.setFocusProxy(self.view)
        self._prepare_view()
        self._connect()
        self._take_theme()
        self._take_layers()

    def _prepare_view(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.setAccessibleName("Layers")
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        view.sortByColumn(0, Qt.SortOrder.AscendingOrder)  # before sorting is enabled, which sorts the other way round
        view.setSortingEnabled(True)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setSectionsMovable(True)
        self._delegate, self._plain = DeviceDelegate(self._devices_of, view), QStyledItemDelegate(view)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._filter)
        self.view.selectionModel().selectionChanged.connect(self._send_selection)
        self.model.modelReset.connect(self._take_layers)
        self.document.selection_changed.connect(self._take_selection)
        self.document.prediction_changed.connect(self._tell_count)
        self.theme.changed.connect(self._take_theme)

    def sort_here(self) -> None:
        """Sort by the column the keyboard is in; by the same once more: the other way round."""
        header, current = self.view.horizontalHeader(), self.view.currentIndex()
        column = current.column() if current.isValid() else header.sortIndicatorSection()
        ascending = Qt.SortOrder.AscendingOrder
        again = header.sortIndicatorSection() == column and header.sortIndicatorOrder() == ascending
        self.view.sortByColumn(column, Qt.SortOrder.DescendingOrder if again else ascending)

    def _go_to_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _clear_filter(self) -> None:
        self.filter.clear()
        self.view.setFocus()

    def copy(self) -> None:
        """Put the selected rows (all, if none is selected) on the clipboard, as tab-separated text with titles."""
        QGuiApplication.clipboard().setText(self.as_text())

    def as_text(self) -> str:
        """The selected rows, or all, as shown and in their order here, tab-separated under a line of titles."""
        chosen = {index.row() for index in self.view.selectionModel().selectedRows()}
        header = self.view.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        lines = ["\t".join(self.model.columns[column].title for column in order)]
        for row in range(self.rows.rowCount()):
            if row in chosen or not chosen:
                cells = (str(self.rows.index(row, column).data()) for column in order)
                lines.append("\t".join(" ".join(cell.split()) for cell in cells))
        return "\n".join(lines) + "\n"

    def _devices_of(self, index: Index) -> tuple[str, ...]:
        name = self.model.name(self.rows.mapToSource(index).row())
        return tuple(device for device in self.document.devices if self.document.can_run(name, device))

    def _filter(self, text: str) -> None:
        self._syncing = True  # rows that go out of sight stay selected in the document
        self.rows.set_words(text)
        self._syncing = False
        self._tell_count()
        self._take_selection()

    def _tell_count(self) -> None:
        shown, total = self.rows.rowCount(), self.model.rowCount()
        origin = f" · times are {self.document.times_are}" if self.document.origin else ""
        self._count.setText((f"{shown} of {total} layers" if shown < total else f"{total} layers") + origin)

    def _take_layers(self) -> None:
        empty = self.document.graph is None
        self._nothing.setVisible(empty)
        self.view.setHidden(empty)
        self._bar.setHidden(empty)
        self._tell_count()
        for place, column in enumerate(self.model.columns):
            self.view.setItemDelegateForColumn(place, self._delegate if column.key == "assigned" else self._plain)
        self._fit_columns()
        self._take_selection()

    def _fit_columns(self) -> None:
        metrics = self.view.fontMetrics()
        scale = metrics.height() / 15
        for place, column in enumerate(self.model.columns):
            title = metrics.horizontalAdvance(column.title) + 34
            self.view.setColumnWidth(place, max(title, round(WIDTHS.get(column.key, 0) * scale)))
        self.view.setColumnWidth(0, metrics.horizontalAdvance("00000") + 24)

    def _take_theme(self) -> None:
        self.view.verticalHeader().setDefaultSectionSize(self.view.fontMetrics().height() + 8)
        self._fit_columns()

    def _send_selection(self) -> None:
        if self._syncing:
            return
        rows = sorted(self.rows.mapToSource(index).row() for index in self.view.selectionModel().selectedRows())
        self._syncing = True
        self.document.select(self.model.name(row) for row in rows)
        self._syncing = False

    def _take_selection(self) -> None:
        """Select the document's layers; those the filter hides cannot be."""
        if self._syncing or self.document.graph is None:
            return
        places = (self.document.graph.index[name] for name in self.document.selection)
        indexes = [self.rows.mapFromSource(self.model.index(place, 0)) for place in places]
        shown = [index.row() for index in indexes if index.isValid()]
        selection, first = QItemSelection(), self.rows.index(shown[0], 0) if shown else QModelIndex()
        for low, high in unbroken(sorted(shown)):
            selection.select(self.rows.index(low, 0), self.rows.index(high, 0))
        self._syncing = True
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.view.selectionModel().select(selection, flags)
        if first.isValid() and not self.view.hasFocus():
            self.view.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.view.scrollTo(first)
        self._syncing = False
