"""Pictures of the graph and the charts at their full size, as SVG or PNG, with a line that says what they show."""

import math
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QWidget

from . import wording
from .document import Document
from .panels.widgets import with_origin
from .theme import Theme

Paint = Callable[[QPainter], None]
CAPTION = 30  # height of the line under a picture, in units of the picture
MARGIN = 16
PIXELS = 60_000_000  # of a PNG at most: 240 MB while it is drawn
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
    return " · ".join(parts)


def svg(paint: Paint, size: QSize, text: str, theme: Theme) -> bytes:
    """The picture as an SVG file's bytes; `size` without the caption."""
    from PySide6.QtSvg import QSvgGenerator

    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    whole = _with_caption(size)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(whole)
    generator.setViewBox(QRect(0, 0, whole.width(), whole.height()))
    generator.setTitle(text)
    generator.setResolution(round(QGuiApplication.primaryScreen().logicalDotsPerInch()))  # or texts change their size
    _draw(QPainter(generator), paint, size, text, theme)
    buffer.close()
    return bytes(data.data())


def png(paint: Paint, size: QSize, text: str, theme: Theme) -> QImage:
    """The picture, two pixels to a unit, or as many as fit into memory; `encoded` makes a PNG file of it."""
    scale, whole = fitting(size)
    image = blank(whole, scale, theme)
    painter = QPainter(image)
    painter.scale(scale, scale)
    _draw(painter, paint, size, text, theme)
    return image


def fitting(size: QSize) -> tuple[float, QSize]:
    """(pixels to a unit, the size in units with margins and caption) of a PNG."""
    whole = _with_caption(size)
    scale = min(2.0, math.sqrt(PIXELS / (whole.width() * whole.height())))
    return min(scale, 32_000 / max(whole.width(), whole.height())), whole


def blank(whole: QSize, scale: float, theme: Theme) -> QImage:
    """An empty picture in the theme's colour. On any thread."""
    image = QImage(whole * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.colour("base"))
    return image


def encoded(image: QImage, text: str) -> bytes:
    """A PNG file's bytes, with the text as its description. On any thread; seconds for a large picture."""
    image.setText("Description", text)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())


def _with_caption(size: QSize) -> QSize:
    return QSize(size.width() + 2 * MARGIN, size.height() + 2 * MARGIN + CAPTION)


def _draw(painter: QPainter, paint: Paint, size: QSize, text: str, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    whole = _with_caption(size)
    painter.fillRect(QRect(0, 0, whole.width(), whole.height()), theme.colour("base"))
    painter.save()
    painter.translate(MARGIN, MARGIN)
    paint(painter)
    painter.restore()
    draw_caption(painter, size, text, theme)
    painter.end()


def draw_caption(painter: QPainter, size: QSize, text: str, theme: Theme) -> None:
    """The line under a picture of that size."""
    whole = _with_caption(size)
    painter.setFont(theme.font(1.0))
    painter.setPen(theme.colour("text"))
    line = QRectF(MARGIN, whole.height() - CAPTION - MARGIN / 2, size.width(), CAPTION)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip
    painter.drawText(line, flags, text)


def of_widget(widget: QWidget, size: QSize) -> Paint:
    """Paints a widget that nobody sees at a size of its own; the caller deletes it afterwards."""
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.resize(size)
    widget.show()

    def paint(painter: QPainter) -> None:
        widget.render(painter, QPoint())

    return paint
