"""The bar above the layer graph: what to colour by, which way it runs, folding, zoom, and the search field."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from ...widgets.collapsing_row import GivingRow
from ...widgets.commands import Commands
from .node_colours import MODES

_BUTTONS = ("fit", "zoom_out", "zoom_in", "turn", "fold_all", "unfold_all")
_SIGNS = {"fit": "Fit", "zoom_in": "+", "zoom_out": "−", "turn": "⇄", "fold_all": "Fold", "unfold_all": "Unfold"}
_FIRST_TO_GO = ("unfold_all", "fold_all", "zoom_out", "zoom_in", "turn")


class SearchField(QLineEdit):
    """Return goes to the next hit, Shift+Return to the previous one, Escape leaves."""

    next_asked = Signal()
    previous_asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Find layer…")
        self.setAccessibleName("Find layers by name, type or block")
        self.setToolTip("Find layers by name, type or block (Ctrl+F); Return goes on, Shift+Return back")
        self.setClearButtonEnabled(True)
        self.setMaximumWidth(220)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer the keys named above."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self.previous_asked if back else self.next_asked).emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Toolbar(GivingRow):
    """Only arranges; the view connects it."""

    def __init__(self, actions: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = QComboBox()
        for mode, label in MODES.items():
            self.mode.addItem(label, mode)
        self.mode.setAccessibleName("Colour cards by")
        self.mode.setToolTip("What the cards' colours mean")
        self.search = SearchField()
        self.hits = QLabel("")
        self.hits.setAccessibleName("Layers found")
        self.hits.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 4)
        row.setSpacing(4)
        caption = QLabel("Colour by")
        caption.setBuddy(self.mode)
        row.addWidget(caption)
        row.addWidget(self.mode)
        buttons: dict[str, QToolButton] = {}
        for name in _BUTTONS:
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setText(_SIGNS[name])
            button.setAccessibleName(actions[name].text())
            button.setAutoRaise(True)
            row.addWidget(button)
            buttons[name] = button
        row.addStretch(1)
        row.addWidget(self.hits)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(self.search, 1)
        self.mode.installEventFilter(self)
        self.dispensable = [caption, *(buttons[name] for name in _FIRST_TO_GO)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel alone over the list, so that scrolling past it changes nothing."""
        return event.type() == QEvent.Type.Wheel or super().eventFilter(watched, event)
