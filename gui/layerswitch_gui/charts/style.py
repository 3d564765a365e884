"""What every chart has in common: a plot in the theme's colours, without pyqtgraph's own menu and buttons."""

import pyqtgraph as pg
from PySide6.QtGui import QPen

from ..look import Look
from ..theme import Theme

LOWEST = 190
"""Pixels under which a chart cannot be read; a dock gives its chart at least as much."""


class PlainAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis whose logarithmic ticks read 0.1, 1, 10 instead of powers of ten."""

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
    return plot


def tint(plot: pg.PlotWidget, look: Look, theme: Theme) -> None:
    """Give a plot the colours and the text size of the theme."""
    plot.setBackground(look.base)
    font = theme.font(0.9)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setZValue(-1)  # the grid goes behind what is drawn
        axis.setPen(QPen(look.line, 0))
        axis.setTextPen(look.muted)
        axis.setTickFont(font)
        axis.label.setFont(font)
        axis.labelStyle = {"color": look.text.name(), "font-size": f"{font.pointSizeF():.1f}pt"}
        if axis.labelText:
            axis.setLabel(axis.labelText, units=axis.labelUnits, **axis.labelStyle)
