"""The main window: it only arranges. What happens is in `handlers.py`, `workflow.py` and `document.py`."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from ..document.autosave import Recovery
from ..document.document import Document
from ..document.numbered_variants import Variants
from ..jobs.analysis import Analysis
from ..jobs.lazy_library import Services
from ..jobs.reachability import Answering
from ..jobs.refinement import Refining
from ..jobs.workflow import Workbench
from ..platform.preferences import Preferences
from ..platform.theme import Theme
from ..views.comparison.comparison_panel import ComparisonPanel
from ..views.inspector.inspector import Inspector
from ..views.inspector.why import Why
from ..views.refinement.refinement_panel import RefiningPanel
from ..views.start.start_page import StartPage
from ..views.summary.summary_strip import SummaryStrip
from ..views.summary.what_if import WhatIf
from ..widgets.stable_layout import Still
from .actions import Actions
from .choosers import Choices
from .device_actions import DeviceActions
from .docks import Docks
from .handlers import Handlers
from .lazy_views import Views
from .message_bar import MessageBar
from .running_jobs import WorkPanel
from .user_boards import OwnBoards


class MainWindow(QMainWindow):
    """Start page or layer graph in the middle, the other views in docks, summary above, running work below."""

    closed = Signal()

    def __init__(
        self, theme: Theme, *, services: Services | None = None, preferences: Preferences | None = None
    ) -> None:
        super().__init__()
        self.theme = theme
        self.preferences = preferences or Preferences(remember=False)
        self.document = Document(self)
        self.workbench = Workbench(self.document, services, self)
        self.analysis = Analysis(self.workbench, self)
        self.refining = Refining(self.workbench, self)
        self.setAcceptDrops(True)
        self.graph_view: Any = None
        self.recovery: Recovery | None = None  # set by `app.run`: tests and pictures leave nothing in people's folders
        self._make_centre()
        self.panels = Docks(self)
        self._make_panels()
        self.handlers = Handlers(self)
        self.actions_ = Actions(self, self.handlers.table())
        self._make_bars()
        self.views = Views(self)
        self.handlers.connect()
        self.device_actions = DeviceActions(self)
        self.own_boards = OwnBoards(self)
        self.answering = Answering(self)
        self.variants = Variants(self)
        self.variants.refresh()
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

    def _make_panels(self) -> None:
        inspector = Inspector(self.document, self.theme)
        why = Why(self.document, self.theme, self.analysis)
        why.roofline_asked.connect(lambda: self.bring("Roofline"))
        inspector.add_reasons(why)
        self.panels.set_panel("Inspector", inspector)
        self.panels.set_panel("Comparison", ComparisonPanel(self.document, self.theme))
        self.panels.set_panel("Refinement", RefiningPanel(self.document, self.refining))

    @property
    def docks(self) -> dict[str, QDockWidget]:
        """The panels' docks by their titles."""
        return self.panels.widgets

    def bring(self, title: str) -> None:
        """Show a panel, in front of those it shares its place with."""
        self.docks[title].show()
        self.docks[title].raise_()

    def _make_bars(self) -> None:
        self.toolbar = QToolBar("Main", self)
        self.toolbar.setObjectName("toolbar")
        self.toolbar.setMovable(False)
        self.toolbar.toggleViewAction().setEnabled(False)
        self.toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.choices = Choices()
        self.toolbar.addWidget(self.choices)
        for keys in (
            ("profile", "rerun", "compare", "stop"),
            ("undo", "redo"),
            ("reset_optimum", "assign_cpu", "assign_gpu"),
        ):
            self.toolbar.addSeparator()
            self.toolbar.addActions(
                [_still(self.actions_[key]) if "undo" in keys else self.actions_[key] for key in keys]
            )
        self.addToolBar(self.toolbar)
        self.addToolBarBreak()
        self.summary = SummaryStrip(self.document, self.theme)
        self.summary_bar = QToolBar("Summary", self)
        self.summary_bar.setObjectName("summary")
        self.summary_bar.setMovable(False)
        self.summary_bar.toggleViewAction().setEnabled(False)
        self.summary_bar.addWidget(Still(self.summary))
        self.addToolBar(self.summary_bar)
        self.summary_bar.hide()
        self.work = WorkPanel(self.workbench.runner)
        self.what_if = WhatIf(self.document)
        self.what_if.asked.connect(self.workbench.what_if)
        self.statusBar().addPermanentWidget(self.what_if)
        self.statusBar().addPermanentWidget(self.work)
        panels = self.actions_.menu(self, "&View").addMenu("Panels")
        for number, dock in enumerate(self.docks.values(), start=1):
            toggle = dock.toggleViewAction()
            toggle.setShortcut(f"Alt+{number}")
            toggle.setToolTip(f"Show or hide the panel {dock.windowTitle()} (Alt+{number})")
            panels.addAction(toggle)

    def view_makers(self) -> tuple[Callable[[], None], ...]:
        """What makes each view that loads pyqtgraph, one short step of the interface thread each."""

        def graph() -> None:
            from ..views.graph.graph_panel import GraphView

            view = GraphView(self.document, self.theme)
            self.stack.addWidget(view)
            self._offer_commands("&Graph", view, anywhere=("search", "next", "previous"))
            self.graph_view = view

        def latency() -> None:
            from ..views.charts import LatencyChart

            self.docks["Latency"].setWidget(LatencyChart(self.document, self.theme))

        def layers() -> None:
            from ..views.table import LayerTable

            self.docks["Layers"].setWidget(LayerTable(self.document, self.theme))

        def timeline() -> None:
            from ..views.charts import Timeline

            self.docks["Timeline"].setWidget(Timeline(self.document, self.theme))

        def switches() -> None:
            from ..views.charts import SwitchCurve

            curve = SwitchCurve(self.document, self.theme)
            curve.wanted.connect(lambda: self.workbench.curve(curve.show_points))
            self.docks["Switches"].setWidget(curve)

        def roofline() -> None:
            from ..views.charts.roofline_chart import RooflineChart

            self.docks["Roofline"].setWidget(RooflineChart(self.document, self.theme, self.analysis))

        def attributes() -> None:
            from ..views.charts.attributes_chart import AttributesChart

            self.docks["Attributes"].setWidget(AttributesChart(self.document, self.theme, self.analysis))

        def commands() -> None:
            for title, dock in self.docks.items():
                self._offer_commands(title, dock.widget())
            comparison: Any = self.docks["Comparison"].widget()
            comparison.colour_asked.connect(
                lambda one, other: self.graph_view.compare_to(other.name, other.assignment, (one.name, one.assignment))
            )

        return graph, latency, layers, timeline, switches, roofline, attributes, commands

    def _offer_commands(self, title: str, view: Any, *, anywhere: tuple[str, ...] = ()) -> None:
        """Put a view's own commands in the View menu; they answer their keys while the view has the focus."""
        commands: dict[str, QAction] = getattr(view, "commands", {})
        if commands:
            menu = self.actions_.menu(self, "&View").addMenu(title)
            menu.setToolTipsVisible(True)
            menu.addActions(list(commands.values()))
        for name in anywhere:
            commands[name].setShortcutContext(Qt.ShortcutContext.WindowShortcut)

    def show_network(self) -> None:
        """Bring the graph to the front, and the panels with it, as soon as they are made."""
        self.views.when_ready(self._bring_forward)

    def _bring_forward(self) -> None:
        if self.document.graph is not None and self.stack.currentWidget() is not self.graph_view:
            self.stack.setCurrentWidget(self.graph_view)
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

    def reset_layout(self) -> None:
        """Put every panel back where it was at first."""
        self.panels.reset(show=self.stack.currentWidget() is self.graph_view)

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
        self.panels.remember(shown=self.stack.currentWidget() is self.graph_view)

    # events ----------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if _file_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a dropped model, session or profile."""
        if path := _file_of(event.mimeData()):
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda: self.handlers.open_path(path))

    def changeEvent(self, event: QEvent) -> None:
        """Maximized or not, the panels fit the window, unless a person has arranged them."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            QTimer.singleShot(0, self.panels, self.panels.adapt)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask when something runs or is unsaved; then stop everything."""
        if not self.handlers.may_close():
            event.ignore()
            return
        self._remember()
        self.own_boards.close()
        self.workbench.runner.shut_down()
        if self.recovery is not None:
            self.recovery.finish()
        event.accept()
        self.closed.emit()


def _still(action: QAction) -> QAction:
    """The same for the toolbar, which is laid out anew whenever an action says something else, as undo does."""
    copy = QAction(action.iconText(), action.parent())
    copy.setToolTip(action.toolTip())
    copy.setStatusTip(action.statusTip())
    copy.triggered.connect(lambda _checked=False: action.trigger())
    action.enabledChanged.connect(copy.setEnabled)
    return copy


def _file_of(data: QMimeData) -> str:
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")
