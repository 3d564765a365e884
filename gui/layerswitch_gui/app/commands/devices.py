"""The edits of each device of the board: CPU and GPU always have theirs, an NPU's come and go with its board."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from ...document.document import Document
from ...widgets.commands import Command
from ...widgets.device_letters import letter
from ...widgets.text_safety import in_menu
from ..registry import Registry
from .selection import alike

EDITS = {  # name: title, what is pressed with the device's letter, tip
    "assign": ("Selection to", "", "Run the selected layers on the"),
    "block": ("Whole block to", "Shift+", "Run the blocks of the selected layers on the"),
    "type": ("All of this type to", "Ctrl+Alt+", "Run every layer of the selected types on the"),
    "reset": ("All on", "Ctrl+Alt+Shift+", "Put every layer on the"),
}
ALWAYS = ("CPU", "GPU")
"""Devices whose commands have places and marked letters of their own in the menus."""
MARKED = {
    "assign_cpu": "Selection to &CPU", "assign_gpu": "Selection to &GPU",
    "block_cpu": "Whole block to C&PU", "block_gpu": "Whole block to GP&U",
    "type_cpu": "All of this t&ype to CPU", "type_gpu": "All of this type to &GPU",
    "reset_cpu": "All on &CPU", "reset_gpu": "All on &GPU",
}  # fmt: skip
KEYS = {"reset_cpu": "Ctrl+2", "reset_gpu": "Ctrl+3"}
"""Keys that are not made of the device's letter."""


def device_commands(document: Document, edit: str) -> tuple[Command, ...]:
    """An edit of CPU and of GPU, shown while the board has the device."""
    return tuple(_command(document, edit, device, device[0]) for device in ALWAYS)


def _command(document: Document, edit: str, device: str, pressed: str) -> Command:
    title, keys, tip = EDITS[edit]
    always = device in ALWAYS
    name = f"{edit}_{device.lower()}" if always else f"{edit}:{device}"
    return Command(
        name,
        MARKED.get(name, f"{title} {in_menu(device)}"),
        KEYS.get(name, keys + pressed if pressed else ""),
        f"{tip} {device}",
        lambda: _edit(document, edit, device),
        lambda: document.graph is not None if edit == "reset" else bool(document.selection),
        lambda: device in document.devices,
        short=f"to {device}" if edit == "assign" else "",
    )


def _edit(document: Document, edit: str, device: str) -> None:
    if edit == "assign":
        document.assign(document.selection, device)
    elif edit == "reset":
        document.load(dict.fromkeys(document.assignment, device), f"Put everything on {device}")
    else:
        wanted, layers = alike(document, edit)
        if len(wanted) == 1:
            what = f"block {wanted[0]}" if edit == "block" else f"every {wanted[0]}"
        else:
            what = f"{len(wanted) or len(layers)} {'layers' if not wanted else edit + 's'}"
        document.load(dict.fromkeys(layers, device), f"Put {what} on {device}")


class FurtherDevices(QObject):
    """Keeps the registry in step with the open profile. Keys are the device's letter, where they are free."""

    def __init__(self, registry: Registry, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._registry, self._document = registry, document
        self._devices: tuple[str, ...] = ()
        self.names: list[str] = []  # of the commands made here
        for signal in (document.graph_changed, document.profile_changed):
            signal.connect(self.refresh)

    def refresh(self) -> None:
        """Have the commands of exactly the devices there are."""
        devices, registry = self._document.devices, self._registry
        if devices == self._devices:
            return
        self._devices = devices
        for name in self.names:
            registry.remove(name)
        self.names = []
        registry.refresh()
        used = {action.shortcut().toString() for _, action in registry.listed()}
        for device in devices:
            if device not in ALWAYS:
                for edit in EDITS:
                    self._add(edit, device, used)

    def _add(self, edit: str, device: str, used: set[str]) -> None:
        pressed = letter(device, self._devices)
        free = QKeySequence(EDITS[edit][1] + pressed).toString() not in used
        command = _command(self._document, edit, device, pressed if free else "")
        menu, before = ("&Assignment", "reset_greedy") if edit == "reset" else ("&Edit", "flip")
        self._registry.add(menu, (command,), before=before)
        self.names.append(command.id)
