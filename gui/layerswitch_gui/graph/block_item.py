"""A frame around the cards of an unfolded block, with its name; a click on the name folds it."""

from collections import Counter

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ..look import Look, blend
from .folding import Picture
from .node_item import NodeItem

PAD = 13.0
NEAR = 0.3  # below this zoom names are illegible


class BlockItem(QGraphicsItem):
    """Behind everything; its name is a `BlockTag`."""

    def __init__(self, block: str, rect: QRectF, font: QFont, look: Look) -> None:
        super().__init__()
        self.block = block
        self._font, self._look = font, look
        self.rect = rect.adjusted(-PAD, -PAD, PAD, PAD)
        self.setZValue(-1)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @classmethod
    def around(cls, picture: Picture, items: dict[str, NodeItem], font: QFont, look: Look) -> list["BlockItem"]:
        """Frames for the blocks whose cards stand together, with no other card among them."""
        areas: dict[str, QRectF] = {}
        for node in picture.nodes:
            if node.block and not node.folded:
                areas[node.block] = areas.get(node.block, QRectF()).united(_area(items[node.key]))
        members = Counter(node.block for node in picture.nodes)
        corners = np.array([_corners(_area(items[node.key])) for node in picture.nodes]).reshape(-1, 4)
        of_block = np.array([node.block for node in picture.nodes], dtype=object)
        found = []
        for block, area in areas.items():
            left, top, right, bottom = _corners(area)
            inside = (corners[:, 0] < right) & (corners[:, 2] > left) & (corners[:, 1] < bottom) & (corners[:, 3] > top)
            if members[block] > 1 and not np.any(inside & (of_block != block)):
                found.append(cls(block, area, font, look))
        return found

    def boundingRect(self) -> QRectF:
        """The frame."""
        return self.rect.adjusted(-1, -1, 1, 1)

    def shape(self) -> QPainterPath:
        """Nothing: only the name can be picked."""
        return QPainterPath()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """A faint panel."""
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        ground = blend(self._look.base, self._look.text, 0.045)
        if zoom < NEAR:
            painter.fillRect(self.rect, ground)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.line, 1.0))
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect, 9, 9)


class BlockTag(QGraphicsItem):
    """A frame's name, above the edges that cross it; a click on it folds the block."""

    def __init__(self, frame: BlockItem) -> None:
        super().__init__()
        self.block, self._look, self._font = frame.block, frame._look, frame._font
        metrics = QFontMetricsF(self._font)
        room = max(frame.rect.width() - 30, 40)
        self._text = metrics.elidedText(f"▾ {self.block}", Qt.TextElideMode.ElideMiddle, room)
        top = frame.rect.top() - metrics.height() / 2
        self._area = QRectF(frame.rect.left() + 8, top, metrics.horizontalAdvance(self._text) + 12, metrics.height())
        self.setZValue(0.8)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        """The name."""
        return self._area

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The name, only where it can be read."""
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) < NEAR:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.base)
        painter.drawRoundedRect(self._area, 4, 4)
        painter.setFont(self._font)
        painter.setPen(self._look.muted)
        painter.drawText(self._area, Qt.AlignmentFlag.AlignCenter, self._text)


def _area(item: NodeItem) -> QRectF:
    return item.rect.translated(item.pos())


def _corners(area: QRectF) -> tuple[float, float, float, float]:
    return area.left(), area.top(), area.right(), area.bottom()
