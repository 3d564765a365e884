"""A large picture painted in bands, one to a turn of the event loop, and compressed on a thread: nothing stalls."""

import math
import threading
from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from layerswitch.errors import CancelledError

from . import exports
from .jobs import Progress, Report
from .theme import Theme

PaintPart = Callable[[QPainter, QRectF], None]
POLL_S = 0.02


class Bands(QObject):
    """`paint(painter, part)` paints a part of the picture, in its units; `task` is the job that makes the PNG of it.

    `state` is a value that changes whenever the picture would look otherwise: it is begun anew then.
    """

    _wanted = Signal(int)  # from the job's thread

    def __init__(
        self, paint: PaintPart, size: QSize, text: str, theme: Theme, count: int, state: Callable[[], Hashable]
    ) -> None:
        super().__init__()
        self._paint, self._size, self._text, self._theme, self._state = paint, size, text, theme, state
        self._count = max(1, count)
        self._scale, self._whole = exports.fitting(size)
        self._image = QImage()
        self._done = threading.Event()
        self._error: BaseException | None = None
        self._drawn: Hashable = None
        self._stale = False
        self._wanted.connect(self._paint_band, Qt.ConnectionType.QueuedConnection)

    def task(self, report: Report, cancel: threading.Event) -> bytes:
        """Paint band after band on the interface thread, then compress here. Raises CancelledError."""
        self._image = exports.blank(self._whole, self._scale, self._theme)
        band, again = 0, 0
        while band <= self._count:  # the last one is the line under the picture
            report(Progress(band, self._count + 2, "painting"))
            self._done.clear()
            self._wanted.emit(band)
            while not self._done.wait(POLL_S) and not cancel.is_set():
                pass
            if cancel.is_set():
                raise CancelledError("the export was cancelled")
            if self._error is not None:
                raise self._error
            again += self._stale
            band = 0 if self._stale and again < 5 else band + 1
        report(Progress(self._count + 1, self._count + 2, "compressing"))
        return exports.encoded(self._image, self._text)

    def _paint_band(self, band: int) -> None:
        try:
            if band == 0:
                self._drawn = self._state()
            self._stale = self._state() != self._drawn
            painter = QPainter(self._image)
            painter.scale(self._scale, self._scale)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if band == self._count:
                exports.draw_caption(painter, self._size, self._text, self._theme)
            else:
                part = self._part(band)
                painter.translate(exports.MARGIN, exports.MARGIN)
                painter.fillRect(part, self._theme.colour("base"))
                painter.setClipRect(part)
                self._paint(painter, part)
            painter.end()
        except Exception as error:  # delivered as the job's error
            self._error = error
        self._done.set()

    def _part(self, band: int) -> QRectF:
        """The band in units; along the longer side, its edges on whole pixels."""
        width, height = self._size.width(), self._size.height()
        length = max(width, height)
        low, high = (
            min(length, math.ceil(length * edge / self._count * self._scale) / self._scale) for edge in (band, band + 1)
        )
        return QRectF(low, 0, high - low, height) if width > height else QRectF(0, low, width, high - low)
