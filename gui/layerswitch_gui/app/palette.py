"""The command palette (Ctrl+K): every action of the menus, found by typing parts of its name."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from .registry import Registry


def matches(query: str, text: str) -> bool:
    """Whether every word of the query occurs in the text, whatever the case and order."""
    lowered = text.lower()
    return all(word in lowered for word in query.lower().split())


class CommandPalette(QDialog):
    """A line to type in, and the commands that fit; Enter runs the chosen one."""

    def __init__(self, registry: Registry) -> None:
        window = registry.owner
        super().__init__(window)
        self.setWindowTitle("Commands")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = registry.listed()
        self.line = QLineEdit()
        self.line.setPlaceholderText("Type what you want to do")
        self.line.setAccessibleName("Command to find")
        self.list = QListWidget()
        self.list.setAccessibleName("Commands found")
        self.list.setUniformItemSizes(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.resize(min(620, window.width() - 40), 420)
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self._run)
        self.line.installEventFilter(self)
        self.list.itemActivated.connect(self._run)
        self._fill("")

    def _fill(self, query: str) -> None:
        self.list.clear()
        known = [(text, action) for text, action in self._actions if action.objectName() != "palette"]
        named = [(text, action) for text, action in known if matches(query, text)]
        hinted = [(text, action) for text, action in known if matches(query, action.toolTip())]
        for text, action in dict.fromkeys((*named, *hinted)):
            shortcut = action.shortcut().toString()
            item = QListWidgetItem(f"{text}    {shortcut}" if shortcut else text)
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setToolTip(action.toolTip())
            if not action.isEnabled():
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
        # never fall through to something that only its tooltip suggests, when what was named cannot run now
        rows = range(len(named) or self.list.count())
        enabled = (row for row in rows if self.list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled)
        self.list.setCurrentRow(next(enabled, 0))

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            action = item.data(Qt.ItemDataRole.UserRole)
            self.accept()
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list while the cursor stays in the line."""
        moving = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
        if not (watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress):
            return super().eventFilter(watched, event)
        if event.key() in moving:
            self.list.keyPressEvent(event)
        return event.key() in moving


def open_palette(registry: Registry) -> QWidget:
    """Show the palette over the window whose commands these are."""
    palette = CommandPalette(registry)
    palette.open()
    palette.line.setFocus()
    return palette
