"""Lays out pictures: small ones at once, large ones on a thread, so that the window never waits for a drawing."""

import threading

from PySide6.QtCore import QObject, QTimer, Signal

from .drawn_graph import Picture
from .layered_layout import Direction, Drawing, layout

AT_ONCE = 600  # cards; laying out that many takes about 10 ms
LOOK_MS = 5


def draw(picture: Picture, direction: Direction, size: tuple[float, float]) -> Drawing:
    """The drawing of a picture whose cards are all `size`."""
    return layout(
        [node.key for node in picture.nodes], ((link.source, link.target) for link in picture.links), direction, size
    )


class LayoutRunner(QObject):
    """Only the last drawing asked for is delivered.

    The thread puts its drawing into a plain list and a timer of the interface thread looks there, so a view may go
    away at any moment: no signal crosses threads.
    """

    drawn = Signal(object, object, str, object)  # picture, drawing, direction, size

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._box: list[Drawing] = []
        self._asked: tuple[Picture, Direction, tuple[float, float]] | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self._look)

    def ask(self, picture: Picture, direction: Direction, size: tuple[float, float]) -> None:
        """Lay a picture out; `drawn` follows, at once for small ones."""
        self._clock.stop()
        if len(picture.nodes) <= AT_ONCE:
            self.drawn.emit(picture, draw(picture, direction, size), direction, size)
            return
        box: list[Drawing] = []
        self._box, self._asked = box, (picture, direction, size)
        threading.Thread(
            target=lambda: box.append(draw(picture, direction, size)), name="graph layout", daemon=True
        ).start()
        self._clock.start()

    def _look(self) -> None:
        if self._box and self._asked:
            self._clock.stop()
            picture, direction, size = self._asked
            self.drawn.emit(picture, self._box[0], direction, size)
