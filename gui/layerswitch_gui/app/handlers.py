"""What each action does: edits and measuring here, files in `files.py`. No widget is made here."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from layerswitch import __version__
from layerswitch.errors import InputShapeError, LayerSwitchError
from layerswitch.network.graph import Level

from ..dialogs.questions import Questions, Shapes
from ..jobs.runner import STABILITY
from ..widgets import formatting
from ..widgets.text_safety import in_menu, one_line
from .edits import Edits
from .files import Files
from .palette import open_palette

if TYPE_CHECKING:
    from .main_window import MainWindow

FIRST_STEPS = """\
<ol><li>Choose a network and a board on the start page, and press Profile.</li>
<li>Each layer is measured on CPU and GPU; the graph shows the best assignment: blue C = CPU, orange G = GPU.</li>
<li>Click a layer: the inspector says what moving it would do.</li>
<li>Press C, G or X to move the selected layers; the numbers above change at once. Ctrl+Z takes it back.</li>
<li>Press F7 to run your assignment on the board, F8 to run all of them in turns and see which is really faster.</li>
<li>Ctrl+K finds every command.</li></ol>"""

ABOUT = f"""\
<p><b>LayerSwitch {__version__}</b><br>CPU-GPU layer-switched inference: profile, plan, edit, rerun, compare.</p>
<p>It implements Aghapour, Sapra, Pimentel, Pathania: <i>CPU-GPU Layer-Switched Low Latency CNN Inference</i>,
DSD 2022, doi 10.1109/DSD57027.2022.00051.</p>"""


class Handlers:
    """Joins actions, panels, workbench and document."""

    attended = True
    """Whether somebody can answer a question; nobody can while a picture is made."""

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self.document, self.bench = window.document, window.workbench
        self.questions = Questions(window)
        self.files = Files(window, self.questions)
        self.edits = Edits(self.document, self.failed)
        self._profile_next = False

    def table(self) -> dict[str, Callable[[], object]]:
        """Action key -> what it does."""
        document, bench, window, files, edits = self.document, self.bench, self.window, self.files, self.edits
        return {
            "open_model": self.ask_model, "open_session": self.ask_session, "save": files.save,
            "save_as": files.save_as, "export_report": files.export_report, "export_csv": files.export_csv,
            "export_json": files.export_json, "export_picture": files.export_picture,
            "export_plan": files.export_plan, "export_comparison": files.export_comparison,
            "export_runs": files.export_runs, "export_graph": files.export_graph,
            "export_latency": lambda: files.export_chart("Latency"),
            "export_timeline": lambda: files.export_chart("Timeline"),
            "export_curve": lambda: files.export_chart("Switches"),
            "export_roofline": lambda: files.export_chart("Roofline"),
            "export_attributes": lambda: files.export_chart("Attributes"),
            "copy_names": edits.copy_names,
            "start_page": window.show_start, "quit": window.close,
            "undo": document.undo_stack.undo, "redo": document.undo_stack.redo,
            "assign_cpu": lambda: document.assign(document.selection, "CPU"),
            "assign_gpu": lambda: document.assign(document.selection, "GPU"),
            "block_cpu": lambda: edits.assign_like("block", "CPU"),
            "block_gpu": lambda: edits.assign_like("block", "GPU"),
            "type_cpu": lambda: edits.assign_like("type", "CPU"), "type_gpu": lambda: edits.assign_like("type", "GPU"),
            "level_operator": lambda: self._level("operator"), "level_layer": lambda: self._level("layer"),
            "level_block": lambda: self._level("block"),
            "flip": lambda: document.flip(document.selection),
            "pin": lambda: document.pin(document.selection), "unpin": lambda: document.unpin(document.selection),
            "copy": edits.copy, "paste": edits.paste,
            "select_all": lambda: document.select(document.assignment), "select_none": lambda: document.select(()),
            "select_type": lambda: edits.select_like("type"), "select_block": lambda: edits.select_like("block"),
            "select_differing": edits.select_differing,
            "reset_optimum": lambda: edits.load("plan"), "reset_cpu": lambda: edits.all_on("CPU"),
            "reset_gpu": lambda: edits.all_on("GPU"), "reset_greedy": lambda: edits.load("greedy"),
            "what_if": lambda: window.what_if.slider.setFocus(), "what_if_reset": lambda: bench.what_if(1.0),
            "keep_variant": lambda: window.variants.keep(),
            "previous_kept": lambda: window.variants.step(-1), "next_kept": lambda: window.variants.step(1),
            **{f"variant_{n}": partial(self._variant, n) for n in range(1, 10)},
            "keep": self._keep, "profile": bench.profile, "plan": bench.plan, "rerun": bench.rerun,
            "compare_decided": self._compare_until_decided, "refine": window.refining.start,
            "add_board": self.add_board, "edit_board": self.edit_board,
            "ask_boards": self.ask_boards,
            "compare": bench.compare, "settings": self._counts, "stop": bench.runner.cancel_all,
            "palette": lambda: open_palette(window),
            "theme_system": lambda: self._theme("system"), "theme_light": lambda: self._theme("light"),
            "theme_dark": lambda: self._theme("dark"),
            "larger": lambda: self._scale(window.theme.scale * 1.1),
            "smaller": lambda: self._scale(window.theme.scale / 1.1), "normal": lambda: self._scale(1.0),
            "full_screen": lambda: window.showNormal() if window.isFullScreen() else window.showFullScreen(),
            "reset_layout": window.reset_layout,
            "first_steps": lambda: self.questions.tell("First steps", FIRST_STEPS),
            "about": lambda: self.questions.tell("About LayerSwitch", ABOUT),
        }  # fmt: skip

    def connect(self) -> None:
        """Connect everything, and show what there is to choose."""
        window, document, bench = self.window, self.document, self.bench
        for page in (window.start_page, window.choices):
            page.file_requested.connect(self.ask_model)
            page.board_chosen.connect(self.choose_board)
        window.start_page.board_requested.connect(self.add_board)
        window.start_page.answers_requested.connect(self.ask_boards)
        window.start_page.open_requested.connect(self.open_chosen)
        window.choices.model_chosen.connect(lambda name: self.open_path(name))
        bench.failed.connect(self.failed)
        bench.opened.connect(self._opened)
        bench.planned.connect(self._planned)
        window.refining.refined.connect(lambda: window.bring("Refinement"))
        bench.compared.connect(lambda: window.docks["Comparison"].raise_())
        bench.runner.changed.connect(self.enable)
        document.notice.connect(lambda text: window.statusBar().showMessage(one_line(text, 300), 8000))
        for signal in (
            document.graph_changed, document.profile_changed, document.plan_changed, document.selection_changed,
            document.board_changed,
        ):  # fmt: skip
            signal.connect(self.enable)
        document.board_changed.connect(self._show_board)
        document.graph_changed.connect(self._title)
        document.modified_changed.connect(self._title)
        stack = document.undo_stack
        for key, changed, word, able in (
            ("undo", stack.undoTextChanged, "&Undo", stack.canUndoChanged),
            ("redo", stack.redoTextChanged, "&Redo", stack.canRedoChanged),
        ):
            action = window.actions_[key]
            action.setEnabled(False)
            changed.connect(lambda text, action=action, word=word: action.setText(f"{word} {in_menu(text)}".strip()))
            able.connect(action.setEnabled)
        window.actions_[f"theme_{window.theme.choice}"].setChecked(True)
        bench.failed.connect(lambda *_: self._show_level())
        document.graph_changed.connect(self._show_level)
        level = window.preferences.get("level", "layer")
        bench.level = level if level in ("operator", "layer", "block") else "layer"
        self._show_level()
        window.actions_.menus["&File"].insertMenu(window.actions_["save"], self.files.recent)
        self._title()
        self.enable()

    def fill_choices(self) -> None:
        """Ask the library what networks and boards there are."""
        window, services = self.window, self.bench.services
        try:
            models = [(model.name, model.title) for model in services.bundled_models()]
            entries = services.boards()
            boards = [(entry.name, entry.title, str(entry.origin)) for entry in entries]
        except LayerSwitchError as error:
            self.failed("Start", error)
            return
        window.start_page.fill(models, boards, window.preferences.recent)
        window.choices.fill(models, boards)
        window.answering.fill(entries)
        if self.attended:
            window.answering.ask()
        window.start_page.choose(window.start_page.models, str(window.preferences.get("model", "googlenet")))
        self._show_board()

    # opening ---------------------------------------------------------------------------------------------------------

    def ask_model(self) -> None:
        """Choose a model file and open it."""
        if path := self.questions.open_file("Open model", "Models (*.onnx *.tflite);;All files (*)"):
            self.open_path(path)

    def ask_session(self) -> None:
        """Choose a session or a profile and open it."""
        kinds = "Sessions and profiles (*.layerswitch *.json);;All files (*)"
        if path := self.questions.open_file("Open session or profile", kinds):
            self.open_path(path)

    def open_chosen(self, source: str, profile: bool) -> None:
        """Open what the start page says, and measure it at once if wanted."""
        self.open_path(source, profile=profile)

    def open_path(self, source: str, *, profile: bool = False, shapes: Shapes | None = None) -> None:
        """Open a bundled network, a model file, a session or a profile, unless that loses what people want to keep."""
        if self.may_lose("Opening something else"):
            self._profile_next = profile
            self.window.messages.dismiss()
            self.files.open(source, shapes)

    def add_board(self) -> None:
        """Ask for a board over SSH."""
        self.window.own_boards.add()

    def edit_board(self) -> None:
        """Ask about the chosen board."""
        self.window.own_boards.edit()

    def ask_boards(self) -> None:
        """Find out which boards answer."""
        self.window.answering.ask(tell=True)

    def choose_board(self, name: str) -> None:
        """Measure on another board."""
        if self.document.entry is not None and self.document.entry.name == name:
            return
        try:
            entry = self.bench.services.find(name)
        except LayerSwitchError as error:
            self.failed("Board", error)
        else:
            if not self.document.bound_to_board or self.may_lose("Changing the board"):
                self.bench.choose_board(entry)
                self.window.preferences.set("board", name)
        self._show_board()

    def _opened(self) -> None:
        window, document = self.window, self.document
        window.show_network()
        title = document.graph.name if document.graph else ""
        window.choices.show_model(document.source, title)
        window.preferences.set("model", document.source)
        if self._profile_next and document.profile is None:
            self.bench.profile()
        self._profile_next = False

    def _planned(self) -> None:
        plan, document = self.document.plan, self.document
        if plan is not None:
            proven = "proven optimal" if plan.optimal else f"none is under {formatting.ms(plan.lower_bound_ms)}"
            counts = ", ".join(
                f"{formatting.counted(list(plan.assignment.values()).count(device), 'layer')} on {device}"
                for device in document.devices
            )
            document.notice.emit(
                f"The best assignment, {proven}: {counts}, {formatting.ms(plan.predicted_ms)} predicted"
            )

    def failed(self, title: str, error: BaseException) -> None:
        """Say what went wrong; ask for shapes where that is all that is missing."""
        if isinstance(error, InputShapeError) and error.inputs and self.attended:
            if shapes := self.questions.shapes(title, error.inputs):
                self.bench.open_model(self.files.opening, shapes)
            return
        self._profile_next = False
        self.window.messages.show_error(title, error)

    def may_lose(self, what: str) -> bool:
        """Whether unsaved work may go: there is none, or it was saved, or the person said so."""
        losses = self.document.losses
        if not losses:
            return True
        answer = self.questions.lose_work(what, losses)
        return answer == "discard" or (answer == "save" and self.files.save())

    def may_close(self) -> bool:
        """Whether the window may close."""
        running = [job.title for job in self.bench.runner.work if job.state != "cancelling" and job.lane != STABILITY]
        if running and not self.questions.stop_work(running):
            return False
        return self.may_lose("Closing")

    def _level(self, level: Level) -> None:
        graph = self.document.graph
        if graph is None or graph.level == level or self.may_lose("Grouping the layers otherwise"):
            self.bench.regroup(level)
            self.window.preferences.set("level", level)
        self._show_level()

    def _show_level(self) -> None:
        graph = self.document.graph
        self.window.actions_[f"level_{graph.level if graph else self.bench.level}"].setChecked(True)

    def _variant(self, number: int) -> None:
        self.window.variants.recall(number)

    def _keep(self) -> None:
        if name := self.questions.text("Keep assignment", "Name", "mine"):
            kept = self.document.keep_as(name)
            self.document.notice.emit(f"Kept as {kept}")

    # window ----------------------------------------------------------------------------------------------------------

    def _compare_until_decided(self) -> None:
        if limit := self.questions.limit(5 * self.bench.rounds):
            self.bench.compare(limit)

    def _counts(self) -> None:
        bench = self.bench
        if counts := self.questions.counts(bench.profile_runs, bench.runs, bench.rounds):
            bench.profile_runs, bench.runs, bench.rounds = counts

    def _theme(self, choice: str) -> None:
        self.window.theme.choose(choice)
        self.window.preferences.set("theme", choice)

    def _scale(self, scale: float) -> None:
        self.window.theme.set_scale(scale)
        self.window.preferences.set("scale", self.window.theme.scale)

    def _show_board(self) -> None:
        if self.document.entry is not None:
            window, name = self.window, self.document.entry.name
            window.choices.show_board(name)
            window.start_page.choose(window.start_page.boards, name)
        elif self.document.graph is not None:  # what is open was measured elsewhere
            self.window.choices.show_board("")

    def _title(self) -> None:
        graph = self.document.graph
        shown = one_line(graph.name).replace("[*]", "[*][*]") if graph else ""  # Qt's mark of what is unsaved
        name = f"{shown}[*] - LayerSwitch" if graph else "LayerSwitch[*]"
        self.window.setWindowTitle(name)
        self.window.setWindowModified(self.document.modified)

    def enable(self) -> None:
        """Enable the actions that make sense now."""
        document, bench = self.document, self.bench
        present = {
            "graph": document.graph is not None,
            "profile": document.profile is not None,
            "plan": document.plan is not None,
            "selection": bool(document.selection),
            "board": document.model is not None and document.entry is not None and not bench.measuring,
            "own board": document.entry is not None and document.entry.name.startswith("own:"),
            "busy": bool(bench.runner.work),
        }
        self.window.actions_.enable({need for need, there in present.items() if there})
