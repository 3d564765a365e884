"""The edits of each device of the board: CPU and GPU stand in `actions.SPECS`, an NPU's come and go with its board."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from ..views.graph.node_colours import letter
from ..widgets.text_safety import in_menu, plain
from .palette import all_actions

if TYPE_CHECKING:
    from .main_window import MainWindow

TABLED = {"CPU": "cpu", "GPU": "gpu"}
"""Devices whose actions stand in the table, and how those end."""
EDITS = ("assign", "block", "type", "reset")


class DeviceActions(QObject):
    """Keeps the menus in step with the devices of the open profile. Keys are the device's letter, where it is free."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._devices: tuple[str, ...] = ()
        self._made: list[QAction] = []
        document = window.document
        for signal in (document.graph_changed, document.profile_changed):
            signal.connect(self.refresh)
        document.selection_changed.connect(self._enable)
        self.refresh()

    def refresh(self) -> None:
        """Show the actions of exactly the devices there are."""
        devices, window = self._window.document.devices, self._window
        if devices == self._devices:
            self._enable()
            return
        self._devices = devices
        for action in self._made:
            for menu in ("&Edit", "&Assignment"):
                window.actions_.menus[menu].removeAction(action)
            action.deleteLater()
        self._made = []
        for device, ending in TABLED.items():
            for edit in EDITS:
                window.actions_[f"{edit}_{ending}"].setVisible(device in devices)
        used = {action.shortcut().toString() for _, action in all_actions(window)}
        for device in devices:
            if device not in TABLED:
                self._make(device, used)
        self._enable()

    def _make(self, device: str, used: set[str]) -> None:
        window, key = self._window, letter(device, self._devices)
        document, handlers = window.document, window.handlers
        for edit, text, keys, tip, run in (
            ("assign", "Selection to", "", "Run the selected layers on the", lambda: document.assign(
                document.selection, device)),
            ("block", "Whole block to", "Shift+", "Run the blocks of the selected layers on the",
             lambda: handlers.edits.assign_like("block", device)),
            ("type", "All of this type to", "Ctrl+Alt+", "Run every layer of the selected types on the",
             lambda: handlers.edits.assign_like("type", device)),
            ("reset", "All on", "Ctrl+Alt+Shift+", "Put every layer on the", lambda: handlers.edits.all_on(device)),
        ):  # fmt: skip
            action = QAction(f"{text} {in_menu(device)}", window)
            action.setObjectName(f"{edit}:{device}")
            sequence = QKeySequence(keys + key).toString()
            if sequence not in used:
                action.setShortcut(QKeySequence(sequence))
            action.setToolTip(plain(f"{tip} {device}" + (f" ({sequence})" if sequence not in used else "")))
            action.setStatusTip(f"{tip} {device}")
            action.triggered.connect(lambda _checked=False, run=run: run())
            before = window.actions_["flip" if edit != "reset" else "reset_greedy"]
            window.actions_.menus["&Edit" if edit != "reset" else "&Assignment"].insertAction(before, action)
            self._made.append(action)

    def _enable(self) -> None:
        document = self._window.document
        for action in self._made:
            whole = action.objectName().startswith("reset:")
            action.setEnabled(document.graph is not None if whole else bool(document.selection))
