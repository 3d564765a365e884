"""The comparison: named assignments side by side, predicted and measured, with a sentence that says what is real."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .. import wording
from ..commands_of import Command, make_commands
from ..document import Document
from ..theme import Theme
from .comparing import Row, is_own, rows, sentence
from .deferred import DeferredPanel
from .narrow import Narrow
from .steadiness import SteadinessNote
from .versus import Versus
from .widgets import button

COLUMNS = ("Assignment", "Switches", "Predicted", "Measured", "95 % interval", "", "Gain", "Verdict")
PLOT = COLUMNS.index("")
SPAN = Qt.ItemDataRole.UserRole
CURRENT = "▸ "


class IntervalDelegate(QStyledItemDelegate):
    """Draws predicted (hollow) and measured (dot and whisker) on one scale for all rows."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.low, self.high = 0.0, 1.0

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row's interval."""
        super().paint(painter, option, index)
        span = index.data(SPAN)
        if not span:
            return
        rect = option.rect.adjusted(8, 0, -8, 0)
        middle = rect.center().y() + 0.5

        def x(ms: float) -> float:
            return rect.left() + rect.width() * (ms - self.low) / ((self.high - self.low) or 1.0)

        predicted, measured = span
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = QColor(self._theme.colours.text)
        if measured:
            low, median, high = measured
            painter.setPen(QPen(text, 2))
            painter.drawLine(QPointF(x(low), middle), QPointF(x(high), middle))
            painter.setBrush(text)
            painter.drawEllipse(QPointF(x(median), middle), 3.5, 3.5)
        if predicted is not None:
            painter.setPen(QPen(self._theme.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x(predicted), middle), 5.5, 5.5)
        painter.restore()


class ComparisonPanel(DeferredPanel):
    """A table over the named assignments, and beside it any two of them against each other.

    Double-click or the button loads one into the editor; those that people made can be renamed (F2) and deleted.
    `commands` are its actions by name, for the menus.
    """

    colour_asked = Signal(object, object)  # two `Row`s to colour the layer graph by

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Comparison")
        self.setMinimumHeight(210)
        self._document, self._theme = document, theme
        self._rows: list[Row] = []
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What the comparison shows")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.badge = QLabel()
        self.badge.setProperty("role", "badge")
        self.versus = Versus(document, self)
        self.versus.colour_asked.connect(self.colour_asked)
        self._make_table()
        self.load = button("Load", "Edit the chosen assignment (double-click does the same)", self._load)
        self.duplicate = button("Duplicate", "Keep the chosen assignment under another name", self._duplicate)
        self.rename = button("Rename", "Give the chosen assignment another name (F2)", self._rename)
        self.delete = button("Delete", "Delete the chosen assignment, if you made it (Del)", self._delete)
        self.commands: dict[str, QAction] = make_commands(self, "comparison", (
            Command("load", "Load assignment", "Ctrl+Return", "Edit the chosen assignment", self._load),
            Command("duplicate", "Duplicate assignment", "Alt+Shift+D", "Keep it under another name", self._duplicate),
            Command("rename", "Rename assignment", "F2", "Give the chosen assignment another name", self._rename),
            Command("delete", "Delete assignment", "Del", "Delete the chosen assignment, if you made it", self._delete),
            Command("select_two", "Select what differs between the two", "Alt+Shift+S",
                    "Select the layers that differ between the two chosen assignments", self.versus.select_all),
            Command("colour", "Colour graph by the difference", "Alt+Shift+G",
                    "Colour the layer graph by the difference of the two chosen assignments", self.versus.ask_colour),
        ))  # fmt: skip
        self._lay_out()
        for signal in (
            document.graph_changed, document.profile_changed, document.plan_changed, document.assignment_changed,
            document.comparison_changed, document.runs_changed, document.names_changed, theme.changed,
        ):  # fmt: skip
            signal.connect(self.outdated)

    def _make_table(self) -> None:
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setAccessibleName("Assignments compared")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setToolTip("Choose two (Ctrl+click) to hold them against each other")
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setMinimumSectionSize(18)
        self.table.setWordWrap(False)
        self.delegate = IntervalDelegate(self._theme, self.table)
        self.table.setItemDelegateForColumn(PLOT, self.delegate)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(PLOT, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)
        less = (COLUMNS.index("95 % interval"), PLOT, COLUMNS.index("Switches"), COLUMNS.index("Predicted"))
        self.narrow = Narrow(self.table, less, PLOT, 60)
        self.table.cellDoubleClicked.connect(lambda *_cell: self._load())
        self.table.itemSelectionChanged.connect(self._choose)
        self.table.itemChanged.connect(self._renamed)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.sentence, 1)
        buttons = QHBoxLayout()
        for one in (self.load, self.duplicate, self.rename, self.delete):
            buttons.addWidget(one)
        buttons.addStretch()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(SteadinessNote(self._document, left))
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        body = QSplitter(Qt.Orientation.Horizontal)
        body.addWidget(left)
        body.addWidget(self.versus)
        body.setStretchFactor(0, 7)
        body.setStretchFactor(1, 3)
        body.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(body, 1)

    def refresh(self) -> None:
        """Show the document's assignments as they are."""
        chosen = self._chosen()
        self._rows = rows(self._document)
        self.sentence.setText(sentence(self._document, brief=self._theme.scale > 1.3))
        self.sentence.setToolTip(sentence(self._document))
        self.badge.setText(self._document.origin)
        self.badge.setVisible(bool(self._document.origin))
        self._scale()
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._rows))
        self.table.model().blockSignals(True)  # one layout at the end, not one for every cell
        for place, row in enumerate(self._rows):
            tip = f"{row.name}: {row.assignment.text_on(self._document.devices)}"
            tip += "\nthe current assignment" if row.current else ""
            if row.predicted_ms is not None:
                tip += f"\npredicted: {wording.ms(row.predicted_ms)}"
            if row.measured_ms:
                tip += f"\nmeasured: {wording.interval(row.measured_ms.low, row.measured_ms.high)} with 95 %"
            for column, text in enumerate(_cells(row)):
                self.table.setItem(place, column, self._item(row, column, text, tip))
        self.table.model().blockSignals(False)
        self.table.model().layoutChanged.emit()
        self.table.clearSelection()
        for place, row in enumerate(self._rows):
            if chosen is not None and row.name == chosen.name:
                self.table.selectRow(place)
        self.table.blockSignals(False)
        self.narrow.fit()
        self.versus.show_rows(self._rows)
        self._enable()

    def _item(self, row: Row, column: int, text: str, tip: str) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        flags = item.flags() & ~Qt.ItemFlag.ItemIsEditable
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if column == 0 and self._own(row) else flags)
        if 0 < column < PLOT or column == PLOT + 1:
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if row.current:
            item.setFont(self._theme.font(bold=True))
        item.setToolTip(tip)
        if column == PLOT:
            measured = row.measured_ms
            span = (measured.low, measured.median, measured.high) if measured else None
            finite = row.predicted_ms is not None and row.predicted_ms != float("inf")
            item.setData(SPAN, (row.predicted_ms if finite else None, span))
            item.setToolTip("Ring: predicted. Dot with whisker: measured median with its 95 % interval.")
        return item

    def _own(self, row: Row) -> bool:
        """Whether people may rename it: they named it, or it is the current one without a name yet."""
        return is_own(self._document, row.name) or (row.current and row.name not in self._document.named)

    def _scale(self) -> None:
        values = [row.predicted_ms for row in self._rows if row.predicted_ms not in (None, float("inf"))]
        for row in self._rows:
            if row.measured_ms:
                values += [row.measured_ms.low, row.measured_ms.high]
        known = [value for value in values if value is not None]
        if known:
            self.delegate.low, self.delegate.high = min(known), max(known)
        self.table.viewport().update()

    def _chosen_rows(self) -> list[Row]:
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._rows[place] for place in places if place < len(self._rows)]

    def _chosen(self) -> Row | None:
        return next(iter(self._chosen_rows()), None)

    def _choose(self) -> None:
        match self._chosen_rows():
            case [one]:
                self.versus.choose(one.name)
            case [one, other, *_]:
                self.versus.choose(one.name, other.name)
        self._enable()

    def _enable(self) -> None:
        row = self._chosen()
        able = {
            "load": row is not None and not row.current,
            "duplicate": row is not None,
            "rename": row is not None and self._own(row),
            "delete": row is not None and is_own(self._document, row.name),
        }
        for name, there in able.items():
            getattr(self, name).setEnabled(there)
            self.commands[name].setEnabled(there)

    def _load(self) -> None:
        if row := self._chosen():
            self._document.load(row.assignment, f"Load {row.name}")

    def _duplicate(self) -> None:
        if row := self._chosen():
            base = row.name if self._own(row) else "mine"
            self._select(self._document.keep_as(base, row.assignment))

    def _rename(self) -> None:
        if row := self._chosen():
            item = self.table.item(self._rows.index(row), 0)
            assert item is not None
            self.table.blockSignals(True)
            item.setText(row.name)  # without the mark of the current one
            self.table.blockSignals(False)
            self.table.setFocus()
            self.table.editItem(item)

    def _renamed(self, item: QTableWidgetItem) -> None:
        row, name = self._rows[item.row()], item.text().strip().removeprefix(CURRENT).strip()
        if name and name != row.name:
            self._document.forget(row.name)
            name = self._document.keep_as(name, row.assignment)
        self.outdated()
        self.bring_up_to_date()
        self._select(name or row.name)

    def _delete(self) -> None:
        if (row := self._chosen()) and is_own(self._document, row.name):
            self._document.forget(row.name)

    def _select(self, name: str) -> None:
        self.bring_up_to_date()
        for place, row in enumerate(self._rows):
            if row.name == name:
                self.table.selectRow(place)


def _cells(row: Row) -> tuple[str, ...]:
    measured, gain = row.measured_ms, row.gain
    interval = wording.interval(measured.low, measured.high).removesuffix(" ms") if measured else ""
    name = " = ".join((row.name, *row.also))
    verdict = row.verdict or ("run alone" if measured else "not measured")
    return (
        f"{CURRENT}{name}" if row.current else name,
        str(row.switches),
        wording.ms(row.predicted_ms),
        wording.ms(measured.median) if measured else "",
        interval,
        "",
        wording.percent(gain.median, signed=True) if gain else "",
        verdict,
    )
