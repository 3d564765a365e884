"""A card of the layer graph: device badge, name, type and time; a plain rectangle from afar."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ..look import Look, blend, ink
from .colouring import Style
from .folding import Node

BADGE = 26.0
PAD = 8.0
ROUND = 7.0
FAR = 0.45  # below this zoom text is illegible and cards are drawn as rectangles
DOT = 0.04  # below this zoom a card is two pixels high
FARTHEST = 0.17  # below this zoom a letter is illegible too; the second device's stripe still tells them apart
NARROWEST, WIDEST = 150.0, 250.0


def measure(nodes: tuple[Node, ...], font: QFont) -> tuple[float, float]:
    """Width and height that fit most cards' texts; longer names are cut in the middle and shown whole on hovering."""
    bold = QFont(font)
    bold.setBold(True)
    metrics = QFontMetricsF(bold)
    widths = sorted(metrics.horizontalAdvance(node.title) for node in nodes)
    usual = widths[math.ceil(0.95 * (len(widths) - 1))] if widths else 0.0
    plain = QFontMetricsF(font)
    kinds = max((plain.horizontalAdvance(f"{node.kind} · 00.00 ms") for node in nodes), default=0.0)
    width = BADGE + 2 * PAD + max(usual, min(kinds, WIDEST - BADGE - 2 * PAD))
    return min(max(width + 4, NARROWEST), WIDEST), 2 * metrics.height() + 2 * PAD


class NodeItem(QGraphicsItem):
    """One card, centred on its position. The scene says what it looks like; it keeps nothing of the document."""

    def __init__(self, node: Node, size: tuple[float, float], font: QFont, look: Look) -> None:
        super().__init__()
        self.node = node
        self.rect = QRectF(-size[0] / 2, -size[1] / 2, *size)
        self.area = self.rect  # where it is in the scene, once it is placed
        self.selected = False
        self.found = False  # a hit of the search
        self._font, self._look = font, look
        self._bold = QFont(font)
        self._bold.setBold(True)
        self._texts: tuple[str, str] | None = None  # title and second line as there is room for them, once seen
        self.style: Style | None = None
        self.setZValue(1)

    def restyle(self, style: Style) -> None:
        """Take on a style; repaints only if it differs."""
        if style == self.style:
            return
        self.style = style
        self._texts = None
        self.update()

    def mark(self, *, selected: bool, found: bool) -> None:
        """Say whether it is selected and whether the search found it; repaints only on a change."""
        if (selected, found) != (self.selected, self.found):
            self.selected, self.found = selected, found
            self.setZValue(2 if selected else 1)
            self.update()

    def _fit_texts(self, style: Style) -> tuple[str, str]:
        room = self.rect.width() - BADGE - 2 * PAD - (14 if self.node.folded else 0)
        title = QFontMetricsF(self._bold).elidedText(self.node.title, Qt.TextElideMode.ElideMiddle, room)
        metrics = QFontMetricsF(self._font)
        note = f" · {style.note}" if style.note else ""
        kind = metrics.elidedText(self.node.kind, Qt.TextElideMode.ElideRight, room - metrics.horizontalAdvance(note))
        return title, metrics.elidedText(kind + note, Qt.TextElideMode.ElideRight, room)

    def badge_holds(self, scene_point: QPointF) -> bool:
        """Whether a point of the scene is on the device badge, where a click flips the layer."""
        return self.mapFromScene(scene_point).x() < self.rect.left() + BADGE

    def boundingRect(self) -> QRectF:
        """The card with its outline."""
        return self.rect.adjusted(-4, -4, 4, 4)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw what can be read at the painter's zoom."""
        if self.style is None:
            return
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        if zoom < FAR:
            self._paint_far(painter, zoom, self.style)
        else:
            self._paint_near(painter, self.style)

    def _paint_far(self, painter: QPainter, zoom: float, style: Style) -> None:
        rect = self.rect
        mark = self._look.accent if self.selected else self._look.warning if self.found else None
        if mark is not None:
            grown = 4 / max(zoom, 0.02) * 0.6
            painter.fillRect(rect.adjusted(-grown, -grown, grown, grown), mark)
        painter.fillRect(rect, style.fill)
        if zoom < DOT and style.badges:
            left, width = rect.left(), rect.width() * 0.4
            painter.fillRect(QRectF(left, rect.top(), width, rect.height()), style.badges[0].colour)
            return
        side = rect.left()
        for place, badge in enumerate(style.badges):
            width = rect.width() * 0.4 * badge.share if len(style.badges) > 1 else rect.width() * 0.4
            part = QRectF(side, rect.top(), width, rect.height())
            painter.fillRect(part, badge.colour)
            if badge.letter != "C" and zoom < FARTHEST:  # never by colour alone
                painter.fillRect(
                    QRectF(part.left(), -rect.height() * 0.12, width, rect.height() * 0.24), ink(badge.colour)
                )
            elif zoom >= FARTHEST and place == 0:
                font = QFont(self._bold)
                font.setPixelSize(int(rect.height() * 0.75))
                painter.setFont(font)
                painter.setPen(ink(badge.colour))
                painter.drawText(part, Qt.AlignmentFlag.AlignCenter, badge.letter)
            side += width

    def _paint_near(self, painter: QPainter, style: Style) -> None:
        if self._texts is None:
            self._texts = self._fit_texts(style)
        title, line = self._texts
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, fore = self.rect, ink(style.fill)
        if self.selected or self.found:
            painter.setPen(QPen(self._look.accent if self.selected else self._look.warning, 4.0))
        else:
            painter.setPen(QPen(style.outline, 1.2))
        painter.setBrush(style.fill)
        painter.drawRoundedRect(rect, ROUND, ROUND)
        self._paint_badges(painter, style)
        left = rect.left() + BADGE + PAD
        width = rect.width() - BADGE - 2 * PAD
        half = rect.height() / 2 - PAD
        painter.setFont(self._bold)
        painter.setPen(fore)
        painter.drawText(QRectF(left, rect.top() + PAD, width, half), _LEFT, title)
        painter.setFont(self._font)
        painter.setPen(self._look.bad if style.struck else blend(style.fill, fore, 0.78))
        painter.drawText(QRectF(left, rect.top() + PAD + half, width, half), _LEFT, line)
        if self.node.folded:
            painter.setPen(fore)
            painter.drawText(QRectF(left, rect.top() + PAD + half, width, half), _RIGHT, "▸")
        if style.pinned:
            self._paint_pin(painter)

    def _paint_pin(self, painter: QPainter) -> None:
        """A drawing pin on the card's corner."""
        head = QPointF(self.rect.right() - 7, self.rect.top() + 3)
        painter.setPen(QPen(self._look.text, 1.6))
        painter.drawLine(head, head + QPointF(-5, 9))
        painter.setBrush(self._look.bad)
        painter.drawEllipse(head, 4.0, 4.0)

    def _paint_badges(self, painter: QPainter, style: Style) -> None:
        column = QRectF(self.rect.left(), self.rect.top(), BADGE, self.rect.height()).adjusted(2, 2, -2, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        top = column.top()
        for badge in style.badges:
            share = badge.share if len(style.badges) == 1 else min(max(badge.share, 0.38), 0.62)
            part = QRectF(column.left(), top, column.width(), column.height() * share)
            painter.setBrush(badge.colour)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(part, ROUND - 2, ROUND - 2)
            painter.setPen(ink(badge.colour))
            painter.setFont(self._bold)
            painter.drawText(part, Qt.AlignmentFlag.AlignCenter, badge.letter)
            top += part.height()


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
