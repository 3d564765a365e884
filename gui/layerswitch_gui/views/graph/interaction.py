"""What clicks, keys and the menu do on the layer graph: selections and edits, sent to the document."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu

from ...widgets.device_letters import letter
from ...widgets.text_safety import in_menu
from . import keyboard_navigation
from .drawn_graph import blocks

if TYPE_CHECKING:
    from .graph_panel import GraphView

_ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Interaction(QObject):
    """Listens to the view's canvas. Remembers only which card the keyboard is at."""

    def __init__(self, view: "GraphView") -> None:
        super().__init__(view)
        self._view = view
        self.current = ""
        canvas = view.canvas
        canvas.picked.connect(self._pick)
        canvas.banded.connect(self._band)
        canvas.badge_clicked.connect(self.flip)
        canvas.activated.connect(self._activate)
        canvas.tag_clicked.connect(view.fold)
        canvas.menu_asked.connect(self._menu)
        canvas.key_pressed.connect(self._key)

    def flip(self, key: str) -> None:
        """Put a card's layers on their other device; a folded block goes where its first layer is not."""
        document, names = self._view.document, self._view.scene.layers_of([key])
        if len(names) == 1:
            document.flip(names)
        else:
            document.assign(names, document.other_device(names[0]))

    def go(self, key: str, *, extend: bool = False) -> None:
        """Select a card's layers (beside those selected, to extend) and bring it into view."""
        self.current = key
        held = self._view.document.selection if extend else ()
        self._view.document.select([*held, *self._view.scene.layers_of([key])])
        self._view.canvas.reveal(self._view.scene.nodes[key])

    def here(self) -> str:
        """The card the keyboard is at: the last one gone to, or the last one selected; "" if none is."""
        keys = self._view.scene.keys_of(self._view.document.selection)
        return self.current if self.current in keys else keys[-1] if keys else ""

    def _activate(self, key: str) -> None:
        node = self._view.scene.nodes[key].node
        if node.folded:
            self._view.fold(node.block)
        else:
            self.flip(key)

    def _pick(self, key: str, modifiers: Qt.KeyboardModifier) -> None:
        self._view.canvas.setFocus()
        names = self._view.scene.layers_of([key]) if key else []
        held = list(self._view.document.selection)
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            names = [name for name in held if name not in names] + [name for name in names if name not in held]
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            names = [*held, *names]
        self.current = key
        self._view.document.select(names)

    def _band(self, keys: list[str], modifiers: Qt.KeyboardModifier) -> None:
        document = self._view.document
        held = document.selection if modifiers & Qt.KeyboardModifier.ControlModifier else ()
        inside = set(self._view.scene.layers_of(keys))
        document.select([*held, *(layer for layer in document.assignment if layer in inside)])

    def _key(self, event: QKeyEvent) -> None:
        view, document, key = self._view, self._view.document, event.key()
        arrows: dict[int, keyboard_navigation.Move] = dict(
            zip(_ARROWS, keyboard_navigation.moves(view.direction), strict=True)
        )
        arrows |= {Qt.Key.Key_Home: "first", Qt.Key.Key_End: "last"}
        devices = {letter(device, document.devices): device for device in document.devices}
        if key in arrows and view.scene.nodes:
            here = self.here()
            reached = (
                keyboard_navigation.step(view.scene, here, arrows[key]) if here else view.scene.picture.nodes[0].key
            )
            self.go(reached, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif (device := devices.get(event.text().upper())) and document.selection:
            document.assign(document.selection, device)
        elif key in _RETURN and document.selection:
            document.flip(document.selection)
        elif key == Qt.Key.Key_Space and (here := self.here()) and (block := view.scene.nodes[here].node.block):
            view.fold(block)
        elif key == Qt.Key.Key_Escape:
            document.select(())
        else:
            return
        event.accept()

    def _menu(self, key: str, spot: QPoint) -> None:
        if not key:
            return
        view, document = self._view, self._view.document
        if not set(view.scene.layers_of([key])) & set(document.selection):
            self._pick(key, Qt.KeyboardModifier.NoModifier)
        chosen = document.selection
        menu = QMenu(view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for device in document.devices:
            pressed = letter(device, document.devices)
            menu.addAction(f"Put on {in_menu(device)}\t{pressed}", partial(document.assign, chosen, device))
        menu.addAction("Flip\tReturn", lambda: document.flip(chosen))
        pinned = all(name in document.pins for name in chosen)
        menu.addAction("Unpin" if pinned else "Pin", lambda: (document.unpin if pinned else document.pin)(chosen))
        self._add_block(menu, key)
        self._add_readers(menu, key)
        menu.popup(spot)

    def _add_block(self, menu: QMenu, key: str) -> None:
        view, document = self._view, self._view.document
        node, graph = view.scene.nodes[key].node, document.graph
        if graph is None or not node.block:
            return
        members = [layer.name for layer in graph.layers if layer.block == node.block]
        menu.addSeparator()
        if node.block in blocks(graph):
            menu.addAction(f"{'Unfold' if node.folded else 'Fold'} block\tSpace", lambda: view.fold(node.block))
        menu.addAction("Select block", lambda: document.select(members))
        for device in document.devices:
            menu.addAction(f"Put block on {in_menu(device)}", partial(document.assign, members, device))

    def _add_readers(self, menu: QMenu, key: str) -> None:
        """Entries that follow a tensor to the cards that read it, and back."""
        links = self._view.scene.picture.links
        menu.addSeparator()
        for title, others in (
            ("Go to reader", [link.target for link in links if link.source == key]),
            ("Go to source", [link.source for link in links if link.target == key]),
        ):
            if others:
                below = menu.addMenu(title)
                for other in others:
                    below.addAction(in_menu(self._view.scene.nodes[other].node.title), partial(self.go, other))
