"""Command: one thing a person can have done, with its key and tip; and `Commands`, the actions made of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from .text_safety import plain, unmarked


def always() -> bool:
    """For what can be done, and is shown, at any time."""
    return True


@dataclass(frozen=True)
class Command:
    """One command. Its predicates are asked again by `Commands.refresh`.

    Commands of one `group` are exclusive choices, `checkable` ones are on or off; `checked` says which is on where
    something else than the action knows it. `short` is what a toolbar's button says. A view's command answers its key
    while the view has the focus, unless it answers `anywhere` in the window.
    """

    id: str
    title: str
    key: str
    tip: str
    run: Callable[[], object]
    enabled: Callable[[], bool] = always
    visible: Callable[[], bool] = always
    checked: Callable[[], bool] | None = None
    checkable: bool = False
    group: str = ""
    short: str = ""
    anywhere: bool = False


class Commands:
    """Commands with a QAction each; `commands["fit"]`. Those of a view have its name as a `prefix`: "graph.fit"."""

    def __init__(self, owner: QWidget, prefix: str = "", commands: Iterable[Command] = ()) -> None:
        self.owner, self.prefix = owner, prefix
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        for command in commands:
            self.make(command)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    @property
    def actions(self) -> list[QAction]:
        """The actions, in the commands' order."""
        return list(self._actions.values())

    def make(self, command: Command) -> QAction:
        """The action of one more command."""
        action = QAction(command.title, self.owner)
        action.setObjectName(f"{self.prefix}.{command.id}" if self.prefix else command.id)
        sequence = QKeySequence(command.key)
        action.setShortcut(sequence)
        if self.prefix and not command.anywhere:  # other views give the same key another meaning
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key = sequence.toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(plain(f"{command.tip} ({key})" if key else command.tip))
        action.setStatusTip(command.tip)
        action.setIconText(command.short or unmarked(command.title).rstrip("…"))
        action.setCheckable(command.checkable or bool(command.group))
        if command.group:
            self._groups.setdefault(command.group, QActionGroup(self.owner)).addAction(action)
        action.triggered.connect(lambda _checked=False: self._run(command))
        if self.prefix:
            self.owner.addAction(action)
        self._commands[command.id], self._actions[command.id] = command, action
        self._refresh(command, action)
        return action

    def remove(self, name: str) -> None:
        """Take a command away: its action goes from every menu."""
        del self._commands[name]
        action = self._actions.pop(name)
        action.setVisible(False)  # at once, and its key with it
        action.deleteLater()

    def refresh(self) -> None:
        """Enable, show and check exactly what makes sense now."""
        for name, command in self._commands.items():
            self._refresh(command, self._actions[name])

    def _refresh(self, command: Command, action: QAction) -> None:
        if command.enabled is not always:
            action.setEnabled(command.enabled())
        if command.visible is not always:
            action.setVisible(command.visible())
        if command.checked is not None and command.checked():
            action.setChecked(True)

    def _run(self, command: Command) -> None:
        command.run()
        if command.checked is not None:  # a click has checked it, whatever came of it
            self.refresh()
