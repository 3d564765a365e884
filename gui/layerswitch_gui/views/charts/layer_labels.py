"""The strip under the ribbon: layers' names upright where they fit, and numbers where they do not."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets.text_safety import one_line
from .layer_axis import LayerAxis, Ruler

LONGEST = 112  # pixels a name may be long


@dataclass(frozen=True, eq=False)
class Names:
    """What the strip shows, as values; painted on any thread."""

    ruler: Ruler
    look: Look
    font: QFont
    height: int
    upright: bool

    def paint(self, painter: QPainter) -> Iterator[None]:
        """Names, or every so many a number: a step for each."""
        ruler = self.ruler
        painter.setFont(self.font)
        painter.setPen(QPen(self.look.text if self.upright else self.look.muted))
        metrics = painter.fontMetrics()
        if self.upright:
            for position in ruler.shown:
                painter.save()
                painter.translate(ruler.pixel(position + 0.5) + metrics.ascent() / 2 - 1, self.height - 2)
                painter.rotate(-90)
                text = metrics.elidedText(one_line(ruler.name(position)), Qt.TextElideMode.ElideLeft, self.height - 6)
                painter.drawText(QRectF(0, -metrics.ascent(), self.height - 4, metrics.height()), _RIGHT, text)
                painter.restore()
                yield
            return
        step = _round_step((metrics.horizontalAdvance("0000") + 16) / max(ruler.cell, 1e-6))
        for position in ruler.shown:
            if (position + 1) % step == 0 or (position == 0 and step > 1):
                middle = ruler.pixel(position + 0.5)
                box = QRectF(middle - 40, 1, 80, self.height - 2)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, str(int(ruler.order[position]) + 1)
                )
                yield


class NameStrip(QWidget):
    """Takes part in nothing but reading; hovering and clicking are the bars' and the ribbon's."""

    def __init__(self, theme: Theme, axis: LayerAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layer names")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme, self._axis = theme, axis
        self._look = Look.of(theme)
        self._upright = False
        axis.changed.connect(self._fit)
        theme.changed.connect(self._take_theme)

    def _take_theme(self) -> None:
        self._look = Look.of(self._theme)
        self._fit()

    def _fit(self) -> None:
        """Names stand upright while there is a line's height for each and the chart is high enough."""
        above = self.parentWidget()
        room = above is None or above.height() > 2.6 * LONGEST
        upright = self._axis.cell >= self.fontMetrics().height() and room
        if upright != self._upright:
            self._upright = upright
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """High enough for names or for numbers."""
        return QSize(200, LONGEST if self._upright else self.fontMetrics().height() + 4)

    def values(self) -> Names:
        """What is shown now."""
        return Names(self._axis.ruler(), self._look, self.font(), self.height(), self._upright)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, or numbers where there is no room."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.base)
        for _ in self.values().paint(painter):
            pass


def _round_step(least: float) -> int:
    size = 1
    while True:
        for factor in (1, 2, 5):
            if size * factor >= least:
                return size * factor
        size *= 10


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
