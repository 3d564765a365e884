"""The main window: it only arranges. What happens is in `commands`, `opening.py`, the jobs and the document."""

from PySide6.QtCore import QByteArray, QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from layerswitch.errors import LayerSwitchError

from ..dialogs.questions import Questions
from ..document.autosave import Recovery
from ..document.document import Document
from ..document.numbered_variants import Variants
from ..jobs.analysis import Analysis
from ..jobs.lazy_library import Services
from ..jobs.reachability import Reachability
from ..jobs.refinement import Refining
from ..jobs.workflow import Workbench
from ..platform.preferences import Preferences
from ..platform.theme import Theme
from ..views.start.start_page import StartPage
from ..views.summary.summary_strip import SummaryStrip
from ..views.summary.what_if import WhatIf
from ..widgets import formatting
from ..widgets.stable_layout import StableLayout
from ..widgets.text_safety import one_line
from .choosers import Choosers
from .commands import assignment, devices, edit, file, measure, view
from .commands.help import add_help_menu
from .context import Context
from .docks import Docks
from .exports import Exports
from .lazy_views import LazyViews
from .message_bar import MessageBar
from .opening import Opening
from .palette import open_palette
from .registry import Registry, toolbar_copy
from .running_jobs import RunningJobs
from .user_boards import UserBoards
from .views import Views

TOOLBAR = (("profile", "rerun", "compare", "stop"), ("undo", "redo"), ("reset_optimum", "assign_cpu", "assign_gpu"))


class MainWindow(QMainWindow):
    """Start page or layer graph in the middle, the other views in docks, summary above, running work below."""

    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        *,
        services: Services | None = None,
        preferences: Preferences | None = None,
        questions: Questions | None = None,
        attended: bool = True,
    ) -> None:
        super().__init__()
        self.theme = theme
        self.preferences = preferences or Preferences(remember=False)
        self.document = Document(self)
        self.workbench = Workbench(self.document, services, self)
        self.recovery: Recovery | None = None  # set by `app.run`: tests and pictures leave nothing in people's folders
        self.setAcceptDrops(True)
        self._make_centre()
        asking, show_error = questions or Questions(self), self.messages.show_error
        self.context = Context(self.document, self.workbench, asking, self.preferences, self, show_error, attended)
        self.analysis = Analysis(self.workbench, self)
        self.refining = Refining(self.workbench, self)
        self.opening = Opening(self.context, self)
        self.user_boards = UserBoards(self.context, self)
        self.reachability = Reachability(self.workbench, self)
        self.panels = Docks(self, theme, self.preferences)
        self._views = Views(self.context, theme, self.analysis, self.panels, self.stack)
        self._views.make_light(self.refining)
        self.exports = Exports(self.context, theme, self, self._views.view_of)
        self._make_status_bar()
        self._make_menus()
        self._make_bars()
        self.views = LazyViews(self._views.makers(self.commands), self.context, self)
        self._connect()
        self._restore()

    # arranging -------------------------------------------------------------------------------------------------------

    def _make_centre(self) -> None:
        self.messages = MessageBar()
        self.start_page = StartPage(self.theme)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start_page)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.messages)
        layout.addWidget(self.stack, 1)
        self.setCentralWidget(centre)

    def _make_status_bar(self) -> None:
        self.work = RunningJobs(self.workbench.runner)
        self.what_if = WhatIf(self.document)
        self.statusBar().addPermanentWidget(self.what_if)
        self.statusBar().addPermanentWidget(self.work)

    def _make_menus(self) -> None:
        self.commands = registry = Registry(self)
        file.add_file_menu(registry, self.context, self.opening, self.exports)
        edit.add_edit_menu(registry, self.context)
        self.variants = Variants(self.document)
        assignment.add_assignment_menu(registry, self.context, self.variants)
        measure.add_measure_menu(registry, self.context, self.refining, self.user_boards, self.reachability)
        view.add_view_menu(registry, self.context, self.opening, self.theme)
        add_help_menu(registry, self.context.questions)
        for number, dock in enumerate(self.docks.values(), start=1):
            toggle = dock.toggleViewAction()
            toggle.setShortcut(f"Alt+{number}")
            toggle.setToolTip(f"Show or hide the panel {dock.windowTitle()} (Alt+{number})")
            registry.contribute(f"{view.MENU}/Panels", (toggle,))
        self.further_devices = devices.FurtherDevices(registry, self.document, self)

    def _make_bars(self) -> None:
        self.toolbar, self.summary_bar = self._bar("Main", "toolbar"), self._bar("Summary", "summary")
        self.toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.choices = Choosers()
        self.toolbar.addWidget(self.choices)
        for names in TOOLBAR:
            self.toolbar.addSeparator()
            actions = [self.commands[name] for name in names]
            self.toolbar.addActions([toolbar_copy(one) for one in actions] if "undo" in names else actions)
        self.addToolBar(self.toolbar)
        self.addToolBarBreak()
        self.summary = SummaryStrip(self.document, self.theme)
        self.summary_bar.addWidget(StableLayout(self.summary))
        self.addToolBar(self.summary_bar)
        self.summary_bar.hide()

    def _bar(self, title: str, name: str) -> QToolBar:
        bar = QToolBar(title, self)
        bar.setObjectName(name)
        bar.setMovable(False)
        bar.toggleViewAction().setEnabled(False)
        return bar

    @property
    def docks(self) -> dict[str, QDockWidget]:
        """The panels' docks by their titles."""
        return self.panels.widgets

    @property
    def graph_view(self) -> QWidget | None:
        """The layer graph, once it is made."""
        return self._views.graph

    # connecting ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        document, bench, opening = self.document, self.workbench, self.opening
        for page in (self.start_page, self.choices):
            page.file_requested.connect(opening.ask_model)
            page.board_chosen.connect(opening.choose_board)
        self.start_page.board_requested.connect(self.user_boards.add)
        self.start_page.answers_requested.connect(lambda: self.reachability.ask(tell=True))
        self.start_page.open_requested.connect(opening.open)
        self.choices.model_chosen.connect(lambda name: opening.open(name))
        self.reachability.shown.connect(self._show_answer)
        self.user_boards.changed.connect(self.fill_choices)
        self.user_boards.saved.connect(opening.choose_board)
        self.what_if.asked.connect(bench.what_if)
        opening.begun.connect(self.messages.dismiss)
        opening.opened.connect(self._show_model)
        opening.board_asked.connect(self._show_board)
        bench.failed.connect(opening.failed)
        bench.planned.connect(self._say_plan)
        bench.compared.connect(lambda: self.docks["Comparison"].raise_())
        self.refining.refined.connect(lambda: self.bring("Refinement"))
        document.notice.connect(lambda text: self.statusBar().showMessage(one_line(text, 300), 8000))
        document.board_changed.connect(self._show_board)
        for signal in (document.graph_changed, document.modified_changed):
            signal.connect(self._show_title)
        for signal in (
            document.graph_changed, document.profile_changed, document.plan_changed, document.selection_changed,
            document.board_changed, document.names_changed, bench.runner.changed, bench.failed,
        ):  # fmt: skip
            signal.connect(self.commands.refresh)
        self._show_title()
        self.commands.refresh()

    def fill_choices(self) -> None:
        """Ask the library what networks and boards there are."""
        services = self.workbench.services
        try:
            models = [(model.name, model.title) for model in services.bundled_models()]
            entries = services.boards()
        except LayerSwitchError as error:
            self.messages.show_error("Start", error)
            return
        boards = [(entry.name, entry.title, str(entry.origin)) for entry in entries]
        self.start_page.fill(models, boards, self.preferences.recent)
        self.choices.fill(models, boards)
        self.reachability.fill(entries)
        if self.context.attended:
            self.reachability.ask()
        self.start_page.choose(self.start_page.models, str(self.preferences.get("model", "googlenet")))
        self._show_board()

    def _show_answer(self, name: str, mark: str, state: str, text: str) -> None:
        self.start_page.show_answer(name, f"{mark} {text}")
        self.choices.show_answer(name, mark, state, text)

    def _show_model(self) -> None:
        graph = self.document.graph
        self.choices.show_model(self.document.source, graph.name if graph else "")

    def _show_board(self) -> None:
        if self.document.entry is not None:
            name = self.document.entry.name
            self.choices.show_board(name)
            self.start_page.choose(self.start_page.boards, name)
        elif self.document.graph is not None:  # what is open was measured elsewhere
            self.choices.show_board("")

    def _show_title(self) -> None:
        graph = self.document.graph
        shown = one_line(graph.name).replace("[*]", "[*][*]") if graph else ""  # Qt's mark of what is unsaved
        self.setWindowTitle(f"{shown}[*] - LayerSwitch" if graph else "LayerSwitch[*]")
        self.setWindowModified(self.document.modified)

    def _say_plan(self) -> None:
        plan, document = self.document.plan, self.document
        if plan is not None:
            proven = (
                "proven optimal"
                if plan.optimal
                else f"not proven optimal; lower bound {formatting.ms(plan.lower_bound_ms)}"
            )
            counts = ", ".join(
                f"{formatting.counted(list(plan.assignment.values()).count(device), 'layer')} on {device}"
                for device in document.devices
            )
            document.notice.emit(
                f"The best assignment, {proven}: {counts}, {formatting.ms(plan.predicted_ms)} predicted"
            )

    # going somewhere: `Navigation` -----------------------------------------------------------------------------------

    def bring(self, title: str) -> None:
        """Show a panel, in front of those it shares its place with."""
        self.docks[title].show()
        self.docks[title].raise_()

    def show_network(self) -> None:
        """Bring the graph to the front, and the panels with it, as soon as they are made."""
        self.views.when_ready(self._bring_forward)

    def _bring_forward(self) -> None:
        graph = self.graph_view
        if self.document.graph is not None and graph is not None and self.stack.currentWidget() is not graph:
            self.stack.setCurrentWidget(graph)
            self.summary_bar.show()
            self.panels.show()

    def show_start(self) -> None:
        """Bring the start page to the front."""
        if self.stack.currentWidget() is self.start_page:
            return
        self.panels.note_hidden()
        self.panels.hide()
        self.start_page.fill_recent(self.preferences.recent)
        self.stack.setCurrentWidget(self.start_page)
        self.summary_bar.hide()

    def show_what_if(self) -> None:
        """Give the slider of the switch cost the keyboard."""
        self.what_if.slider.setFocus()

    def show_palette(self) -> None:
        """Offer every command to somebody who types."""
        open_palette(self.commands)

    def reset_layout(self) -> None:
        """Put every panel back where it was at first."""
        self.panels.reset(show=self.stack.currentWidget() is not self.start_page)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    # remembering -----------------------------------------------------------------------------------------------------

    def _restore(self) -> None:
        self.resize(1280, 800)
        geometry = self.preferences.get("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self.panels.restore()
        self.summary_bar.hide()  # the start page comes first, and there is nothing to sum up
        self.theme.changed.connect(self.panels.adapt)

    def _remember(self) -> None:
        self.preferences.set("geometry", self.saveGeometry())
        self.panels.remember(shown=self.stack.currentWidget() is not self.start_page)

    # events ----------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if _file_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a dropped model, session or profile."""
        if path := _file_of(event.mimeData()):
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda: self.opening.open(path))

    def changeEvent(self, event: QEvent) -> None:
        """Maximized or not, the panels fit the window, unless a person has arranged them."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            QTimer.singleShot(0, self.panels, self.panels.adapt)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask when something runs or is unsaved; then stop everything."""
        if not self.opening.saving.may_close():
            event.ignore()
            return
        self._remember()
        self.user_boards.close()
        self.workbench.runner.shut_down()
        if self.recovery is not None:
            self.recovery.finish()
        event.accept()
        self.closed.emit()


def _file_of(data: QMimeData) -> str:
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")
