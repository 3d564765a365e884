"""The bars themselves: one item per device, whiskers, the selection behind them, letters where they fit."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets.device_letters import letter
from .bar_item import Columns, Shown
from .latency_data import Readings

FILL = 0.84  # the part of a layer's room that its bars take
WHISKERS_FROM, LETTERS_FROM = 4.0, 11.0  # pixels a bar must be wide


class Bars:
    """Draws readings into a plot. `scale` maps ms to the y axis: itself, or its decimal logarithm."""

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._plot, self._theme = plot, theme
        self.columns: list[Columns] = []  # one for each device
        self._chosen = pg.BarGraphItem(x0=[], width=1, y0=[], height=[], pen=None)
        self._chosen.setZValue(-10)
        self._whiskers = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._whiskers.setZValue(10)
        self._letters = Letters()
        self._letters.setZValue(20)
        for item in (self._chosen, self._whiskers, self._letters):
            plot.addItem(item, ignoreBounds=True)
        self.readings: Readings | None = None
        self._order: NDArray[np.intp] = np.arange(0)
        self.log = False
        self.floor = 0.0
        self._outlined, self._pixels = True, 0.0
        self._spread = (np.zeros(0), np.zeros(0))
        self._line = QPen()
        self.marked: tuple[int, ...] = ()
        self.accent = QColor()

    def scale(self, ms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Milliseconds as heights on the y axis."""
        if not self.log:
            return ms
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.maximum(np.log10(ms), self.floor), dtype=np.float64)

    def show(self, readings: Readings | None, order: NDArray[np.intp], choice: NDArray[np.intp], log: bool) -> None:
        """Draw everything again."""
        self.readings, self._order, self.log = readings, order, log
        for item in self.columns:
            self._plot.removeItem(item)
        self.columns = []
        if readings is None:
            self._show_whiskers(np.zeros(0), np.zeros(0))
            self._letters.show_rows([])
            self.mark(())
            return
        positive = readings.typical[readings.typical > 0]
        self.floor = float(np.floor(np.log10(positive.min()))) if log and len(positive) else 0.0
        for column, device in enumerate(readings.devices):
            item = Columns(self._theme.device(device), self._theme.device(device, pale=True))
            item.outlined = self._outlined
            heights = self.scale(readings.typical[order, column]) - self.floor
            item.show_bars(self._lefts(column), self.width, self.floor, heights, choice[order] == column)
            self.columns.append(item)
            self._plot.addItem(item, ignoreBounds=True)
        self._draw_whiskers(readings)
        self._place_letters()

    @property
    def width(self) -> float:
        """A bar's width in positions."""
        return FILL / max(len(self.readings.devices) if self.readings else 2, 1)

    def _lefts(self, column: int) -> NDArray[np.float64]:
        return np.arange(len(self._order), dtype=np.float64) + (1 - FILL) / 2 + column * self.width

    def assign(self, choice: NDArray[np.intp]) -> None:
        """Draw each layer's assigned device solid and the others pale."""
        for column, item in enumerate(self.columns):
            item.assign(choice[self._order] == column)

    def mark(self, positions: tuple[int, ...]) -> None:
        """Highlight positions behind the bars."""
        self.marked = positions
        low, high = (-1e6, 2e6) if positions else (0.0, 0.0)
        at = np.array(positions, dtype=float)
        self._chosen.setOpts(x0=at, width=1, y0=np.full(len(at), low), height=np.full(len(at), high))

    def top(self, first: int, last: int) -> float:
        """The highest point, on the y axis, of positions first..last - 1, whiskers included."""
        if self.readings is None or last <= first:
            return 1.0
        part = self.readings.high[self._order[first:last]]
        highest = float(np.nanmax(part, initial=0.0))
        return float(self.scale(np.array([highest]))[0])

    @property
    def lettering_px(self) -> int:
        """The room that the letters take over the highest bar; none where there are no letters."""
        return QFontMetrics(self._letters.font).height() + 2 if self._pixels >= LETTERS_FROM else 0

    def bar_pixels(self, pixels: float) -> None:
        """Say how wide a bar is on screen: whiskers and letters hide where they would only be clutter."""
        self._pixels = pixels
        self._whiskers.setVisible(pixels >= WHISKERS_FROM)
        self._letters.setVisible(pixels >= LETTERS_FROM)
        outlined = pixels >= WHISKERS_FROM  # on hair-thin bars an outline would make pale ones look solid
        self._outlined = outlined
        for item in self.columns:
            item.outline(outlined)

    def tint(self, look: Look) -> None:
        """Take on a look."""
        self.accent = QColor(look.accent)
        self.accent.setAlphaF(0.22)
        self._chosen.setOpts(brush=self.accent)
        self._line = QPen(look.text, 0)
        self._whiskers.setPen(self._line)
        self._letters.font, self._letters.colour = self._theme.font(0.75), look.muted

    def values(self) -> "tuple[tuple[Shown, ...], Whiskers | None, Lettering | None]":
        """What is drawn now, as values: bars, and whiskers and letters where they are shown."""
        return (
            tuple(item.values() for item in self.columns),
            Whiskers(self._line, *self._spread) if self._pixels >= WHISKERS_FROM else None,
            self._letters.values() if self._pixels >= LETTERS_FROM else None,
        )

    def _draw_whiskers(self, readings: Readings) -> None:
        xs, ys = [], []
        for column in range(len(readings.devices)):
            middles = self._lefts(column) + self.width / 2
            low = self.scale(readings.low[self._order, column])
            high = self.scale(readings.high[self._order, column])
            known = np.isfinite(low) & (high > low)
            xs.append(np.repeat(middles[known], 2))
            ys.append(np.column_stack((low[known], high[known])).ravel())
        self._show_whiskers(np.concatenate(xs), np.concatenate(ys))

    def _show_whiskers(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> None:
        self._spread = xs, ys
        self._whiskers.setData(xs, ys)

    def _place_letters(self) -> None:
        assert self.readings is not None
        tops, devices = np.fmax(self.readings.high, self.readings.typical), self.readings.devices
        self._letters.show_rows([
            (letter(one, devices), self._lefts(at) + self.width / 2, self.scale(tops[self._order, at]), self.floor)
            for at, one in enumerate(devices)
        ])  # fmt: skip


@dataclass(frozen=True, eq=False)
class Whiskers:
    """The spread of the samples as values: a line from each even place of `xs` and `ys` to the next."""

    pen: QPen
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]

    def steps(self, painter: QPainter, most: int) -> Iterator[int]:
        """All of them, so many at each step, which tells how many."""
        painter.setPen(self.pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for begin in range(0, len(self.xs), 2 * most):
            part = slice(begin, begin + 2 * most)
            painter.drawPath(pg.arrayToQPath(self.xs[part], self.ys[part], connect="pairs"))
            yield most


Row = tuple[str, NDArray[np.float64], NDArray[np.float64], float]  # letter, middles, tops (NaN: no bar), floor


@dataclass(frozen=True, eq=False)
class Lettering:
    """The letters over the bars, as values."""

    font: QFont
    colour: QColor
    rows: tuple[Row, ...]

    def paint(self, painter: QPainter, left: float = -math.inf, right: float = math.inf) -> Iterator[None]:
        """Those from one position to another, in pixels: a step for each."""
        transform = painter.transform()
        painter.resetTransform()
        painter.setFont(self.font)
        painter.setPen(self.colour)
        height = painter.fontMetrics().height()
        for word, middles, tops, floor in self.rows:
            first, last = np.searchsorted(middles, (left, right))
            for middle, top in zip(middles[first:last].tolist(), tops[first:last].tolist(), strict=True):
                there = math.isfinite(top)
                at = transform.map(QPointF(middle, top if there else floor))
                box = QRectF(at.x() - 20, at.y() - height - 1, 40, height)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word if there else "×")
                yield
        painter.setTransform(transform)


class Letters(pg.GraphicsObject):  # type: ignore[misc]
    """A device's letter above each of its bars, with "×" where it cannot run the layer; painted in pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.font = QFont()
        self.colour = QColor()
        self._rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        """One row of letters for each device."""
        self._rows = rows
        self.update()

    def boundingRect(self) -> QRectF:
        """All of the view: it paints in pixels."""
        return self.viewRect() if self.getViewBox() is not None else QRectF()

    def viewTransformChanged(self) -> None:
        """The area painted moves with the view."""
        self.prepareGeometryChange()
        super().viewTransformChanged()

    def values(self) -> Lettering:
        """All letters as they are now."""
        return Lettering(self.font, self.colour, tuple(self._rows))

    def paint(self, painter: QPainter, *_: object) -> None:
        """The letters in view."""
        view = self.viewRect()
        for _step in self.values().paint(painter, view.left(), view.right()):
            pass
