# ruff: noqa: E501 - the table reads best with one action a line
"""Every action of the window in one table: its menu, text, shortcut and tooltip. Nothing is reachable only by mouse."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu


@dataclass(frozen=True)
class Spec:
    """One action. `needs` names what must be open for it: "", "graph", "profile", "plan", "selection", "board", "own board", "busy"."""

    key: str
    menu: str
    text: str
    shortcut: str
    tip: str
    needs: str = ""
    group: str = ""  # actions of one group are exclusive choices


_ = Spec
SPECS: tuple[Spec | str, ...] = (
    _("open_model", "&File", "&Open model…", "Ctrl+O", "Open an ONNX or TFLite file; dropping it on the window does the same"),
    _("open_session", "&File", "Open &session…", "Ctrl+Shift+O", "Open a session saved before, or a profile"),
    _("save", "&File", "&Save session", "Ctrl+S", "Save network, profile, assignments, runs and comparison in one file", "graph"),
    _("save_as", "&File", "Save session &as…", "Ctrl+Shift+S", "Save the session in another file", "graph"),
    "&File",
    _("export_report", "&File", "Export &report…", "Ctrl+E", "Write an HTML report that stands alone", "plan"),
    _("export_csv", "&File", "Export layers as &CSV…", "Ctrl+Shift+E", "Write every layer with its times and device", "graph"),
    _("export_json", "&File", "Export everything as &JSON…", "Ctrl+Alt+E", "Write profile, plan, runs and comparison", "profile"),
    _("export_plan", "&File", "Export p&lan as JSON…", "Ctrl+Alt+O", "Write the optimum with its proof", "plan"),
    _("export_comparison", "&File", "Export co&mparison as JSON…", "Ctrl+Alt+M", "Write the comparison with all its samples", "profile"),
    _("export_runs", "&File", "Export r&uns as CSV…", "Ctrl+Alt+R", "Write every measured inference, of runs and of the comparison", "profile"),
    _("export_graph", "&File", "Export &graph…", "Ctrl+Alt+S", "Write the whole graph at full size, as SVG or PNG", "graph"),
    _("export_latency", "&File", "Export latency &bars…", "Ctrl+Alt+B", "Write the latency bars at full size, as SVG or PNG", "profile"),
    _("export_timeline", "&File", "Export t&imeline…", "Ctrl+Alt+T", "Write the timeline at full size, as SVG or PNG", "profile"),
    _("export_curve", "&File", "Export s&witch curve…", "Ctrl+Alt+K", "Write the curve of best plans, as SVG or PNG", "profile"),
    _("export_roofline", "&File", "Export roo&fline…", "Ctrl+Alt+I", "Write the rooflines, as SVG or PNG", "profile"),
    _("export_attributes", "&File", "Export attrib&utes…", "Ctrl+Alt+A", "Write the ratio of times against the attribute shown, as SVG or PNG", "profile"),
    _("export_picture", "&File", "Export window as &PNG…", "Ctrl+Alt+P", "Write a picture of the window", ""),
    "&File",
    _("start_page", "&File", "S&tart page", "Ctrl+T", "Choose another network and board"),
    _("quit", "&File", "&Quit", "Ctrl+Q", "Close the window"),
    _("undo", "&Edit", "&Undo", "Ctrl+Z", "Take the last edit back"),
    _("redo", "&Edit", "&Redo", "Ctrl+Shift+Z", "Do the last undone edit again"),
    "&Edit",
    _("assign_cpu", "&Edit", "Selection to &CPU", "C", "Run the selected layers on the CPU", "selection"),
    _("assign_gpu", "&Edit", "Selection to &GPU", "G", "Run the selected layers on the GPU", "selection"),
    _("block_cpu", "&Edit", "Whole block to C&PU", "Shift+C", "Run the blocks of the selected layers on the CPU", "selection"),
    _("block_gpu", "&Edit", "Whole block to GP&U", "Shift+G", "Run the blocks of the selected layers on the GPU", "selection"),
    _("type_cpu", "&Edit", "All of this t&ype to CPU", "Ctrl+Alt+C", "Run every layer of the selected types on the CPU", "selection"),
    _("type_gpu", "&Edit", "All of this type to &GPU", "Ctrl+Alt+G", "Run every layer of the selected types on the GPU", "selection"),
    _("flip", "&Edit", "&Flip selection", "X", "Put each selected layer on its other device", "selection"),
    _("pin", "&Edit", "&Pin selection", "P", "Keep the selected layers on their device, in edits and plans", "selection"),
    _("unpin", "&Edit", "U&npin selection", "Shift+P", "Let the selected layers move again", "selection"),
    "&Edit",
    _("copy", "&Edit", "Cop&y assignment", "Ctrl+Shift+C", "Copy the assignment as letters, one per layer", "graph"),
    _("copy_names", "&Edit", "Copy as layer=&device", "Ctrl+Alt+Shift+C", "Copy the assignment as one layer=device pair a line", "graph"),
    _("paste", "&Edit", "Past&e assignment", "Ctrl+Shift+V", "Take letters (GGCC), a device, or layer=device pairs", "graph"),
    "&Edit",
    _("select_all", "&Edit", "Select &all layers", "Ctrl+A", "Select every layer", "graph"),
    _("select_none", "&Edit", "Select &nothing", "Ctrl+Shift+A", "Clear the selection", "selection"),
    _("select_type", "&Edit", "Select same &type", "Ctrl+Shift+T", "Select every layer of the selected types", "selection"),
    _("select_block", "&Edit", "Select whole &block", "Ctrl+B", "Select the blocks of the selected layers", "selection"),
    _("select_differing", "&Edit", "Select what &differs", "Ctrl+Shift+D", "Select the layers the optimum puts elsewhere", "plan"),
    _("reset_optimum", "&Assignment", "Reset to &optimum", "Ctrl+1", "Take the planner's assignment", "plan"),
    _("reset_cpu", "&Assignment", "All on &CPU", "Ctrl+2", "Put every layer on the CPU", "graph"),
    _("reset_gpu", "&Assignment", "All on &GPU", "Ctrl+3", "Put every layer on the GPU", "graph"),
    _("reset_greedy", "&Assignment", "G&reedy", "Ctrl+4", "Each layer on its faster device, switches ignored", "plan"),
    "&Assignment",
    _("what_if", "&Assignment", "&What if: switch cost", "Ctrl+Shift+W", "Go to the slider that scales what switching costs", "plan"),
    _("what_if_reset", "&Assignment", "Switch cost as &measured", "Ctrl+Alt+W", "End the what-if: back to the profile's switch cost", "plan"),
    "&Assignment",
    _("keep", "&Assignment", "&Keep under a name…", "Ctrl+D", "Remember this assignment, to compare or load it later", "graph"),
    _("keep_variant", "&Assignment", "Keep as next &variant", "K", "Remember this assignment under the next free number", "graph"),
    _("previous_kept", "&Assignment", "Pre&vious kept", "Ctrl+PgUp", "Load the named assignment before this one", "graph"),
    _("next_kept", "&Assignment", "Ne&xt kept", "Ctrl+PgDown", "Load the named assignment after this one", "graph"),
    *(_(f"variant_{n}", "&Assignment", f"Variant &{n}", str(n), f"Load the variant kept as number {n}", "graph") for n in range(1, 10)),
    _("profile", "&Measure", "&Profile", "F5", "Measure every layer on every device of the board", "board"),
    _("plan", "&Measure", "P&lan again", "F6", "Find the best assignment around the pinned layers", "profile"),
    _("rerun", "&Measure", "&Re-run current", "F7", "Run the assignment as it is now on the board; Stop keeps the runs done", "board"),
    _("compare", "&Measure", "Re-run all, &interleaved (compare)", "F8", "Measure the baselines and every named assignment in turns, and compare them; Stop keeps the rounds done", "board"),
    _("compare_decided", "&Measure", "Compare &until decided…", "Shift+F8", "Measure in turns until it is known which is faster, in at most so many rounds; Stop keeps the rounds done", "board"),
    _("refine", "&Measure", "Re&fine the plan", "F9", "Run the plan, learn transfer costs and device factors from it, plan again, until the plan stands; Stop keeps the steps done", "board"),
    "&Measure",
    _("add_board", "&Measure", "&Add board…", "Ctrl+Shift+N", "Connect a real board over SSH: enter it, test it, save it"),
    _("edit_board", "&Measure", "&Edit board…", "Ctrl+Shift+B", "Change, test or remove the chosen board, if you added it", "own board"),
    _("ask_boards", "&Measure", "&Which boards answer", "Ctrl+Shift+K", "Ask every board over SSH whether it answers; nobody logs in"),
    "&Measure",
    _("settings", "&Measure", "&Number of runs…", "Ctrl+Shift+R", "How many inferences profile, re-run and compare count"),
    _("stop", "&Measure", "&Stop", "Ctrl+.", "Stop everything that is running", "busy"),
    _("palette", "&View", "Command &palette…", "Ctrl+K", "Find any command by typing"),
    _("theme_system", "&View", "Theme: s&ystem", "Ctrl+Alt+0", "Light or dark as the system has it", "", "theme"),
    _("theme_light", "&View", "Theme: &light", "Ctrl+Alt+1", "Light colours", "", "theme"),
    _("theme_dark", "&View", "Theme: &dark", "Ctrl+Alt+2", "Dark colours", "", "theme"),
    "&View",
    _("level_operator", "&View", "By &operator", "Ctrl+Alt+7", "Assign every operator of the model file by itself", "", "level"),
    _("level_layer", "&View", "By l&ayer", "Ctrl+Alt+8", "Assign layers: an operator with its bias, batch-norm and activation", "", "level"),
    _("level_block", "&View", "By &block", "Ctrl+Alt+9", "Assign whole blocks: an inception module, a residual block", "", "level"),
    "&View",
    _("larger", "&View", "Lar&ger text", "Ctrl++", "For a projector"),
    _("smaller", "&View", "S&maller text", "Ctrl+-", "To see more at once"),
    _("normal", "&View", "&Normal text", "Ctrl+0", "The system's text size"),
    "&View",
    _("full_screen", "&View", "F&ull screen", "F11", "Fill the screen, or go back"),
    _("reset_layout", "&View", "&Reset panels", "Ctrl+Alt+L", "Put every panel back in its place"),
    _("first_steps", "&Help", "&First steps", "F1", "What to do first, in six lines"),
    _("about", "&Help", "&About LayerSwitch", "Shift+F1", "Version, and the paper this implements"),
)  # fmt: skip


_SHORT = {
    "rerun": "Re-run",
    "compare": "Re-run all",
    "reset_optimum": "Optimum",
    "assign_cpu": "to CPU",
    "assign_gpu": "to GPU",
}
"""What toolbar buttons say, where the menu's text is too long for them."""


class Actions:
    """The QActions of a window by key; `actions["profile"]`."""

    def __init__(self, window: QMainWindow, handlers: dict[str, Callable[[], object]]) -> None:
        self._actions: dict[str, QAction] = {}
        self._specs: dict[str, Spec] = {}
        self.menus: dict[str, QMenu] = {}
        groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            if isinstance(spec, str):
                self.menus[spec].addSeparator()
                continue
            action = QAction(spec.text, window)
            action.setObjectName(spec.key)
            action.setShortcut(QKeySequence(spec.shortcut))
            action.setToolTip(f"{spec.tip} ({QKeySequence(spec.shortcut).toString()})")
            action.setStatusTip(spec.tip)
            action.setIconText(_SHORT.get(spec.key, spec.text.replace("&", "").rstrip("…")))
            action.triggered.connect(lambda _checked=False, run=handlers[spec.key]: run())
            if spec.group:
                action.setCheckable(True)
                groups.setdefault(spec.group, QActionGroup(window)).addAction(action)
            self.menu(window, spec.menu).addAction(action)
            self._actions[spec.key], self._specs[spec.key] = action, spec

    def menu(self, window: QMainWindow, title: str) -> QMenu:
        """The menu of that title, made when first asked for."""
        if title not in self.menus:
            menu = window.menuBar().addMenu(title)
            menu.setToolTipsVisible(True)
            self.menus[title] = menu
        return self.menus[title]

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def enable(self, present: set[str]) -> None:
        """Enable exactly the actions whose need is present."""
        for key, spec in self._specs.items():
            if key not in ("undo", "redo"):
                self._actions[key].setEnabled(not spec.needs or spec.needs in present)
