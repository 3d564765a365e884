"""A frame around the cards of an unfolded block, with its name; a click on the name folds it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ...platform.theme_snapshot import Look, blend
from ...widgets.text_safety import one_line
from .drawn_graph import Picture
from .node_item import NodeItem

PAD = 13.0
NEAR = 0.3  # below this zoom names are illegible


@dataclass(frozen=True, eq=False)
class Frame:
    """A block's frame in scene units, and its name as there is room for it, in `tag`."""

    block: str
    rect: QRectF
    font: QFont

    @cached_property
    def text(self) -> str:
        """The name, cut in the middle if need be."""
        room = max(self.rect.width() - 30, 40)
        return QFontMetricsF(self.font).elidedText(f"▾ {one_line(self.block)}", Qt.TextElideMode.ElideMiddle, room)

    @cached_property
    def tag(self) -> QRectF:
        """Where the name stands, on the frame's upper edge."""
        metrics = QFontMetricsF(self.font)
        top = self.rect.top() - metrics.height() / 2
        return QRectF(self.rect.left() + 8, top, metrics.horizontalAdvance(self.text) + 12, metrics.height())


def ground(look: Look) -> QColor:
    """What the inside of frames is filled with."""
    return blend(look.base, look.text, 0.045)


def paint_frames(painter: QPainter, zoom: float, look: Look, frames: Iterable[Frame]) -> None:
    """Faint panels, behind everything."""
    areas = [frame.rect for frame in frames]
    painter.setBrush(ground(look))
    if zoom < NEAR:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRects(areas)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.line, 1.0))
    for area in areas:
        painter.drawRoundedRect(area, 9, 9)


def paint_tags(painter: QPainter, zoom: float, look: Look, frames: Iterable[Frame]) -> None:
    """Their names, over the edges that cross them; only where they can be read."""
    if zoom < NEAR:
        return
    painter.setBrush(look.base)
    for frame in frames:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(frame.tag, 4, 4)
        painter.setFont(frame.font)
        painter.setPen(look.muted)
        painter.drawText(frame.tag, Qt.AlignmentFlag.AlignCenter, frame.text)


class BlockItem(QGraphicsItem):
    """The frame's place in the scene; its name is a `BlockTag`."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame, self.block, self.rect = frame, frame.block, frame.rect
        self.setZValue(-1)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @classmethod
    def around(cls, picture: Picture, items: dict[str, NodeItem], font: QFont) -> list["BlockItem"]:
        """Frames for the blocks whose cards stand together, with no other card among them."""
        areas: dict[str, QRectF] = {}
        for node in picture.nodes:
            if node.block and not node.folded:
                areas[node.block] = areas.get(node.block, QRectF()).united(items[node.key].area)
        if not areas:
            return []
        members = Counter(node.block for node in picture.nodes)
        corners = np.array([_corners(items[node.key].area) for node in picture.nodes]).reshape(-1, 4)
        of_block = np.array([node.block for node in picture.nodes], dtype=object)
        along = int(np.ptp(corners[:, 1]) > np.ptp(corners[:, 0]))  # the axis that the drawing is longer on
        order = np.argsort(corners[:, along])
        corners, of_block = corners[order], of_block[order]
        begins, longest = corners[:, along], np.max(corners[:, along + 2] - corners[:, along])
        found = []
        for block, area in areas.items():
            edges = left, top, right, bottom = _corners(area)
            near = slice(*np.searchsorted(begins, (edges[along] - longest, edges[along + 2])))  # of thousands a few
            cards = corners[near]
            inside = (cards[:, 0] < right) & (cards[:, 2] > left) & (cards[:, 1] < bottom) & (cards[:, 3] > top)
            if members[block] > 1 and not np.any(inside & (of_block[near] != block)):
                found.append(cls(Frame(block, area.adjusted(-PAD, -PAD, PAD, PAD), font)))
        return found

    def boundingRect(self) -> QRectF:
        """The frame."""
        return self.rect.adjusted(-1, -1, 1, 1)

    def shape(self) -> QPainterPath:
        """Nothing: only the name can be picked."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing: graph_painting.py paints all that is in view."""


class BlockTag(QGraphicsItem):
    """The place of a frame's name; a click on it folds the block."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.block, self._area = frame.block, frame.tag
        self.setZValue(0.8)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        """The name."""
        return self._area

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing: graph_painting.py paints all that is in view."""


def _corners(area: QRectF) -> tuple[float, float, float, float]:
    return area.left(), area.top(), area.right(), area.bottom()
