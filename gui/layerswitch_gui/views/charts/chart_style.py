"""What every chart has in common: a plot in the theme's colours, without pyqtgraph's own menu and buttons."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPainter, QPen, QPicture
from PySide6.QtWidgets import QGraphicsView

from ...platform.theme import Theme
from ...platform.theme_snapshot import Look, blend

LOWEST = 190
"""Pixels under which a chart cannot be read; a dock gives its chart at least as much."""


class PlainAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis whose logarithmic ticks read 0.1, 1, 10 instead of powers of ten; painted ten times faster.

    pyqtgraph plays a `QPicture`, which looks the font of every text up again, and draws the grid translucent, which
    takes ten times as long as drawing it in the colour that comes out.
    """

    picture: QPicture | None
    _specs: tuple[Any, list[tuple[QPen, Any, Any]], list[Any]] | None = None
    ground = QColor("white")  # what the grid lies on

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)  # it writes "(x0.001)" at the axis, and ticks here are numbers as they are

    def paint(self, painter: QPainter, *_: object) -> None:
        """The ticks and texts worked out when the axis last changed; `picture` is pyqtgraph's mark of such a change."""
        if self.picture is None:
            picture = QPicture()
            measuring = QPainter()
            measuring.begin(picture)
            if self.style["tickFont"]:
                measuring.setFont(self.style["tickFont"])
            self._specs = self.generateDrawSpecs(measuring)
            measuring.end()
            self.picture = picture
            if self._specs is not None:
                axis, ticks, texts = self._specs
                self._specs = axis, [(self._opaque(pen), start, end) for pen, start, end in ticks], texts
        if self._specs is not None:
            painter.save()
            self.drawPicture(painter, *self._specs)
            painter.restore()

    def _opaque(self, pen: QPen) -> QPen:
        colour = pen.color()
        opaque = QPen(pen)
        opaque.setColor(blend(self.ground, QColor.fromRgb(colour.rgb()), colour.alphaF()))
        return opaque

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The numbers at these exponents."""
        return [f"{10**value:.3g}" for value in values]


def make_plot(name: str, description: str) -> pg.PlotWidget:
    """An empty plot with an accessible name and description."""
    plot = pg.PlotWidget(axisItems={"left": PlainAxis("left"), "bottom": PlainAxis("bottom")})
    plot.setAccessibleName(name)
    plot.setAccessibleDescription(description)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setFrameShape(pg.PlotWidget.Shape.NoFrame)
    plot.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # else the plain ground is a picture, in an SVG too
    return plot


def tint(plot: pg.PlotWidget, look: Look, theme: Theme) -> None:
    """Give a plot the colours and the text size of the theme."""
    plot.setBackground(look.base)
    font = theme.font(0.9)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.ground = look.base
        axis.setZValue(-1)  # the grid goes behind what is drawn
        axis.setPen(QPen(look.line, 0))
        axis.setTextPen(look.muted)
        axis.setTickFont(font)
        axis.label.setFont(font)
        axis.labelStyle = {"color": look.text.name(), "font-size": f"{font.pointSizeF():.1f}pt"}
        if axis.labelText:
            axis.setLabel(axis.labelText, units=axis.labelUnits, **axis.labelStyle)
