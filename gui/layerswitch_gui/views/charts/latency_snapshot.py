"""LatencyPicture: the latency bars as values that any thread can make a picture of, of thousands of layers too."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPicture, QRegion, QTransform

from ...platform.theme_snapshot import Look

if TYPE_CHECKING:
    from .latency_chart import LatencyChart

PIECE = 200  # parts painted at once into a picture: a thread lets others work in between


class LatencyPicture:
    """A chart as it is at one moment, which may be gone when it is painted. The chart shows no bars afterwards.

    What there is little of is recorded as widgets paint it: buttons, legend, axis. Bars, whiskers, letters, cells and
    names are painted from the values they are shown by.
    """

    def __init__(self, chart: "LatencyChart", look: Look) -> None:
        plot, box = chart.plot, chart.plot.getViewBox()
        box.childGroup.setVisible(False)  # all that is in the plot
        self._rest = QPicture()
        painter = QPainter(self._rest)
        chart.render(painter, QPoint(), QRegion(0, 0, chart.width(), chart.ribbon.y()))
        painter.end()
        self._look, self._width = look, chart.width()
        self._plot_at = QPointF(plot.pos())
        self._area = plot.mapFromScene(box.sceneBoundingRect()).boundingRect()
        self._to_plot: QTransform = box.childGroup.sceneTransform() * plot.viewportTransform()
        self._marked, self._accent = chart.bars.marked, chart.bars.accent
        self._columns, self._whiskers, self._letters = chart.bars.values()
        self._cells, self._cells_at = chart.ribbon.values(), QPointF(chart.ribbon.pos())
        self._names, self._names_at = chart.names.values(), QPointF(chart.names.pos())

    def paint(self, painter: QPainter) -> Iterator[float]:
        """Paint everything, a piece at each step, which tells what part is done (0..1)."""
        count = len(self._names.ruler.order)
        total, done, reported = max(1, (3 * len(self._columns) + 3) * count), 0, 0
        for parts in self._steps(painter):
            done += parts
            if done - reported >= PIECE:
                reported = done
                yield min(1.0, done / total)
        yield 1.0

    def _steps(self, painter: QPainter) -> Iterator[int]:
        """Paint a few parts at each step, which tells how many."""
        base = painter.worldTransform()
        painter.drawPicture(QPointF(), self._rest)
        yield PIECE
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # as the plot has it
        painter.setWorldTransform(_moved(self._plot_at, base))
        for position in self._marked:
            left, right = (self._to_plot.map(QPointF(position + end, 0)).x() for end in (0, 1))
            painter.fillRect(QRectF(left, self._area.top(), right - left, self._area.height()), self._accent)
            yield 1
        painter.setWorldTransform(self._to_plot * _moved(self._plot_at, base))
        for columns in self._columns:
            yield from columns.steps(painter, PIECE)
        if self._whiskers is not None:
            yield from self._whiskers.steps(painter, PIECE)
        if self._letters is not None:
            for _ in self._letters.paint(painter):
                yield 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cells, names = self._cells, self._names
        painter.setWorldTransform(_moved(self._cells_at, base))
        painter.fillRect(QRectF(0, 0, self._width, cells.height), self._look.base)
        for _ in cells.paint(painter, cells.ruler.shown):
            yield 1
        painter.setWorldTransform(_moved(self._names_at, base))
        painter.setBrush(QBrush(Qt.BrushStyle.NoBrush))
        painter.fillRect(QRectF(0, 0, self._width, names.height), self._look.base)
        for _ in names.paint(painter):
            yield 1
        painter.setWorldTransform(base)


def _moved(to: QPointF, base: QTransform) -> QTransform:
    """`base` with another origin."""
    return QTransform.fromTranslate(to.x(), to.y()) * base
