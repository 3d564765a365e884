"""Pictures of the graph and the charts at their full size, as SVG or PNG, with a line that says what they show."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QWidget

from layerswitch.boards.progress import Progress
from layerswitch.errors import CancelledError

from ..document.document import Document
from ..jobs.runner import Report
from ..platform.theme import Theme
from ..widgets import formatting
from ..widgets.makers import with_origin
from ..widgets.picture import Paint
from ..widgets.text_safety import one_line

CAPTION = 30  # height of the line under a picture, in units of the picture
MARGIN = 16
PIXELS = 60_000_000  # of a PNG at most: 240 MB while it is drawn
STRIP = 1_000_000  # pixels filled at once
TAIL = b"</svg>\n"  # of an SVG as Qt writes it


def caption(document: Document) -> str:
    """What a picture shows, and what its numbers are: "googlenet on Khadas VIM3 (simulated) · 57.5 ms predicted"."""
    parts = [document.graph.name if document.graph else ""]
    if document.profile is not None:
        parts[0] += f" on {with_origin(document.profile.board.title, formatting.origin(document.origin))}"
        if document.prediction is not None:
            parts.append(f"{formatting.ms(document.prediction.total_ms)} predicted")
        if document.what_if:
            parts.append(f"{formatting.WHAT_IF} (transfer cost ×{document.transfer_factor:g})")
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
    pieces = _Pieces(sheet)
    pieces.painter.fillRect(QRect(QPoint(), sheet.whole), sheet.base)
    _draw(pieces.painter, paint, sheet, report, cancel, pieces.turn)
    return pieces.whole()


class _Pieces:
    """An SVG file made of one document for each piece that is painted.

    Qt's generator holds what is painted until it ends, and writes it out in one call that holds Python's lock: of a
    large network, that would stop the window for a second.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._texts = sheet, [b""]
        self.painter = QPainter()
        self._begin()

    def _begin(self) -> None:
        from PySide6.QtSvg import QSvgGenerator

        sheet = self._sheet
        self._buffer = QBuffer()
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._generator = QSvgGenerator()
        self._generator.setOutputDevice(self._buffer)
        self._generator.setSize(sheet.whole)
        self._generator.setViewBox(QRect(0, 0, sheet.whole.width(), sheet.whole.height()))
        self._generator.setTitle(sheet.text)
        self._generator.setResolution(sheet.dpi)  # or texts change their size
        self.painter.begin(self._generator)

    def _end(self) -> None:
        """The next document, without its head and its end; the first one's head is kept."""
        if self.painter.isActive():
            self.painter.end()
        head, defs, body = bytes(self._buffer.data().data()).partition(b"<defs>")
        self._texts[0] = self._texts[0] or head
        self._texts.append(defs + body.removesuffix(TAIL))

    def turn(self) -> None:
        """The next piece begins: the painter goes on as it was."""
        painter = self.painter
        pen, brush, font, hints = painter.pen(), painter.brush(), painter.font(), painter.renderHints()
        transform = painter.worldTransform()
        self._end()
        self._begin()
        painter.setPen(pen)
        painter.setBrush(brush)
        painter.setFont(font)
        painter.setRenderHints(painter.renderHints(), False)
        painter.setRenderHints(hints)
        painter.setWorldTransform(transform)

    def whole(self) -> bytes:
        """The file's bytes, once all is painted."""
        self._end()
        return b"".join((*self._texts, TAIL))


def png(paint: Paint, sheet: Sheet, report: Report | None = None, cancel: threading.Event | None = None) -> QImage:
    """The picture; `encoded` makes a PNG file of it. On any thread, if `paint` can be. Raises CancelledError."""
    image = QImage(sheet.whole * sheet.scale, QImage.Format.Format_ARGB32_Premultiplied)
    painter, strip = QPainter(image), max(1, STRIP // image.width())
    for top in range(0, image.height(), strip):  # of all at once, the window would wait for the fresh memory
        painter.fillRect(0, top, image.width(), strip, sheet.base)
    painter.scale(sheet.scale, sheet.scale)
    _draw(painter, paint, sheet, report, cancel)
    image.setText("Description", sheet.text)
    return image


def _draw(
    painter: QPainter,
    paint: Paint,
    sheet: Sheet,
    report: Report | None,
    cancel: threading.Event | None,
    turn: Callable[[], None] = lambda: None,
) -> None:
    """`turn` is called between two pieces."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    before = painter.worldTransform()
    painter.translate(MARGIN, MARGIN)
    for part in paint(painter):
        if cancel is not None and cancel.is_set():
            painter.end()
            raise CancelledError("the export was cancelled")
        if report is not None:
            report(Progress(part, 1.0, "painting"))
        turn()
    painter.setWorldTransform(before)
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


def of_window(window: QWidget) -> bytes:
    """A window or a widget as it is drawn now, as a PNG file's bytes."""
    return encoded(window.grab().toImage())
