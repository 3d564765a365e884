"""The two choices of the toolbar: which network, which board."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from ..widgets.makers import with_origin
from ..widgets.text_safety import one_line

OTHER = "\0other"
TITLE = Qt.ItemDataRole.UserRole + 1
TIP = "The board that measures"


class Choosers(QWidget):
    """Combo boxes for network and board; a person's choice is a signal, a program's is not."""

    model_chosen = Signal(str)
    board_chosen = Signal(str)
    file_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model, self.board = QComboBox(), QComboBox()
        for combo, name, tip in (
            (self.model, "Network", "The network that is open; choose another, or a file"),
            (self.board, "Board", TIP),
        ):
            combo.setAccessibleName(name)
            combo.setToolTip(tip)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.model.setMinimumContentsLength(16)
        self.board.setMinimumContentsLength(20)
        self.board.setPlaceholderText("Choose a board")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        for text, combo in (("Network", self.model), ("on", self.board)):
            label = QLabel(text)
            label.setBuddy(combo)
            layout.addWidget(label)
            layout.addWidget(combo)
        self.model.activated.connect(self._model_activated)
        self.board.activated.connect(lambda _row: self.board_chosen.emit(self.board.currentData()))
        self._open = ("", "")
        self._models: list[tuple[str, str]] = []

    def fill(self, models: list[tuple[str, str]], boards: list[tuple[str, str, str]]) -> None:
        """Offer (name, title) of networks and (name, title, origin) of boards."""
        self._models = models
        self.board.clear()
        for name, title, origin in boards:
            self.board.addItem(with_origin(title, origin), name)
            self.board.setItemData(self.board.count() - 1, with_origin(title, origin), TITLE)
        self.show_model(*self._open)

    def show_model(self, source: str, title: str) -> None:
        """Show what is open, a bundled network or a file."""
        self._open = (source, title)
        self.model.clear()
        if not source:  # of a profile only the network's name may be known
            self.model.addItem(one_line(title) if title else "Choose a network", "")
        for name, shown in self._models:
            self.model.addItem(shown, name)
        if source and source not in dict(self._models):
            self.model.addItem(one_line(title), source)
        self.model.insertSeparator(self.model.count())
        self.model.addItem("Open a model file…", OTHER)
        self.model.setCurrentIndex(max(0, self.model.findData(source)))

    def show_board(self, name: str) -> None:
        """Show the chosen board."""
        self.board.setCurrentIndex(self.board.findData(name))
        self._say_board()

    def show_answer(self, name: str, mark: str, state: str, text: str) -> None:
        """Say with a board's title whether it answers: the mark first, as long titles are cut; why in the tooltip."""
        row = self.board.findData(name)
        if row >= 0:
            self.board.setItemText(row, f"{mark} {self.board.itemData(row, TITLE)}: {state}")
            self.board.setItemData(row, f"{mark} {text}", Qt.ItemDataRole.ToolTipRole)
            metrics = self.board.fontMetrics()
            widest = max(metrics.horizontalAdvance(self.board.itemText(row)) for row in range(self.board.count()))
            self.board.view().setMinimumWidth(widest + 2 * metrics.height())  # the list that drops down cuts nothing
            self._say_board()

    def _say_board(self) -> None:
        said = self.board.currentData(Qt.ItemDataRole.ToolTipRole)
        self.board.setToolTip(f"{TIP}: {said}" if said else TIP)
        self.board.setAccessibleDescription(str(said or ""))

    def _model_activated(self, _row: int) -> None:
        chosen = self.model.currentData()
        if chosen == OTHER:
            self.show_model(*self._open)
            self.file_requested.emit()
        elif chosen and chosen != self._open[0]:
            self.show_model(*self._open)  # until it is open
            self.model_chosen.emit(chosen)
