"""Picture: a view as it is at one moment, to be painted in a file; and how a view that nobody sees becomes one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

Paint = Callable[[QPainter], Iterator[float]]
"""Paints a picture piece by piece; each step tells what part is done (0..1). Between two, no state is saved."""


@dataclass(frozen=True)
class Picture:
    """Its size in units, and what paints it: once, on any thread if `anywhere`, else on the interface thread."""

    size: QSize
    paint: Paint
    anywhere: bool = False


@runtime_checkable
class Pictured(Protocol):
    """A view of which there can be a picture at full size."""

    def picture(self) -> Picture | None:
        """What it shows now; None while there is nothing to show."""


def lay_out(widget: QWidget, size: QSize) -> None:
    """Lay out a widget that nobody sees at a size of its own; the caller hides and deletes it."""
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.resize(size)
    widget.show()
    for _ in range(3):  # what got its room may want another height now
        QCoreApplication.sendPostedEvents(widget, QEvent.Type.LayoutRequest)


def discard(widget: QWidget) -> None:
    """Hide and delete a widget that was laid out for a picture."""
    widget.hide()
    widget.deleteLater()


def of_copy(widget: QWidget, size: QSize) -> Picture:
    """A picture of a widget that was made for it, and goes when it is painted."""

    def paint(painter: QPainter) -> Iterator[float]:
        lay_out(widget, size)
        widget.render(painter, QPoint())
        discard(widget)
        yield 1.0

    return Picture(size, paint)
