"""The start page: choose a network and a board, or something opened before."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ...platform.theme import Theme
from ...widgets.makers import with_origin
from ...widgets.text_safety import in_menu, one_line, plain
from ...widgets.wrapping_delegate import WholeRows

ROLE = Qt.ItemDataRole.UserRole
TITLE = ROLE + 1  # a row's text without what is said of it
SHORT = 30  # characters of a file's name on the button


class StartPage(QWidget):
    """Three lists and one button that says what it will do."""

    open_requested = Signal(str, bool)  # bundled name or path; whether to profile at once
    board_chosen = Signal(str)
    file_requested = Signal()
    board_requested = Signal()
    answers_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title, self.hint = QLabel("LayerSwitch"), QLabel()
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setText(
            "Which layers of a network should run on the CPU, and which on the GPU? Choose a network and a board: "
            "LayerSwitch measures every layer on both, finds the best assignment with every switch paid for, "
            "and lets you change it by hand and measure it against the plan."
        )
        self.models = self._list("Networks that come with LayerSwitch")
        self.boards = self._list("Boards to measure on")
        self.recent = self._list("Opened before")
        self.go = QPushButton("Profile it")
        self.go.setProperty("role", "primary")
        self.go.setToolTip("Open the network and measure every layer on the board")
        self.look = QPushButton("Open without measuring")
        self.look.setToolTip("Open the network without measuring")
        self.file = QPushButton("Open a model file…")
        self.file.setToolTip("Open an ONNX or TFLite file (Ctrl+O), or drop one on the window")
        self.add_board = QPushButton("Add a board…")
        self.add_board.setToolTip("Connect a real board over SSH (Ctrl+Shift+N)")
        self.ask = QPushButton("Check again")
        self.ask.setToolTip("Ask every board over SSH whether it answers (Ctrl+Shift+K)")
        self.ask.hide()
        self._captions = [QLabel(text) for text in ("1  Network", "2  Board", "Opened before")]
        self._lay_out()
        self.models.itemActivated.connect(lambda item: self.open_requested.emit(item.data(ROLE), False))
        self.recent.itemActivated.connect(lambda item: self.open_requested.emit(item.data(ROLE), False))
        self.boards.currentItemChanged.connect(self._board_changed)
        self.models.itemSelectionChanged.connect(lambda: self._chosen_in(self.models))
        self.recent.itemSelectionChanged.connect(lambda: self._chosen_in(self.recent))
        self.boards.itemClicked.connect(lambda _item: self._chosen_in(self.boards))
        self.go.clicked.connect(lambda: self._open(profile=True))
        self.look.clicked.connect(lambda: self._open(profile=False))
        self.file.clicked.connect(self.file_requested)
        self.add_board.clicked.connect(self.board_requested)
        self.ask.clicked.connect(self.answers_requested)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _list(self, name: str) -> QListWidget:
        widget = QListWidget()
        widget.setAccessibleName(name)
        widget.setProperty("role", "choices")
        widget.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        widget.setWordWrap(True)
        widget.setResizeMode(QListWidget.ResizeMode.Adjust)
        widget.setItemDelegate(WholeRows(widget))
        return widget

    def _lay_out(self) -> None:
        self._middle = middle = QWidget()
        inside = QWidget()
        area = QScrollArea()  # however large the text: the window need not grow with a page that may not even be seen
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName("Start page")
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        sides = QHBoxLayout(inside)
        sides.addStretch(1)
        sides.addWidget(middle, 12)
        sides.addStretch(1)
        grid = QGridLayout(middle)
        grid.setContentsMargins(24, 28, 24, 24)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(10)
        grid.addWidget(self.title, 0, 0, 1, 3)
        grid.addWidget(self.hint, 1, 0, 1, 3)
        for column, (caption, widget) in enumerate(
            zip(self._captions, (self.models, self.boards, self.recent), strict=True)
        ):
            if widget is self.boards:
                above = QHBoxLayout()
                above.addWidget(caption)
                above.addStretch()
                above.addWidget(self.ask)
                grid.addLayout(above, 2, column)
            else:
                grid.addWidget(caption, 2, column)
            grid.addWidget(widget, 3, column)
            grid.setColumnStretch(column, 1)
        row = QHBoxLayout()
        for one in (self.go, self.look):
            row.addWidget(one)
            row.addSpacing(8)
        row.addStretch()
        grid.addLayout(row, 4, 0, 1, 2)
        last = QHBoxLayout()
        last.addWidget(self.file)
        last.addSpacing(8)
        last.addWidget(self.add_board)
        last.addStretch()
        grid.addLayout(last, 4, 2)
        grid.setRowStretch(3, 6)
        grid.setRowStretch(5, 1)

    def _restyle(self) -> None:
        self.title.setFont(self._theme.font(2.0, bold=True))
        for caption in self._captions:
            caption.setFont(self._theme.font(1.15, bold=True))
        for widget in (self.models, self.boards, self.recent, self.go, self.look, self.file, self.add_board):
            widget.setFont(self._theme.font(1.1))
        self._middle.setMaximumWidth(round(1200 * max(1.0, self._theme.scale)))
        for widget in (self.models, self.boards, self.recent):
            widget.setMaximumHeight(round(420 * max(1.0, self._theme.scale)))
        self._say_what()

    def fill(self, models: list[tuple[str, str]], boards: list[tuple[str, str, str]], recent: list[str]) -> None:
        """Show (name, title) of networks, (name, title, origin) of boards, and recent paths."""
        self._fill(self.models, [(title, name, "") for name, title in models])
        self.ask.hide()  # until a board over SSH is shown
        self._fill(self.boards, [(with_origin(title, origin), name, "") for name, title, origin in boards])
        self.fill_recent(recent)
        self._say_what()

    def fill_recent(self, recent: list[str]) -> None:
        """Show what was opened before, newest first."""
        self._fill(self.recent, [(Path(path).name, path, path) for path in recent])
        self._chosen_in(self.boards)
        if not recent:
            item = QListWidgetItem("Nothing yet. Drop a model file here.")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.recent.addItem(item)

    def _fill(self, widget: QListWidget, rows: list[tuple[str, str, str]]) -> None:
        kept = self._current(widget)
        widget.blockSignals(True)
        widget.clear()
        for text, name, tip in rows:
            item = QListWidgetItem(text)
            item.setData(ROLE, name)
            item.setData(TITLE, text)
            item.setToolTip(plain(tip or text))
            widget.addItem(item)
        widget.blockSignals(False)
        self.choose(widget, kept)

    def show_answer(self, name: str, text: str) -> None:
        """Say under a board's title whether it answers."""
        for row in range(self.boards.count()):
            item = self.boards.item(row)
            if item.data(ROLE) == name:
                item.setText(f"{item.data(TITLE)}\n{text}")
                item.setToolTip(plain(item.text()))
                self.ask.show()

    def choose(self, widget: QListWidget, name: str) -> None:
        """Make the row of that name current; the first if there is none."""
        rows = [row for row in range(widget.count()) if widget.item(row).data(ROLE) == name]
        if widget is not self.recent:
            widget.setCurrentRow(rows[0] if rows else 0)

    def _current(self, widget: QListWidget) -> str:
        item = widget.currentItem()
        return str(item.data(ROLE) or "") if item else ""

    def _board_changed(self) -> None:
        if name := self._current(self.boards):
            self.board_chosen.emit(name)
        self._say_what()

    def _chosen_in(self, chosen: QListWidget) -> None:
        """Have one thing only to open: a network, or what was opened before."""
        other = self.models if chosen is self.recent else self.recent
        if chosen is self.boards or chosen.selectedItems():
            other.blockSignals(True)
            other.clearSelection()
            other.blockSignals(False)
            if other is self.recent and self.models.currentItem() is not None:
                self.models.blockSignals(True)
                self.models.currentItem().setSelected(True)
                self.models.blockSignals(False)
        self._say_what()

    def _before(self) -> str:
        """What was opened before and is chosen now, as a path."""
        items = self.recent.selectedItems()
        return str(items[0].data(ROLE) or "") if items else ""

    def _say_what(self) -> None:
        if before := self._before():
            self.go.setEnabled(True)
            self.look.setEnabled(False)
            self.go.setText(in_menu(f"Open {one_line(Path(before).name, SHORT)}"))
            self.go.setToolTip(plain(f"Open {before}"))
            return
        model, board = self.models.currentItem(), self.boards.currentItem()
        self.go.setEnabled(model is not None and board is not None)
        self.look.setEnabled(model is not None)
        if model is not None and board is not None:
            what = f"Profile {model.data(TITLE)} on {board.data(TITLE)}"
            self.go.setText(in_menu(what if self._theme.scale < 1.5 else f"Profile {model.data(TITLE)}"))
            self.go.setToolTip(plain(f"{what}: open the network and measure every layer on the board"))

    def _open(self, *, profile: bool) -> None:
        if before := self._before():
            self.open_requested.emit(before, False)
        elif name := self._current(self.models):
            self.open_requested.emit(name, profile)
