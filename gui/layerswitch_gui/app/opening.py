"""Opening networks and sessions, choosing the board and the level: what asks first whether unsaved work may go."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from layerswitch.errors import InputShapeError, LayerSwitchError
from layerswitch.network.graph import Level

from ..dialogs.questions import Shapes
from ..document.session_files import is_measured
from .context import Context
from .saving import Saving


class Opening(QObject):
    """What is opened, in its order: asked for, read in a job, shown, and profiled if that was wanted."""

    begun = Signal()  # something is being read
    opened = Signal()  # a network is on show
    board_asked = Signal()  # another board was asked for, whatever came of it
    recent_changed = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._document, self._bench = context, context.document, context.workbench
        self.saving = Saving(context, self._remember)
        self._asked_for = ""  # what was last asked to open, for the question of its shapes
        self._profile_next = False
        level = context.preferences.get("level", "layer")
        self._bench.level = level if level in ("operator", "layer", "block") else "layer"
        self._bench.opened.connect(self._opened)

    @property
    def level(self) -> Level:
        """What the layers are: of the open network, or of the next one."""
        return self._document.graph.level if self._document.graph else self._bench.level

    def ask_model(self) -> None:
        """Choose a model file and open it."""
        self._ask("Open model", "Models (*.onnx *.tflite)")

    def ask_session(self) -> None:
        """Choose a session or a profile and open it."""
        self._ask("Open session or profile", "Sessions and profiles (*.layerswitch *.json)")

    def _ask(self, title: str, kinds: str) -> None:
        if path := self._context.questions.open_file(title, f"{kinds};;All files (*)"):
            self.open(path)

    def open(self, source: str, profile: bool = False, shapes: Shapes | None = None) -> None:
        """Open a bundled network, a model file, a session or a profile, unless that loses what people want to keep.

        `profile`: measure it at once.
        """
        if not self.saving.may_lose("Opening something else"):
            return
        self._profile_next, self._asked_for = profile, source
        self.begun.emit()
        if is_measured(source):
            self._bench.open_session(source)
        else:
            self._bench.open_model(source, shapes)
        if Path(source).suffix:
            self._remember(source)

    def _remember(self, path: str) -> None:
        self._context.preferences.add_recent(path)
        self.recent_changed.emit()

    def _opened(self) -> None:
        self._context.navigation.show_network()
        self.opened.emit()
        self._context.preferences.set("model", self._document.source)
        if self._profile_next and self._document.profile is None:
            self._bench.profile()
        self._profile_next = False

    def failed(self, title: str, error: BaseException) -> None:
        """Say what went wrong; ask for shapes where that is all that is missing."""
        if isinstance(error, InputShapeError) and error.inputs and self._context.attended:
            if shapes := self._context.questions.shapes(title, error.inputs):
                self._bench.open_model(self._asked_for, shapes)
            return
        self._profile_next = False
        self._context.show_error(title, error)

    def choose_board(self, name: str) -> None:
        """Measure on another board."""
        entry = self._document.entry
        if entry is not None and entry.name == name:
            return
        try:
            entry = self._bench.services.find(name)
        except LayerSwitchError as error:
            self.failed("Board", error)
        else:
            if not self._document.bound_to_board or self.saving.may_lose("Changing the board"):
                self._bench.choose_board(entry)
                self._context.preferences.set("board", name)
        self.board_asked.emit()

    def choose_level(self, level: Level) -> None:
        """Show the open network, and those opened later, at another level."""
        graph = self._document.graph
        if graph is None or graph.level == level or self.saving.may_lose("Changing the level"):
            self._bench.regroup(level)
            self._context.preferences.set("level", level)
