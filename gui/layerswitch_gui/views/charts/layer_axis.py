"""The x axis that bars, ribbon and names share: which layer stands where, and where that is in pixels."""

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, eq=False)
class Ruler:
    """A `LayerAxis` as it is at one moment, for any thread: position p begins at `left` + p * `cell` pixels."""

    names: tuple[str, ...]
    order: NDArray[np.intp]
    shown: range
    left: float
    cell: float

    def pixel(self, position: float) -> float:
        """Where a position is."""
        return self.left + position * self.cell

    def name(self, position: int) -> str:
        """The layer at a position."""
        return self.names[int(self.order[position])]


class LayerAxis(QObject):
    """Position p is drawn from p to p + 1; `order[p]` is the layer's place in the execution order."""

    changed = Signal()

    def __init__(self, box: pg.ViewBox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.box = box
        self.order = np.arange(0)
        self.positions = np.arange(0)  # of each layer, in execution order: `order` the other way round
        self.names: tuple[str, ...] = ()
        self.cell = 1.0  # width of a layer in pixels
        self._low, self._left, self._right = 0.0, 0.0, 1.0
        box.sigXRangeChanged.connect(self._measure)
        box.sigResized.connect(self._measure)

    def _measure(self, *_: object) -> None:
        low, high = self.box.viewRange()[0]
        area = self.box.sceneBoundingRect()
        measured = low, area.left(), area.right(), area.width() / max(high - low, 1e-9)
        if measured != (self._low, self._left, self._right, self.cell):
            self._low, self._left, self._right, self.cell = measured
            self.changed.emit()

    def set_layers(self, names: tuple[str, ...], order: np.ndarray) -> None:
        """Show these layers, in execution order, at the positions that `order` gives."""
        self.names, self.order, self.positions = names, order, np.argsort(order)
        self.changed.emit()

    def pixel(self, position: float) -> float:
        """Where a position is, in pixels from the left edge of the widgets under the plot."""
        return self._left + (position - self._low) * self.cell

    def position(self, pixel: float, *, nearest: bool = False) -> int | None:
        """The position at a pixel; None (or, if asked, the nearest) where no layer stands."""
        found = math.floor(self.at(pixel))
        if not len(self.order):
            return None
        if nearest:
            return min(max(found, 0), len(self.order) - 1)
        return found if 0 <= found < len(self.order) else None

    def at(self, pixel: float) -> float:
        """The position at a pixel, with its fraction."""
        return self._low + (pixel - self._left) / self.cell

    def visible(self) -> range:
        """The positions in view."""
        low, high = self.box.viewRange()[0]
        return range(max(math.floor(low), 0), min(math.ceil(high), len(self.order)))

    def name(self, position: int) -> str:
        """The layer at a position."""
        return self.names[int(self.order[position])]

    def ruler(self) -> Ruler:
        """The axis as it is now."""
        return Ruler(self.names, self.order, self.visible(), self.pixel(0), self.cell)

    def between(self, first: int, last: int) -> list[str]:
        """The layers from one position to another, both included, in either direction."""
        low, high = sorted((first, last))
        return [self.name(position) for position in range(low, high + 1)]

    def show(self, low: float, high: float) -> None:
        """Bring positions low..high into view."""
        self.box.setXRange(low, high, padding=0)

    def reveal(self, position: int) -> None:
        """Scroll no more than needed to bring a position into view."""
        low, high = self.box.viewRange()[0]
        if not low <= position < high - 1:
            width = high - low
            self.show(position + 0.5 - width / 2, position + 0.5 + width / 2)
