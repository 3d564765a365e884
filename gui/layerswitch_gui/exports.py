"""Pictures of the graph and the charts at their full size, as SVG or PNG, with a line that says what they show."""

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QWidget

from layerswitch.errors import CancelledError

from . import wording
from .document import Document
from .jobs import Progress, Report
from .names import one_line
from .panels.widgets import with_origin
from .theme import Theme

Paint = Callable[[QPainter], Iterator[float]]
"""Paints a picture piece by piece; each step tells what part is done (0..1)."""
CAPTION = 30  # height of the line under a picture, in units of the picture
MARGIN = 16
PIXELS = 60_000_000  # of a PNG at most: 240 MB while it is drawn
STRIP = 250_000  # square units filled at once
CELL = 22  # width of a layer in the latency bars, so that every name can be read


def caption(document: Document) -> str:
    """What a picture shows, and what its numbers are: "googlenet on Khadas VIM3 (simulated) · 57.5 ms predicted"."""
    parts = [document.graph.name if document.graph else ""]
    if document.profile is not None:
        parts[0] += f" on {with_origin(document.profile.board.title, wording.origin(document.origin))}"
        if document.prediction is not None:
            parts.append(f"{wording.ms(document.prediction.total_ms)} predicted")
        if document.what_if:
            parts.append(f"{wording.WHAT_IF} (switch cost ×{document.transfer_factor:g})")
    return one_line(" · ".join(parts), 300)  # controls in a name make an SVG that no program reads


@dataclass(frozen=True)
class Sheet:
    """What a picture stands on, as it is at one moment, for any thread: size in units without margins and caption."""

    size: QSize
    text: str
    font: QFont
    ink: QColor
    base: QColor
    dpi: int

    @classmethod
    def of(cls, size: QSize, text: str, theme: Theme) -> "Sheet":
        """The sheet of a theme now, with a line of text under the picture."""
        dpi = round(QGuiApplication.primaryScreen().logicalDotsPerInch())
        return cls(size, text, theme.font(1.0), theme.colour("text"), theme.colour("base"), dpi)

    @property
    def whole(self) -> QSize:
        """The size in units with margins and caption."""
        return QSize(self.size.width() + 2 * MARGIN, self.size.height() + 2 * MARGIN + CAPTION)

    @property
    def scale(self) -> float:
        """Pixels to a unit of a PNG: two, or as many as fit into memory."""
        width, height = self.whole.width(), self.whole.height()
        return min(2.0, math.sqrt(PIXELS / (width * height)), 32_000 / max(width, height))


def svg(paint: Paint, sheet: Sheet, report: Report | None = None, cancel: threading.Event | None = None) -> bytes:
    """The picture as an SVG file's bytes; on any thread, if `paint` can be. Raises CancelledError."""
    from PySide6.QtSvg import QSvgGenerator

    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(sheet.whole)
    generator.setViewBox(QRect(0, 0, sheet.whole.width(), sheet.whole.height()))
    generator.setTitle(sheet.text)
    generator.setResolution(sheet.dpi)  # or texts change their size
    _draw(QPainter(generator), paint, sheet, report, cancel)
    buffer.close()
    return bytes(data.data())


def png(paint: Paint, sheet: Sheet, report: Report | None = None, cancel: threading.Event | None = None) -> QImage:
    """The picture; `encoded` makes a PNG file of it. On any thread, if `paint` can be. Raises CancelledError."""
    image = QImage(sheet.whole * sheet.scale, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.scale(sheet.scale, sheet.scale)
    _draw(painter, paint, sheet, report, cancel)
    image.setText("Description", sheet.text)
    return image


def _draw(painter: QPainter, paint: Paint, sheet: Sheet, report: Report | None, cancel: threading.Event | None) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width, height = sheet.whole.width(), sheet.whole.height()
    strip = max(1, STRIP // width) if isinstance(painter.device(), QImage) else height
    for top in range(0, height, strip):  # of so many pixels at once, the window would wait for the fresh memory
        painter.fillRect(QRect(0, top, width, min(strip, height - top)), sheet.base)
    painter.save()
    painter.translate(MARGIN, MARGIN)
    for part in paint(painter):
        if cancel is not None and cancel.is_set():
            painter.restore()
            painter.end()
            raise CancelledError("the export was cancelled")
        if report is not None:
            report(Progress(part, 1.0, "painting"))
    painter.restore()
    painter.setFont(sheet.font)
    painter.setPen(sheet.ink)
    line = QRectF(MARGIN, sheet.whole.height() - CAPTION - MARGIN / 2, sheet.size.width(), CAPTION)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip
    painter.drawText(line, flags, sheet.text)
    painter.end()


def encoded(image: QImage) -> bytes:
    """A PNG file's bytes. On any thread; seconds for a large picture."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())


def of_widget(widget: QWidget, size: QSize) -> Paint:
    """Paints a widget that nobody sees at a size of its own, on the interface thread; the caller deletes it then."""
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.resize(size)
    widget.show()

    def paint(painter: QPainter) -> Iterator[float]:
        widget.render(painter, QPoint())
        yield 1.0

    return paint
