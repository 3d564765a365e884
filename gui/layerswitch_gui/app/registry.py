"""The one registry of commands: every menu is made from it; palette, toolbars, the page of keys and tests read it."""

from collections.abc import Iterable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from ..widgets.commands import Command, Commands
from ..widgets.text_safety import unmarked

Entry = Command | str
"""What stands in a menu: a command, or a line between two."""
LINE = ""


class Registry(Commands):
    """The window's commands by id, in the menus they belong to; `registry["profile"]` is an action.

    Menus are named by their path: "&File", "&View/Panels". Views and boards contribute theirs as they come.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._bar = window.menuBar()
        self._menus: dict[str, QMenu] = {}

    def menu(self, path: str) -> QMenu:
        """The menu of that path, made when first asked for."""
        if path not in self._menus:
            above, _, title = path.rpartition("/")
            self._menus[path] = made = (self.menu(above) if above else self._bar).addMenu(title)
            made.setToolTipsVisible(True)
        return self._menus[path]

    def add(self, path: str, entries: Iterable[Entry], *, before: str = "") -> None:
        """Put commands in a menu: at its end, or before one that is there."""
        menu = self.menu(path)
        for entry in entries:
            if isinstance(entry, str):
                menu.addSeparator()
            elif before:
                menu.insertAction(self[before], self.make(entry))
            else:
                menu.addAction(self.make(entry))

    def contribute(self, path: str, actions: Iterable[QAction]) -> None:
        """Put actions in a menu that somebody else has made: a view, or Qt for a panel."""
        self.menu(path).addActions(list(actions))

    def listed(self) -> list[tuple[str, QAction]]:
        """(menu path with text, action) of everything that can be seen in the menus, in their order."""
        found: list[tuple[str, QAction]] = []

        def walk(actions: list[QAction], path: str) -> None:
            for action in actions:
                text, menu = unmarked(action.text()).rstrip("…"), action.menu()
                if isinstance(menu, QMenu):
                    walk(menu.actions(), f"{path}{text} › ")
                elif action.isVisible() and text:
                    found.append((f"{path}{text}", action))

        walk(self._bar.actions(), "")
        return found


def toolbar_copy(action: QAction) -> QAction:
    """The same for the toolbar, which is laid out again whenever an action says something else, as undo does."""
    copy = QAction(action.iconText(), action.parent())
    copy.setToolTip(action.toolTip())
    copy.setStatusTip(action.statusTip())
    copy.triggered.connect(lambda _checked=False: action.trigger())
    copy.setEnabled(action.isEnabled())
    action.enabledChanged.connect(copy.setEnabled)
    return copy
