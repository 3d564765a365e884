"""Two assignments chosen against each other: a sentence that says what is real, and the layers that differ."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...document.document import Document
from ...widgets import formatting
from ...widgets.makers import button
from ...widgets.stable_layout import StableLayout
from ...widgets.text_safety import breakable
from .pair_data import Differences, differing, reality
from .pair_list import DifferenceList
from .rows import Row


class Versus(QWidget):
    """Shows the rows it is given; choosing layers in the list selects them everywhere."""

    colour_asked = Signal(object, object)  # two rows to colour the layer graph by

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._rows: list[Row] = []
        self._offered: list[str] = []
        self.first, self.second = QComboBox(), QComboBox()
        for combo, name in ((self.first, "First assignment"), (self.second, "Second assignment")):
            combo.setAccessibleName(name)
            combo.setToolTip(f"{name} of the two that are held against each other")
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(5)
            combo.activated.connect(lambda _index: self.show_pair())
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAccessibleName("Whether the difference is real")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.layers = DifferenceList(document, self)
        self.layers.chosen.connect(document.select)
        self.all = button("Select all", "Select every layer that differs (Alt+Shift+S)", self.select_all)
        self.colour = button("Colour graph", "Colour the layer graph by this difference (Alt+Shift+G)", self.ask_colour)
        top = QGridLayout()
        top.setContentsMargins(0, 0, 0, 0)
        versus = QLabel("against")
        versus.setProperty("role", "muted")
        for place, widget in enumerate((self.first, versus, self.second)):
            top.addWidget(widget, 0, place)
        top.setColumnStretch(0, 1)
        top.setColumnStretch(2, 1)
        row = QHBoxLayout()
        row.addWidget(StableLayout(self.all))
        row.addWidget(self.colour)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        self._place = StableLayout(self.sentence)
        column.addWidget(self._place)
        column.addWidget(self.layers, 1)
        column.addLayout(row)

    @property
    def pair(self) -> tuple[Row, Row] | None:
        """The two rows chosen."""
        places = self.first.currentIndex(), self.second.currentIndex()
        return (self._rows[places[0]], self._rows[places[1]]) if min(places) >= 0 else None

    def show_rows(self, rows: list[Row]) -> None:
        """Offer these rows; those chosen before stay, else the current one stands against the optimum."""
        chosen = [combo.currentText() for combo in (self.first, self.second)]
        self._rows = rows
        names = [row.name for row in rows]
        current = next((row.name for row in rows if row.current), "")
        plan = [row.name for row in rows if row.named is not None and row.named.kind == "plan"]
        second = next((name for name in (*plan, *names) if name != current), current)
        for combo, before, otherwise in zip((self.first, self.second), chosen, (current, second), strict=True):
            if names != self._offered:
                combo.clear()
                combo.addItems(names)
            combo.setCurrentIndex(combo.findText(before if before in names else otherwise))
        self._offered = names
        self.show_pair()

    def choose(self, first: str, second: str = "") -> None:
        """Hold one assignment against another, or against the one it stood against before."""
        if second or self.second.currentText() == first:
            self.second.setCurrentText(second or self.first.currentText())
        self.first.setCurrentText(first)
        self.show_pair()

    def show_pair(self) -> None:
        """Show the two chosen assignments' difference."""
        pair = self.pair
        found = differing(self._document, *pair) if pair else Differences(None)
        self.sentence.setText(breakable(reality(self._document, *pair)) if pair else "")
        self._place.setVisible(bool(pair))
        names = (pair[0].name, pair[1].name) if pair else ("", "")
        self.layers.show_difference(found, names, self._document.selection)
        differ = "differs" if len(found) == 1 else "differ"
        self.layers.setToolTip(f"{formatting.counted(len(found), 'layer')} {differ}; choose some to select them")
        self.all.setText(f"Select all {len(found)}" if found else "Select all")
        for widget in (self.all, self.colour):
            widget.setEnabled(bool(found))

    def select_all(self) -> None:
        """Select every layer that differs."""
        if pair := self.pair:
            self._document.select(differing(self._document, *pair).layers)

    def ask_colour(self) -> None:
        """Ask for the layer graph in the colours of this difference."""
        if pair := self.pair:
            self.colour_asked.emit(*pair)
