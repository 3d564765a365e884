"""The table of the comparison: an assignment a row, of which an edit changes only the cells that say otherwise then."""

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from layerswitch.measurement import statistics
from layerswitch.network.assignment import Assignment

from ...platform.theme import Theme
from ...widgets import formatting
from ...widgets.column_fitter import Narrow
from ...widgets.text_safety import wrapped
from .rows import Row

COLUMNS = ("Assignment", "Switches", "Predicted", "Measured", "95 % interval", "", "Gain", "Gain, 95 %", "Verdict")
PLOT = COLUMNS.index("")
SPAN = Qt.ItemDataRole.UserRole
CURRENT = "▸ "
MOST = 400  # letters of an assignment in a tooltip
REMEMBERED = 200  # assignments in letters


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


class Cell(NamedTuple):
    """What one cell shows."""

    text: str
    tip: str
    bold: bool
    editable: bool
    span: tuple[float | None, tuple[float, float, float] | None] | None = None

    @property
    def shown(self) -> "Cell":
        """What can be seen of it without pointing at it."""
        return self._replace(tip="")


class AssignmentTable(QTableWidget):
    """Shows the rows it is given. Names that people gave can be edited in their cells."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._theme = theme
        self._cells: list[list[Cell]] | None = None  # as shown
        self._widest: list[int] = []
        self._known: dict[tuple[Assignment, tuple[str, ...]], str] = {}  # in letters
        self.setHorizontalHeaderLabels(COLUMNS)
        self.setAccessibleName("Assignments compared")
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setToolTip("Choose two (Ctrl+click) to hold them against each other")
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # one line each, all as high
        self.verticalHeader().setMinimumSectionSize(18)
        self._delegate = IntervalDelegate(theme, self)
        self.setItemDelegateForColumn(PLOT, self._delegate)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # as wide as their contents, see `_fit`
        header.setSectionResizeMode(PLOT, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)
        less = tuple(map(COLUMNS.index, ("95 % interval", "", "Gain, 95 %", "Switches", "Predicted")))
        self._narrow = Narrow(self, less, PLOT, 60)
        theme.changed.connect(self._take_theme)
        self._take_theme()

    def _take_theme(self) -> None:
        """Fonts and colours are others: every cell is set again."""
        self._cells = None
        self.verticalHeader().setDefaultSectionSize(QFontMetrics(self._theme.font(bold=True)).height() + 8)

    def show_rows(self, rows: list[Row], devices: tuple[str, ...], own: Callable[[Row], bool]) -> bool:
        """Show these rows; `own` says which may be renamed. Whether rows came, went or changed their names."""
        low, high = _scale(rows)
        if (low, high) != (self._delegate.low, self._delegate.high):
            self._delegate.low, self._delegate.high = low, high
            self.viewport().update()
        wanted = [_cells(row, _tip(row, self._letters_of(row.assignment, devices)), own(row)) for row in rows]
        before = self._cells
        renewed = before is None or [row[0].text for row in wanted] != [row[0].text for row in before]
        self.blockSignals(True)
        if renewed:
            self.setRowCount(len(wanted))
        model = self.model()
        model.blockSignals(True)  # told once a row, or once for all; tooltips are asked for when they are shown
        seen: list[tuple[int, int]] = []
        for place, row in enumerate(wanted):
            for column, cell in enumerate(row):
                if renewed or before is None or cell != before[place][column]:
                    self._set(place, column, cell)
                    if not renewed and before is not None and cell.shown != before[place][column].shown:
                        seen.append((place, column))
        model.blockSignals(False)
        if renewed:
            model.layoutChanged.emit()
        for place, column in seen:
            model.dataChanged.emit(model.index(place, column), model.index(place, column))
        self.blockSignals(False)
        self._cells = wanted
        widest = [max((len(row[column].text) for row in wanted), default=0) for column in range(len(COLUMNS))]
        if renewed or widest != self._widest:
            self._widest = widest
            self._fit()
        return renewed

    def _letters_of(self, assignment: Assignment, devices: tuple[str, ...]) -> str:
        """The letters of an assignment, which an edit changes of one of many."""
        key = assignment, devices
        if key not in self._known:
            if len(self._known) > REMEMBERED:
                self._known.clear()
            self._known[key] = _letters(assignment, devices)
        return self._known[key]

    def _fit(self) -> None:
        """Give the columns the width of their contents; left to Qt, every edit would measure all of them."""
        header = self.horizontalHeader()
        for column in range(len(COLUMNS)):
            if column != PLOT:
                needed = max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
                header.resizeSection(column, max(needed, header.minimumSectionSize()))
        self._narrow.fit()

    def show_again(self) -> None:
        """A cell was changed by others: set all of them at the next showing."""
        self._cells = None

    def _set(self, place: int, column: int, cell: Cell) -> None:
        there = self.item(place, column)
        item = there or QTableWidgetItem()
        item.setText(cell.text)
        flags = item.flags() & ~Qt.ItemFlag.ItemIsEditable
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if cell.editable else flags)
        if 0 < column < len(COLUMNS) - 1:
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setData(Qt.ItemDataRole.FontRole, self._theme.font(bold=True) if cell.bold else None)
        item.setToolTip(wrapped(cell.tip))
        if column == PLOT:
            item.setData(SPAN, cell.span)
        if there is None:
            self.setItem(place, column, item)


def _scale(rows: list[Row]) -> tuple[float, float]:
    """From the least to the greatest ms on show; 0..1 where nothing is known."""
    values = [row.predicted_ms for row in rows if row.predicted_ms not in (None, float("inf"))]
    for row in rows:
        if row.measured_ms:
            values += [row.measured_ms.low, row.measured_ms.high]
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)


def _letters(assignment: Assignment, devices: tuple[str, ...]) -> str:
    """An assignment in letters, as many as a tooltip holds."""
    if len(assignment) <= MOST:
        return assignment.text_on(devices)
    first = Assignment(dict(islice(assignment.items(), MOST)))
    return f"{first.text_on(devices)}… ({len(assignment)} layers)"


def _tip(row: Row, letters: str) -> str:
    tip = f"{row.name}: {letters}"
    tip += "\nthe current assignment" if row.current else ""
    if row.predicted_ms is not None:
        tip += f"\npredicted: {formatting.ms(row.predicted_ms)}"
    if row.measured_ms:
        ms = row.measured_ms
        span = f"{formatting.covering(ms.samples)} {formatting.interval(ms.low, ms.high)}"
        tip += (
            f"\nmeasured: median {formatting.ms(ms.median)}, {span}, of {formatting.counted(ms.samples, 'inference')}"
        )
    if row.entry is not None and len(row.entry.samples_ms) > 1:
        tip += f"\nspread from run to run: {formatting.percent(statistics.noise(row.entry.samples_ms))}"
    return tip + (f"\n{row.note}" if row.note else "")


def _cells(row: Row, tip: str, own: bool) -> list[Cell]:
    measured, gain = row.measured_ms, row.gain
    interval = ""
    if measured:
        few = "" if measured.samples >= statistics.FEWEST else " (range)"
        interval = formatting.interval(measured.low, measured.high).removesuffix(" ms") + few
    name = " = ".join((row.name, *row.also))
    texts = (
        f"{CURRENT}{name}" if row.current else name,
        str(row.switches),
        formatting.ms(row.predicted_ms),
        formatting.ms(measured.median) if measured else "",
        interval,
        "",
        formatting.percent(gain.median, signed=True) if gain else "",
        formatting.between(gain.low, gain.high) + ("" if gain.samples >= statistics.FEWEST else " (range)")
        if gain
        else "",
        row.verdict,
    )
    cells = [Cell(text, tip, row.current, own and column == 0) for column, text in enumerate(texts)]
    finite = row.predicted_ms is not None and row.predicted_ms != float("inf")
    span = (row.predicted_ms if finite else None, (measured.low, measured.median, measured.high) if measured else None)
    legend = "Ring: predicted. Dot with whisker: measured median with its 95 % interval."
    cells[PLOT] = cells[PLOT]._replace(tip=legend, span=span)
    return cells
