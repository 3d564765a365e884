"""Commands of a view as actions: the window puts them in its View menu, and the palette finds them there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Command:
    """One command. Commands of one `group` are exclusive choices; `checkable` ones are on or off."""

    name: str
    text: str
    shortcut: str
    tip: str
    run: Callable[[], object]
    checkable: bool = False
    group: str = ""


def make_commands(owner: QWidget, prefix: str, commands: Iterable[Command]) -> dict[str, QAction]:
    """Name -> action. Their keys mean something while the view has the focus, so that views can share them."""
    made: dict[str, QAction] = {}
    groups: dict[str, QActionGroup] = {}
    for command in commands:
        action = QAction(command.text, owner)
        action.setObjectName(f"{prefix}.{command.name}")
        sequence = QKeySequence(command.shortcut)
        action.setShortcut(sequence)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{command.tip} ({sequence.toString(QKeySequence.SequenceFormat.NativeText)})")
        action.setStatusTip(command.tip)
        if command.checkable or command.group:
            action.setCheckable(True)
        if command.group:
            groups.setdefault(command.group, QActionGroup(owner)).addAction(action)
        action.triggered.connect(lambda _checked=False, run=command.run: run())
        owner.addAction(action)
        made[command.name] = action
    return made
