"""The comparison: named assignments side by side, predicted and measured, with a sentence that says what is real."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .. import wording
from ..document import Document
from ..theme import Theme
from .comparing import Row, rows, sentence
from .deferred import DeferredPanel
from .widgets import button

COLUMNS = ("Assignment", "Switches", "Predicted", "Measured", "95 % interval", "", "Gain", "Verdict")
PLOT = COLUMNS.index("")
SPAN = Qt.ItemDataRole.UserRole


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
    """A table over the named assignments; double-click or the button loads one into the editor."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._rows: list[Row] = []
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What the comparison shows")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.badge = QLabel()
        self.badge.setProperty("role", "badge")
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setAccessibleName("Assignments compared")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setMinimumSectionSize(18)
        self.table.setWordWrap(False)
        self.delegate = IntervalDelegate(theme, self.table)
        self.table.setItemDelegateForColumn(PLOT, self.delegate)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(PLOT, QHeaderView.ResizeMode.Stretch)
        self.load = button("Load", "Edit the chosen assignment (double-click does the same)")
        self.differing = button("Select what differs", "Select the layers where it differs from the current")
        self.forget = button("Forget", "Drop the chosen named assignment")
        self.load.clicked.connect(self._load)
        self.differing.clicked.connect(self._select_differing)
        self.forget.clicked.connect(self._forget)
        self.table.cellDoubleClicked.connect(lambda *_cell: self._load())
        self.table.itemSelectionChanged.connect(self._enable)
        self._lay_out()
        for signal in (
            document.graph_changed, document.profile_changed, document.plan_changed, document.assignment_changed,
            document.comparison_changed, document.runs_changed, document.names_changed, theme.changed,
        ):  # fmt: skip
            signal.connect(self.outdated)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.sentence, 1)
        buttons = QVBoxLayout()
        for one in (self.load, self.differing, self.forget):
            buttons.addWidget(one)
        buttons.addStretch()
        body = QHBoxLayout()
        body.addWidget(self.table, 1)
        body.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addLayout(head)
        layout.addLayout(body, 1)

    def refresh(self) -> None:
        """Show the document's assignments as they are."""
        chosen = self._chosen()
        self._rows = rows(self._document)
        self.sentence.setText(sentence(self._document))
        self.badge.setText(self._document.origin)
        self.badge.setVisible(bool(self._document.origin))
        self._scale()
        self.table.setRowCount(len(self._rows))
        self.table.model().blockSignals(True)  # one layout at the end, not one for every cell
        for place, row in enumerate(self._rows):
            for column, text in enumerate(_cells(row)):
                self.table.setItem(place, column, self._item(row, column, text))
        self.table.model().blockSignals(False)
        self.table.model().layoutChanged.emit()
        if chosen is not None:
            for place, row in enumerate(self._rows):
                if row.name == chosen.name:
                    self.table.selectRow(place)
        self._enable()

    def _item(self, row: Row, column: int, text: str) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        if 0 < column < PLOT or column == PLOT + 1:
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if row.current:
            item.setFont(self._theme.font(bold=True))
        item.setToolTip(f"{row.name}: {row.assignment.text}" + ("\nthe current assignment" if row.current else ""))
        if column == PLOT:
            measured = row.measured_ms
            span = (measured.low, measured.median, measured.high) if measured else None
            finite = row.predicted_ms is not None and row.predicted_ms != float("inf")
            item.setData(SPAN, (row.predicted_ms if finite else None, span))
            item.setToolTip("Ring: predicted. Dot with whisker: measured median with its 95 % interval.")
        return item

    def _scale(self) -> None:
        values = [row.predicted_ms for row in self._rows if row.predicted_ms not in (None, float("inf"))]
        for row in self._rows:
            if row.measured_ms:
                values += [row.measured_ms.low, row.measured_ms.high]
        known = [value for value in values if value is not None]
        if known:
            self.delegate.low, self.delegate.high = min(known), max(known)
        self.table.viewport().update()

    def _chosen(self) -> Row | None:
        selected = self.table.selectionModel().selectedRows()
        return self._rows[selected[0].row()] if selected and selected[0].row() < len(self._rows) else None

    def _enable(self) -> None:
        row = self._chosen()
        for one in (self.load, self.differing):
            one.setEnabled(row is not None and not row.current)
        self.forget.setEnabled(row is not None and row.name in self._document.named)

    def _load(self) -> None:
        if row := self._chosen():
            self._document.load(row.assignment, f"Load {row.name}")

    def _select_differing(self) -> None:
        if row := self._chosen():
            current = self._document.assignment
            self._document.select(layer for layer, device in row.assignment.items() if current[layer] != device)

    def _forget(self) -> None:
        if row := self._chosen():
            self._document.forget(row.name)


def _cells(row: Row) -> tuple[str, ...]:
    measured, gain = row.measured_ms, row.gain
    interval = f"{wording.interval(measured.low, measured.high)}" if measured else ""
    name = " = ".join((row.name, *row.also))
    verdict = row.verdict or ("run alone" if measured else "not measured")
    return (
        f"▸ {name}" if row.current else name,
        str(row.switches),
        wording.ms(row.predicted_ms),
        wording.ms(measured.median) if measured else "",
        interval,
        "",
        wording.percent(gain.median, signed=True) if gain else "",
        verdict,
    )
