"""The panels around the layer graph: how they are arranged at first, and what a person made of that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from ..platform.preferences import Preferences
from ..platform.theme import Theme

TITLES = (
    "Inspector",
    "Latency",
    "Layers",
    "Timeline",
    "Switches",
    "Comparison",
    "Roofline",
    "Attributes",
    "Refinement",
)
CHARTS = (
    "Latency",
    "Timeline",
    "Switches",
    "Roofline",
    "Attributes",
)  # beside the tables, where there is room for both
LAYOUT_VERSION = 1
WIDE, LOW = 115, 42  # lines of text: from this width on a window is wide, below this height it is low

Kind = Literal["usual", "wide", "low"]


class Docks(QObject):
    """Nine panels by their titles; `widgets` are the docks.

    usual: charts and tables share the place under the graph, the inspector stands beside it. wide: a deep graph keeps
    the window's whole height, with charts and tables one above the other beside it. low (or with large text): all
    share one place beside the graph, which would be a strip above them. People move them as they like; then they stay.
    """

    def __init__(self, window: QMainWindow, theme: Theme, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._theme, self._preferences = window, theme, preferences
        self.widgets: dict[str, QDockWidget] = {title: self._make(title) for title in TITLES}
        self.hidden: set[str] = set(preferences.get("hidden", []))  # that a person closed
        self.kind: Kind | None = None  # as arranged here; None where a person did, or nothing is shown yet
        self._busy = False
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        for area in (Qt.DockWidgetArea.BottomDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea):
            window.setTabPosition(area, QTabWidget.TabPosition.North)
        self._place("usual")
        self.hide()
        for dock in self.widgets.values():
            dock.dockLocationChanged.connect(self._take_move)
            dock.topLevelChanged.connect(self._take_move)

    def _make(self, title: str) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(title)
        dock.visibilityChanged.connect(lambda seen: _show_content(dock, seen))
        return dock

    def set_panel(self, title: str, panel: QWidget) -> None:
        """Put a panel in its place."""
        self.widgets[title].setWidget(panel)

    # arranging -------------------------------------------------------------------------------------------------------

    def fitting(self) -> Kind:
        """The arrangement that suits the window's size, in lines of its text."""
        line = QFontMetrics(self._theme.font()).height()
        if self._window.height() < LOW * line:
            return "low"
        return "wide" if self._window.width() >= WIDE * line else "usual"

    def show(self) -> None:
        """Show the panels that nobody closed, arranged for the window if nobody has arranged them."""
        if not self._restored and self.kind is None:
            self.arrange()
            return
        with self._arranging():
            self._reveal()

    def hide(self) -> None:
        """Show the start page alone."""
        with self._arranging():
            for dock in self.widgets.values():
                dock.hide()

    def note_hidden(self) -> None:
        """Remember which ones are closed now."""
        self.hidden = {name for name, dock in self.widgets.items() if dock.isHidden()}

    def arrange(self) -> None:
        """Put every panel where it belongs in a window of this size."""
        kind = self.fitting()
        with self._arranging():
            self._place(kind)
            self._reveal()
        self.kind = kind
        self._share()
        QTimer.singleShot(0, self, self._share)  # docks shown just now have no size yet

    def reset(self, *, show: bool) -> None:
        """Forget what a person made of it."""
        self.hidden, self._restored, self.kind = set(), False, None
        if show:
            self.arrange()

    def adapt(self) -> None:
        """The window or its text has another size: arrange again, unless a person has."""
        if self.kind is not None and self.kind != self.fitting():
            self.arrange()

    @contextmanager
    def _arranging(self) -> Iterator[None]:
        before, self._busy = self._busy, True
        yield
        self._busy = before

    def _take_move(self) -> None:
        if not self._busy and self.kind is not None:
            self.kind = None
            self._restored = True

    def _place(self, kind: Kind) -> None:
        window, docks = self._window, self.widgets
        bottom, right = Qt.DockWidgetArea.BottomDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        for dock in docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        others = [title for title in TITLES if title not in ("Inspector", "Latency")]
        if kind == "low":
            window.addDockWidget(right, docks["Latency"])
            groups = [["Latency", "Inspector", *others]]
        elif kind == "wide":
            window.addDockWidget(right, docks["Latency"])
            window.splitDockWidget(docks["Latency"], docks["Inspector"], Qt.Orientation.Horizontal)
            tables = [title for title in others if title not in CHARTS]
            window.splitDockWidget(docks["Latency"], docks[tables[0]], Qt.Orientation.Vertical)
            groups = [list(CHARTS), tables]
        else:
            window.addDockWidget(right, docks["Inspector"])
            window.addDockWidget(bottom, docks["Latency"])
            groups = [["Latency", *others]]
        for first, *rest in groups:
            for title in rest:
                window.tabifyDockWidget(docks[first], docks[title])

    def _reveal(self) -> None:
        for name, dock in self.widgets.items():
            dock.setVisible(name not in self.hidden)
        for title in ("Layers", "Latency"):
            if title not in self.hidden:
                self.widgets[title].raise_()
        for bar in self._window.findChildren(QTabBar):  # Qt makes them when docks first share a place
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)

    def _share(self) -> None:
        window, docks, scale = self._window, self.widgets, self._theme.scale
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        inspector = round(min(0.3 * window.width(), 330 * max(1.0, scale)))
        if self.kind == "low":
            window.resizeDocks([docks["Latency"]], [round(0.5 * window.width())], across)
        elif self.kind == "wide":
            charts = round(0.6 * (window.width() - inspector))
            window.resizeDocks([docks["Latency"], docks["Inspector"]], [charts, inspector], across)
            half = window.height() // 2
            window.resizeDocks([docks["Latency"], docks["Layers"]], [half, half], down)
        elif self.kind == "usual":
            window.resizeDocks([docks["Inspector"]], [inspector], across)
            window.resizeDocks([docks["Latency"]], [round((0.36 if scale < 1.4 else 0.42) * window.height())], down)

    # remembering -----------------------------------------------------------------------------------------------------

    _restored = False  # as a person left them

    def restore(self) -> None:
        """Where they were when the window was last closed."""
        state = self._preferences.get("state")
        if isinstance(state, QByteArray):
            with self._arranging():
                self._restored = self._window.restoreState(state, LAYOUT_VERSION)
            self.hide()

    def remember(self, *, shown: bool) -> None:
        """Keep it for the next start."""
        if shown:
            self.note_hidden()
            self._preferences.set("state", self._window.saveState(LAYOUT_VERSION))
        self._preferences.set("hidden", sorted(self.hidden))


def _show_content(dock: QDockWidget, seen: bool) -> None:
    """Hide what a dock holds while it is behind another tab: Qt leaves it visible there, and it would go on drawing."""
    if dock.widget() is not None:
        content = dock.widget()
        policy = content.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # else the docks shrink whenever another tab comes forward
        content.setSizePolicy(policy)
        content.setVisible(seen)
