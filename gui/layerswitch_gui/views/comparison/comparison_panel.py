"""The comparison: named assignments side by side, predicted and measured, with a sentence that says what is real."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QTableWidgetItem, QVBoxLayout, QWidget

from layerswitch.experiments.comparison_sentences import coverage

from ...document.document import Document
from ...platform.theme import Theme
from ...widgets.commands import Command, Commands
from ...widgets.deferred_panel import DeferredPanel
from ...widgets.makers import button
from ...widgets.sample_warnings import SteadinessNote
from ...widgets.text_safety import wrapped
from .assignment_table import CURRENT, AssignmentTable
from .pair_panel import Versus
from .rows import Figures, Row, rows, sentence

WIDE, HIGH = 105, 22  # letters and lines from which on there is room beside, or below


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
        self._figures = Figures()
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAccessibleName("What the comparison shows")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.badge = QLabel()
        self.badge.setProperty("role", "badge")
        self.versus = Versus(document, self)
        self.versus.colour_asked.connect(self.colour_asked)
        self.table = AssignmentTable(theme)
        self.table.cellDoubleClicked.connect(lambda *_cell: self._load())
        self.table.itemSelectionChanged.connect(self._choose)
        self.table.itemChanged.connect(self._renamed)
        self.load = button("Load", "Edit the chosen assignment (double-click does the same)", self._load)
        self.duplicate = button("Duplicate", "Keep the chosen assignment under another name", self._duplicate)
        self.rename = button("Rename", "Give the chosen assignment another name (F2)", self._rename)
        self.delete = button("Delete", "Delete the chosen assignment, if you made it (Del)", self._delete)
        self.commands = Commands(self, "comparison", (
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
            document.graph_changed, document.prediction_changed, document.plan_changed, document.assignment_changed,
            document.comparison_changed, document.runs_changed, document.names_changed,
            document.trust.changed, theme.changed,
        ):  # fmt: skip
            signal.connect(self.outdated)

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
        self._body = body = QSplitter(Qt.Orientation.Horizontal)
        body.addWidget(left)
        body.addWidget(self.versus)
        body.setStretchFactor(0, 7)
        body.setStretchFactor(1, 3)
        body.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(body, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where both do not fit side by side, the two held against each other stand under the table."""
        super().resizeEvent(event)
        letter, line = self.fontMetrics().averageCharWidth(), self.fontMetrics().lineSpacing()
        below = self.width() < WIDE * letter and self.height() > HIGH * line
        wanted = Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal
        if wanted != self._body.orientation():
            self._body.setOrientation(wanted)
            self._body.setSizes(
                [3 * self.height(), 2 * self.height()] if below else [7 * self.width(), 3 * self.width()]
            )

    def refresh(self) -> None:
        """Show the document's assignments as they are."""
        chosen = self._chosen()
        self._rows = rows(self._document, self._figures)
        whole = sentence(self._document, self._figures)
        self.sentence.setText(sentence(self._document, self._figures, brief=True) if self._theme.scale > 1.3 else whole)
        if (comparison := self._document.comparison) and (why := coverage(comparison)):
            whole += f"\n{why}"
        self.sentence.setToolTip(wrapped(whole))
        self.sentence.setAccessibleDescription(whole)
        self.badge.setText(self._document.origin)
        self.badge.setVisible(bool(self._document.origin))
        if self.table.show_rows(self._rows, self._document.devices, self._own):
            self.table.blockSignals(True)
            self.table.clearSelection()
            for place, row in enumerate(self._rows):
                if chosen is not None and row.name == chosen.name:
                    self.table.selectRow(place)
            self.table.blockSignals(False)
        self.versus.show_rows(self._rows)
        self._enable()

    def _own(self, row: Row) -> bool:
        """Whether people may rename it: they named it, or it is the current one without a name yet."""
        return row.named in self._document.own or (row.current and row.named is None)

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
            "delete": row is not None and row.named in self._document.own,
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
            self.table.show_again()  # which comes back in any case
            self.table.blockSignals(False)
            self.table.setFocus()
            self.table.editItem(item)

    def _renamed(self, item: QTableWidgetItem) -> None:
        row, name = self._rows[item.row()], item.text().strip().removeprefix(CURRENT).strip()
        if name and name != row.name:
            document, one = self._document, row.named
            name = document.keep_as(name, row.assignment) if one is None else document.rename(one, name)
        self.table.show_again()
        self.outdated()
        self.bring_up_to_date()
        self._select(name or row.name)

    def _delete(self) -> None:
        if (row := self._chosen()) and row.named in self._document.own:
            self._document.forget(row.named)

    def _select(self, name: str) -> None:
        self.bring_up_to_date()
        for place, row in enumerate(self._rows):
            if row.name == name:
                self.table.selectRow(place)
