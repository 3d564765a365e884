"""Python's cyclic garbage is collected on the interface thread, between events, and nowhere else.

Left alone, the collector runs in whichever thread crosses its threshold, a worker's as well. A cycle may hold objects
of Qt's, and one that is destroyed on another thread, or while Qt is at work on it, ends the process. pyqtgraph has such
a collector too, but importing it imports all of pyqtgraph, which the first paint does not wait for.
"""

import gc
import sys

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 200
GROWN = 1.25
"""Everything is gone through only once so much more is held than after the last time: Python's own rule, which
keeps that from taking a part of the time that grows with what is held. Of 10,000 layers once takes 0.2 s."""


class InterfaceCollector(QObject):
    """Collects as Python would, by the same thresholds, whenever its clock finds them crossed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held = 0  # blocks of memory, after everything was gone through
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL_MS)
        self._clock.timeout.connect(self.collect)

    def start(self) -> None:
        """From now on, garbage is collected here only."""
        gc.disable()
        self._clock.start()

    def stop(self) -> None:
        """Give collecting back to Python. For when no other thread is at work any more."""
        self._clock.stop()
        gc.enable()

    def collect(self) -> None:
        """Collect the oldest generation that is due, and with it the younger ones."""
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [generation for generation in range(3) if counts[generation] > limits[generation]]
        if 2 in due and sys.getallocatedblocks() < GROWN * self._held:
            due.remove(2)
        if due:
            gc.collect(due[-1])
        if 2 in due:
            self._held = sys.getallocatedblocks()
