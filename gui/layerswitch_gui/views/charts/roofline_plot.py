"""One device's roofline as a plot: the roofs, the layers under them, the selected ones ringed."""

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPen

from ...document.document import Document
from ...platform.theme import Theme
from ...platform.theme_snapshot import Look, blend
from ...widgets import formatting
from ...widgets.device_letters import letter
from ...widgets.text_safety import one_line
from .chart_style import PlainAxis, tint

if TYPE_CHECKING:
    from layerswitch.explain import Point, Roofline

SYMBOLS = ("o", "s", "t", "d")  # by device, so that colour is never alone
SIZE, CHOSEN = 9, 17  # pixels
ROOM = 1.9  # times the highest rate, at least, that is seen
MANY = 500  # layers, from which on their outlines would hide them
PALE = 0.35  # of the way from the background to a device's colour
EVEN = 0.25  # the mark of ticks at even steps of the number; pyqtgraph's own spacings are whole exponents or None


def symbol(device: str, devices: Sequence[str]) -> str:
    """What stands for a device among a board's devices."""
    return SYMBOLS[devices.index(device) % len(SYMBOLS)] if device in devices else SYMBOLS[0]


class DecimalAxis(PlainAxis):
    """Logarithmic ticks with a number at every 1, 2 and 5, since all nine would not fit; where less than a factor of
    four is seen, at even steps of the number, as there may be no second 1, 2 or 5 then."""

    _crowded = False  # only powers of ten have room

    def logTickValues(
        self, low: float, high: float, size: float, ticks: list[tuple[float, list[float]]]
    ) -> list[tuple[float | None, list[float]]]:
        """Levels of (spacing, exponents)."""
        if not 0 < high - low < math.log10(4.0):
            self._crowded = high - low > 1 and self._crowds(size / (high - low))
            found, seen = [], set[float]()
            for spacing, values in super().logTickValues(low, high, size, ticks):
                new = [value for value in values if round(value, 6) not in seen]  # what is drawn twice looks bold
                seen.update(round(value, 6) for value in new)
                found.append((spacing, new))
            return found
        self._crowded = False
        least, most = 10**low, 10**high
        rough = (most - least) / 6
        unit = 10 ** math.floor(math.log10(rough))
        step = unit * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough)
        first = math.ceil(least / step)
        values = [math.log10(number * step) for number in range(first, math.floor(most / step) + 1) if number > 0]
        return [(EVEN, values)]

    def _crowds(self, decade: float) -> bool:
        """Whether the numbers 1, 2 and 5 have no room beside each other, with so many pixels for a factor of ten."""
        metrics = QFontMetricsF(self.style["tickFont"] or self.font())
        upright = self.orientation in ("left", "right")
        needed = metrics.height() * 0.8 if upright else metrics.horizontalAdvance("200") + 6
        return needed > math.log10(2.0) * decade

    def logTickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        """The numbers at these exponents, or nothing."""
        firsts = [round(10 ** (value - math.floor(value + 1e-9))) for value in values]
        marked = (1,) if self._crowded else (1, 2, 5)
        shown = [spacing == EVEN or first in marked for first in firsts]
        return [written(10**value) if show else "" for value, show in zip(values, shown, strict=True)]


def written(value: float) -> str:
    """A number at an axis: "0.5", "2,000", "500 k", "2 M"."""
    for least, unit, sign in ((1e9, 1e9, " G"), (1e6, 1e6, " M"), (1e5, 1e3, " k")):
        if value >= least * (1 - 1e-9):
            return f"{value / unit:.3g}{sign}"
    return f"{value:,.0f}" if value >= 999.5 else f"{value:.3g}"


class RoofPlot(pg.PlotWidget):  # type: ignore[misc]
    """Log-log; data are decimal logarithms of FLOP/byte and GFLOP/s."""

    def __init__(self, document: Document, theme: Theme, device: str) -> None:
        super().__init__(axisItems={"left": DecimalAxis("left"), "bottom": DecimalAxis("bottom")})
        self.device = device
        self._document, self._theme = document, theme
        self.roofline: Roofline | None = None
        self._spans = (0.1, 1.0, 0.1, 1.0)
        self.setAccessibleName(f"Roofline of the {device}")
        self.setAccessibleDescription("Arrow keys go from layer to layer by intensity.")
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.showGrid(x=True, y=True, alpha=0.25)
        for side in ("left", "bottom"):
            self.getAxis(side).setLogMode(True, True)
        self._roof = pg.PlotCurveItem()
        self._ridge = pg.InfiniteLine(angle=90)
        self._texts = [pg.TextItem(anchor=(0, 1)) for _ in "12"]  # of the flat roof, and of the slope
        self._inks: list[tuple[QBrush, QPen]] = []  # ever used: pyqtgraph knows what it has drawn by their ids
        self._drawn: tuple[list[bool], int] | None = None  # which layers are strong, and their ink
        self.dots = pg.ScatterPlotItem(hoverable=True, tip=self._tip, pxMode=True)
        self._rings = pg.ScatterPlotItem(size=CHOSEN, symbol="o", brush=None)
        self._rings.setZValue(5)
        for item in (self._roof, self._ridge, self._rings, self.dots, *self._texts):
            self.addItem(item, ignoreBounds=True)
        self.dots.setZValue(4)
        self.dots.sigClicked.connect(self._clicked)
        self._fitted: list[list[float]] = []  # the ranges when everything was last shown
        self.getViewBox().sigResized.connect(self._resized)

    def show_roofline(self, roofline: "Roofline", spans: tuple[float, float, float, float]) -> None:
        """Draw roofs and layers; `spans` are the intensities and rates shown, lowest and highest."""
        look = Look.of(self._theme)
        self.roofline, self._spans = roofline, spans
        tint(self, look, self._theme)
        self.getAxis("bottom").setLabel("FLOP/byte", color=look.text.name())
        word = formatting.origin(self._document.origin)
        self.getAxis("left").setLabel(f"{escape(self.device)}: GFLOP/s ({word})", color=look.text.name())
        self._draw_roofs(roofline, look)
        self._drawn = None  # the layers come with what they are assigned to: see `pale`
        self.fit()

    def _draw_roofs(self, roofline: "Roofline", look: Look) -> None:
        ridge, gflops, width = roofline.ridge, roofline.gflops, roofline.gb_per_s
        for item in (self._roof, self._ridge, *self._texts):
            item.setVisible(bool(ridge))
        if not (ridge and gflops and width):
            return
        style = Qt.PenStyle.SolidLine if roofline.measured else Qt.PenStyle.DashLine
        left, right = min(self._spans[0], ridge) / 1e3, max(self._spans[1], ridge) * 1e3
        xs = np.log10([left, ridge, right])
        self._roof.setData(xs, np.log10([left * width, gflops, gflops]), pen=pg.mkPen(look.text, width=2, style=style))
        self._ridge.setPos(math.log10(ridge))
        self._ridge.setPen(pg.mkPen(look.muted, width=1, style=Qt.PenStyle.DotLine))
        least = "" if roofline.measured else "at least "
        font = self._theme.font(0.85)
        compute, memory = self._texts
        compute.setText(f"{least}{formatting.number(gflops)} GFLOP/s", color=look.text)
        memory.setText(f"{least}{formatting.number(width)} GB/s", color=look.text)
        for text in self._texts:
            text.setFont(font)
        self._place_texts()

    def _place_texts(self) -> None:
        """Over the roofs, where no layer can be, and within what is seen: each begins where it does not leave it."""
        roofline = self.roofline
        if roofline is None or not (roofline.ridge and roofline.gflops and roofline.gb_per_s):
            return
        left, right = math.log10(self._spans[0]), math.log10(self._spans[1])
        pixel = (right - left) / max(self.getViewBox().width(), 1.0)
        wide = [text.boundingRect().width() * pixel for text in self._texts]
        ridge, flat = math.log10(roofline.ridge), math.log10(roofline.gflops)
        over = left + wide[1] > ridge  # a short slope: both stand over the flat roof, one after the other
        start = max(ridge, left + wide[1] if over else left)
        self._texts[0].setPos(max(left, min(start, right - wide[0])), flat)
        slope = min(left + wide[1], ridge) + math.log10(roofline.gb_per_s)
        self._texts[1].setPos(left, max(slope, math.log10(self._spans[2])))

    def _draw_dots(self, points: "Sequence[Point]", brush: Any, pen: Any) -> None:
        """Draw the layers, the last on top; one brush and pen for all, or one for each."""
        self.dots.setData(
            x=np.log10([point.intensity for point in points]) if points else [],
            y=np.log10([point.gflops for point in points]) if points else [],
            data=list(points),
            symbol=symbol(self.device, self._document.devices),
            size=SIZE,
            hoverSize=SIZE + 4,
            hoverPen=pg.mkPen(Look.of(self._theme).text, width=2),
            brush=brush,
            pen=pen,
        )

    def pale(self, only_assigned: bool) -> None:
        """Draw the layers that are assigned elsewhere pale, or all alike."""
        points = self.roofline.points if self.roofline else ()
        base, solid = Look.of(self._theme).base, self._theme.device(self.device)
        faint = blend(base, solid, PALE)  # opaque, so that several on one place do not add up to a solid one
        edges = [QPen(Qt.PenStyle.NoPen) if len(points) > MANY else pg.mkPen(base, width=1) for _ in "12"]
        inks = (QBrush(solid), edges[0]), (QBrush(faint), edges[1])
        if self._inks[-2:] != list(inks):
            self._inks += inks
        strong, weak = self._inks[-2:]
        assignment = self._document.assignment
        here = [not only_assigned or assignment.get(point.layer) == self.device for point in points]
        if self._drawn == (here, id(strong)):
            return
        self._drawn = here, id(strong)
        if all(here):
            self._draw_dots(points, *strong)
            return
        order = sorted(range(len(points)), key=here.__getitem__)  # none of those here lies under a pale one
        used = [strong if here[place] else weak for place in order]
        brushes, pens = zip(*used, strict=True)
        self._draw_dots([points[place] for place in order], list(brushes), list(pens))

    def mark(self, layers: Sequence[str]) -> None:
        """Ring the selected layers."""
        chosen = set(layers)
        points = [point for point in (self.roofline.points if self.roofline else ()) if point.layer in chosen]
        self._rings.setData(
            x=np.log10([point.intensity for point in points]) if points else [],
            y=np.log10([point.gflops for point in points]) if points else [],
            pen=pg.mkPen(Look.of(self._theme).accent, width=3),
            brush=QColor(0, 0, 0, 0),
        )

    def fit(self) -> None:
        """Show all that there is."""
        left, right, low, high = (math.log10(value) for value in self._spans)
        self.setXRange(left, right, padding=0)
        part = self._texts[0].boundingRect().height() / max(self.getViewBox().height(), 1.0)
        if part < 0.5:  # a number stands over the highest roof
            top = high - math.log10(ROOM)
            high = max(high, (top - part * low) / (1.0 - part))
        self.setYRange(low, high, padding=0)
        self._fitted = self.getViewBox().viewRange()

    def _resized(self) -> None:
        """The numbers stand elsewhere, and need another share of the height, unless somebody has zoomed."""
        self._place_texts()
        if self.roofline is not None and self.getViewBox().viewRange() == self._fitted:
            self.fit()

    def _tip(self, x: float, y: float, data: "Point") -> str:
        return layer_tip(data, self.roofline, self._document)

    def _clicked(self, _item: Any, dots: Sequence[Any], event: Any) -> None:
        if len(dots):
            layer = dots[0].data().layer
            more = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
            before = self._document.selection if more else ()
            self._document.select([one for one in before if one != layer] if layer in before else [*before, layer])


def layer_tip(point: "Point", roofline: "Roofline | None", document: Document) -> str:
    """A layer's exact numbers under its roof, for the pointer."""
    lines = [escape(one_line(point.layer))]
    if roofline is not None:
        lines[0] += f" on {escape(roofline.device)}"
    number = formatting.number
    lines.append(f"{number(point.intensity, 4)} FLOP/byte, {number(point.gflops, 4)} GFLOP/s")
    speed = f"{number(point.gflops / point.intensity, 4)} GB/s, {number(point.ms, 4)} ms"
    lines.append(f"{speed}, {formatting.origin(document.origin)}")
    roof = roofline.roof(point.intensity) if roofline else None
    if roofline is not None and roof and not _of_several(point.layer, document):
        what = "the roof here" if roofline.measured else "the best any layer shows here"
        lines.append(f"{formatting.percent(point.gflops / roof)} of {what}, {number(roof, 4)} GFLOP/s")
    assigned = document.assignment.get(point.layer, "")
    lines.append(f"assigned to {escape(assigned)} ({letter(assigned, document.devices)})" if assigned else "")
    return "<p style='white-space:pre'>" + "<br>".join(line for line in lines if line)


def _of_several(layer: str, document: Document) -> bool:
    """Whether it is a block of several products: its bytes are too far under what moves to tell a share of a roof."""
    from layerswitch.explain import work_of

    graph = document.graph
    if graph is None or layer not in graph.index:
        return False
    return len(work_of(graph.layers[graph.index[layer]], graph).products) > 1
