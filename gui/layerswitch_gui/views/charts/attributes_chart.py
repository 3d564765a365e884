"""AttributesChart: the two devices' ratio of times against an attribute of the layers, and what can be said of it."""

import math
from collections.abc import Sequence
from html import escape
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...document.document import Document
from ...jobs.analysis import Analysis
from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets import formatting
from ...widgets.commands import Command, Commands
from ...widgets.deferred_panel import DeferredPanel
from ...widgets.picture import Picture, of_copy
from ...widgets.text_safety import ENTRY, one_line, wrapped
from .attribute_texts import finding, grouped, written
from .chart_style import LOWEST, tint
from .roofline_plot import CHOSEN, SIZE, DecimalAxis, symbol

if TYPE_CHECKING:
    from layerswitch.explain import Attribute, Spot

NO_PROFILE = "Profile a network (F5) to see which layers prefer which device."
WORKING = "Working out what goes with the preference…"
NOTHING = "No attribute of these layers can be compared: two devices must have run them."
LINEAR = ("place",)  # every other number spans decades
"""Attribute -> the finding that is of it, beside "trend ...": whether the paper's findings hold here."""
GAP = 10  # pixels between the names of two groups


class AttributesChart(DeferredPanel):
    """Over 1 the second device is faster. `commands` are its actions by name, for the menus."""

    def __init__(self, document: Document, theme: Theme, analysis: Analysis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Attributes")
        self.setMinimumHeight(LOWEST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._document, self._theme, self._analysis = document, theme, analysis
        self.commands = Commands(self, "attributes", (
            Command("next_attribute", "Next attribute", "Down", "Set the ratio against the next attribute",
                    lambda: self.choose(self.which.currentIndex() + 1)),
            Command("previous_attribute", "Previous attribute", "Up", "Set the ratio against the previous attribute",
                    lambda: self.choose(self.which.currentIndex() - 1)),
            Command("next", "Next layer along the axis", "Right", "Select the next layer to the right",
                    lambda: self.step(1)),
            Command("previous", "Previous layer along the axis", "Left", "Select the next layer to the left",
                    lambda: self.step(-1)),
            Command("pair", "Next two devices", "Shift+Down", "Compare the next two of the board's devices",
                    lambda: self.choose_pair(self.pair.currentIndex() + 1)),
            Command("fit", "All layers", "F", "Show all layers", self._fit),
        ))  # fmt: skip
        self.which = QComboBox()
        self.which.setAccessibleName("Attribute")
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.which.setToolTip("What to set the ratio of the two devices' times against")
        self.which.activated.connect(self.choose)
        self.pair = QComboBox()
        self.pair.setAccessibleName("Devices compared")
        self.pair.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.pair.setToolTip("Whose times the ratio is of; over 1 the second device is faster (Shift+Down: the next)")
        self.pair.activated.connect(self.choose_pair)
        self.pairs: list[tuple[str, str]] = []
        self.says = QLabel(NO_PROFILE)
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.setWordWrap(True)
        self.says.setAccessibleName("What goes with the preference")
        self.says.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._make_plot()
        bar = QHBoxLayout()
        bar.setSpacing(8)
        choices = QVBoxLayout()
        choices.setSpacing(2)
        choices.addWidget(self.which)
        choices.addWidget(self.pair)
        choices.addStretch()
        bar.addLayout(choices)
        bar.addWidget(self.says, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 2)
        column.setSpacing(2)
        column.addLayout(bar)
        column.addWidget(self.plot, 1)
        for signal in (document.graph_changed, document.profile_changed, analysis.explained, theme.changed):
            signal.connect(self.outdated)
        document.selection_changed.connect(self.selected)
        self.refresh()

    def _make_plot(self) -> None:
        self.plot = pg.PlotWidget(axisItems={"left": DecimalAxis("left"), "bottom": DecimalAxis("bottom")})
        self.plot.setAccessibleName("Ratio of times against an attribute")
        self.plot.setAccessibleDescription("Arrow keys: left and right choose a layer, up and down an attribute.")
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.showGrid(x=True, y=True, alpha=0.25)
        self.plot.getAxis("left").setLogMode(True, True)
        self._even = pg.InfiniteLine(angle=0)
        self._medians = pg.PlotCurveItem(connect="pairs")
        self._sides = [pg.TextItem(anchor=(1, 1)), pg.TextItem(anchor=(1, 0))]
        self.dots = [pg.ScatterPlotItem(size=SIZE, hoverable=True, tip=self._tip, hoverSize=SIZE + 4) for _ in "12"]
        self._rings = pg.ScatterPlotItem(size=CHOSEN, symbol="o", brush=None)
        for item in (self._even, self._medians, self._rings, *self.dots, *self._sides):
            self.plot.addItem(item, ignoreBounds=True)
        for item in self.dots:
            item.sigClicked.connect(self._clicked)
        self._fitted: list[list[float]] = []  # the ranges when all layers were last shown
        self.plot.getViewBox().sigResized.connect(self._resized)

    @property
    def attributes(self) -> "tuple[Attribute, ...]":
        """Those of the profile that some layer has; () until they are worked out."""
        found = self._analysis.explanation
        return tuple(one for one in found.attributes if one.spots) if found else ()

    @property
    def shown(self) -> "Attribute | None":
        """The attribute on show."""
        place = self.which.currentIndex()
        return self.attributes[place] if 0 <= place < len(self.attributes) else None

    def refresh(self) -> None:
        """Draw everything again."""
        if self.isVisible():
            self._analysis.want()
        titles = [one.title for one in self.attributes]
        if titles != [self.which.itemText(place) for place in range(self.which.count())]:
            before = self.which.currentText()
            self.which.clear()
            self.which.addItems(titles)
            self.which.setCurrentIndex(titles.index(before) if before in titles else 0)
        self.which.setEnabled(bool(titles))
        self._offer_pairs()
        self._draw()

    def _offer_pairs(self) -> None:
        """Two devices leave no choice."""
        found, document = self._analysis.explanation, self._document
        pairs = list(combinations(document.devices, 2)) if document.profile else []
        if pairs != self.pairs:
            self.pairs = pairs
            self.pair.clear()
            self.pair.addItems([f"{one_line(one, ENTRY)} / {one_line(other, ENTRY)}" for one, other in pairs])
        if found is not None and found.pair in pairs:
            self.pair.setCurrentIndex(pairs.index(found.pair))
        self.pair.setVisible(len(pairs) > 1)
        self.commands["pair"].setEnabled(len(pairs) > 1)

    def choose_pair(self, place: int) -> None:
        """Compare two other devices, by their place among all pairs; after the last the first follows."""
        if self.pairs:
            self.pair.setCurrentIndex(place % len(self.pairs))
            self._analysis.compare(self.pairs[place % len(self.pairs)])

    def choose(self, place: int) -> None:
        """Show another attribute, by its place."""
        if self.attributes:
            self.which.setCurrentIndex(min(max(place, 0), len(self.attributes) - 1))
            self._draw()

    def _draw(self) -> None:
        look, shown, found = Look.of(self._theme), self.shown, self._analysis.explanation
        tint(self.plot, look, self._theme)
        self.says.setText(self._sentence())
        groups = grouped(shown, found.pair[1]) if shown and found and found.pair else []
        self.says.setToolTip(wrapped("\n".join(groups)))
        self.setAccessibleDescription("\n".join((self.says.text(), *groups)))
        self.plot.setVisible(shown is not None)
        if shown is None or found is None or found.pair is None:
            return
        first, second = found.pair
        word = formatting.origin(self._document.origin)
        bottom = self.plot.getAxis("bottom")
        words = [group.label for group in shown.groups] if _is_word(shown) else []
        bottom.setLogMode(*(2 * [not words and shown.name not in LINEAR]))
        bottom.setTicks(None)
        title = f"{shown.title} ({shown.unit})" if shown.unit else shown.title
        bottom.setLabel(title, color=look.text.name())
        self.plot.getAxis("left").setLabel(f"{escape(first)}/{escape(second)} time ({word})", color=look.text.name())
        self._even.setPen(pg.mkPen(look.text, width=1))
        for device, item, ahead in ((first, self.dots[0], False), (second, self.dots[1], True)):
            mine = [spot for spot in shown.spots if (spot.ratio > 1) == ahead]
            item.setData(
                x=self._xs(mine), y=[math.log10(spot.ratio) for spot in mine], data=mine,
                symbol=symbol(device, self._document.devices), brush=self._theme.device(device),
                pen=pg.mkPen(look.base, width=1), hoverPen=pg.mkPen(look.text, width=2),
            )  # fmt: skip
        bars = [(place, math.log10(group.median)) for place, group in enumerate(shown.groups)] if words else []
        self._medians.setData(
            [place + side for place, _ in bars for side in (-0.3, 0.3)],
            [middle for _, middle in bars for _ in "12"],
            pen=pg.mkPen(look.text, width=2),
        )
        for text, device in zip(self._sides, (second, first), strict=True):
            text.setText(f"{device} faster", color=look.text)
            text.setFont(self._theme.font(0.85))
        self._fit()
        self.mark()

    def _xs(self, spots: "Sequence[Spot]") -> list[float]:
        """Where spots of the attribute on show stand along the axis."""
        shown = self.shown
        assert shown is not None
        if _is_word(shown):
            places = {group.label: float(place) for place, group in enumerate(shown.groups)}
            return [places[str(spot.value)] for spot in spots]
        values = [float(spot.value) for spot in spots]
        return values if shown.name in LINEAR else [math.log10(value) for value in values]

    def _fit(self) -> None:
        """Show all layers, and where the devices are even."""
        if self.shown is None:
            return
        xs = self._xs(self.shown.spots)
        most = max([abs(math.log10(spot.ratio)) for spot in self.shown.spots] + [0.1]) * 1.15
        room = 0.6 if _is_word(self.shown) else 0.05 * (max(xs) - min(xs)) or 0.2
        left, right = min(xs) - room, max(xs) + room
        right += self._for_sides(right - left)
        self.plot.setXRange(left, right, padding=0)
        self.plot.setYRange(-most, most, padding=0)
        for text in self._sides:
            text.setPos(right, 0.0)
        self._fitted = self.plot.getViewBox().viewRange()
        self._label_groups(right - left)

    def _label_groups(self, span: float) -> None:
        """Name each group under its layers, in no more than its share of the width; the hover card has all of it."""
        if self.shown is None or not _is_word(self.shown):
            return
        metrics = QFontMetricsF(self._theme.font(0.9))
        room = max(self.plot.getViewBox().width() / span - GAP, metrics.averageCharWidth())
        cut = Qt.TextElideMode.ElideMiddle
        names = [metrics.elidedText(one_line(group.label), cut, room) for group in self.shown.groups]
        self.plot.getAxis("bottom").setTicks([list(enumerate(names))])

    def _for_sides(self, span: float) -> float:
        """How much of the axis the words at its end take beside `span` of layers, so that they lie over none."""
        words, wide = max(text.boundingRect().width() for text in self._sides), self.plot.getViewBox().width()
        return span * words / (wide - words) if wide > 3 * words else 0.0

    def _resized(self) -> None:
        """Make room for the words again, unless somebody has zoomed."""
        if self.shown is not None and self.plot.getViewBox().viewRange() == self._fitted:
            self._fit()

    def mark(self) -> None:
        """Ring the selected layers."""
        chosen = set(self._document.selection)
        spots = [spot for spot in (self.shown.spots if self.shown else ()) if spot.layer in chosen]
        self._rings.setData(
            x=np.array(self._xs(spots) if spots else []), y=np.array([math.log10(spot.ratio) for spot in spots]),
            pen=pg.mkPen(Look.of(self._theme).accent, width=3), brush=QColor(0, 0, 0, 0),
        )  # fmt: skip

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) layer along the axis."""
        if self.shown is None:
            return
        spots = self.shown.spots
        places = sorted(zip(self._xs(spots), (spot.ratio for spot in spots), range(len(spots)), strict=True))
        order = [spots[place].layer for _, _, place in places]
        here = [order.index(layer) for layer in self._document.selection if layer in order]
        place = (here[-1] if by > 0 else here[0]) + by if here else (0 if by > 0 else len(order) - 1)
        self._document.select([order[min(max(place, 0), len(order) - 1)]])

    def picture(self) -> Picture | None:
        """A chart like this one; None while there is nothing to show."""
        return of_copy(self.copy(), QSize(1100, 620)) if self.shown is not None else None

    def copy(self) -> "AttributesChart":
        """A chart that shows the same and has nothing to press."""
        copy = AttributesChart(self._document, self._theme, self._analysis)
        copy.choose(self.which.currentIndex())
        copy.which.hide()
        copy.pair.hide()
        return copy

    def _sentence(self) -> str:
        if self._document.profile is None:
            return NO_PROFILE
        if self._analysis.explanation is None:
            return WORKING
        return finding(self.shown, self._analysis) if self.shown else NOTHING

    def _tip(self, x: float, y: float, data: "Spot") -> str:
        found, shown = self._analysis.explanation, self.shown
        if found is None or found.pair is None or shown is None:
            return ""
        value = data.value if isinstance(data.value, str) else f"{written(float(data.value))} {shown.unit}".strip()
        first, second = map(escape, found.pair)
        faster, by = (second, data.ratio) if data.ratio > 1 else (first, 1 / data.ratio)
        word = formatting.origin(self._document.origin)
        return (
            f"<p style='white-space:pre'>{escape(one_line(data.layer))}<br>"
            f"{escape(shown.title)}: {escape(one_line(str(value)))}<br>"
            f"{first} over {second}: {formatting.number(data.ratio, 4)}, {word}<br>"
            f"{faster} faster {formatting.times(by)}"
        )

    def _clicked(self, _item: Any, dots: Sequence[Any], event: Any) -> None:
        if len(dots):
            layer = dots[0].data().layer
            more = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
            before = self._document.selection if more else ()
            self._document.select([one for one in before if one != layer] if layer in before else [*before, layer])


def _is_word(attribute: "Attribute") -> bool:
    return any(isinstance(spot.value, str) for spot in attribute.spots)
