"""The menu File: opening and saving, the files opened before, the exports, and the end."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from ...widgets.commands import Command
from ...widgets.text_safety import in_menu
from ..context import Context
from ..exports import Exports
from ..opening import Opening
from ..registry import LINE, Registry

MENU, RECENT = "&File", "&File/Open &recent"


def add_file_menu(registry: Registry, context: Context, opening: Opening, exports: Exports) -> None:
    """Fill the menu."""
    graph, profile, plan, saving, picture = (
        context.has_graph,
        context.has_profile,
        context.has_plan,
        opening.saving,
        exports.picture,
    )
    registry.add(MENU, (
        Command("open_model", "&Open model…", "Ctrl+O", "Open an ONNX or TFLite file; dropping it on the window does the same", opening.ask_model),
        Command("open_session", "Open &session…", "Ctrl+Shift+O", "Open a session saved before, or a profile", opening.ask_session),
    ))  # fmt: skip
    RecentFiles(registry, context, opening)
    registry.add(MENU, (
        Command("save", "&Save session", "Ctrl+S", "Save network, profile, assignments, runs and comparison in one file", saving.save, graph),
        Command("save_as", "Save session &as…", "Ctrl+Shift+S", "Save the session in another file", saving.save_as, graph),
        LINE,
        Command("export_report", "Export &report…", "Ctrl+E", "Write an HTML report that stands alone", exports.report, plan),
        Command("export_csv", "Export layers as &CSV…", "Ctrl+Shift+E", "Write every layer with its times and device", exports.layers, graph),
        Command("export_json", "Export everything as &JSON…", "Ctrl+Alt+E", "Write profile, plan, runs and comparison", exports.everything, profile),
        Command("export_plan", "Export p&lan as JSON…", "Ctrl+Alt+O", "Write the optimum with its proof", exports.plan, plan),
        Command("export_comparison", "Export co&mparison as JSON…", "Ctrl+Alt+M", "Write the comparison with all its samples", exports.comparison, profile),
        Command("export_runs", "Export r&uns as CSV…", "Ctrl+Alt+R", "Write every measured inference, of runs and of the comparison", exports.runs, profile),
        Command("export_graph", "Export &graph…", "Ctrl+Alt+S", "Write the whole graph at full size, as SVG or PNG", partial(picture, "Graph"), graph),
        Command("export_latency", "Export latency &bars…", "Ctrl+Alt+B", "Write the latency bars at full size, as SVG or PNG", partial(picture, "Latency"), profile),
        Command("export_timeline", "Export t&imeline…", "Ctrl+Alt+T", "Write the timeline at full size, as SVG or PNG", partial(picture, "Timeline"), profile),
        Command("export_curve", "Export s&witch curve…", "Ctrl+Alt+K", "Write the curve of best plans, as SVG or PNG", partial(picture, "Switches"), profile),
        Command("export_roofline", "Export roo&fline…", "Ctrl+Alt+I", "Write the rooflines, as SVG or PNG", partial(picture, "Roofline"), profile),
        Command("export_attributes", "Export attrib&utes…", "Ctrl+Alt+A", "Write the ratio of times against the attribute shown, as SVG or PNG", partial(picture, "Attributes"), profile),
        Command("export_picture", "Export window as &PNG…", "Ctrl+Alt+P", "Write a picture of the window", exports.window),
        LINE,
        Command("start_page", "S&tart page", "Ctrl+T", "Choose another network and board", context.navigation.show_start),
        Command("quit", "&Quit", "Ctrl+Q", "Close the window", context.navigation.close),
    ))  # fmt: skip


class RecentFiles(QObject):
    """The sessions and models opened before in a menu of their own, newest first, each with a key."""

    def __init__(self, registry: Registry, context: Context, opening: Opening) -> None:
        super().__init__(opening)
        self._registry, self._context, self._opening = registry, context, opening
        self._shown: list[str] = []
        registry.menu(RECENT).aboutToShow.connect(self.fill)
        opening.recent_changed.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Show what is remembered now."""
        recent = self._context.preferences.recent
        if recent != self._shown:
            for place in range(len(self._shown)):
                self._registry.remove(f"recent_{place + 1}")
            self._shown = recent
            self._registry.add(RECENT, [self._command(place, path) for place, path in enumerate(recent, start=1)])
        self._registry.menu(RECENT).menuAction().setEnabled(bool(recent))

    def _command(self, place: int, path: str) -> Command:
        title = f"&{place}  {in_menu(Path(path).name)}"
        return Command(f"recent_{place}", title, f"Ctrl+Shift+{place}", path, lambda: self._opening.open(path))
