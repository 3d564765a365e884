"""Cards of the layer graph as values, painted many at once: device badge, name, type and time; less from further off.

Calling Python and Qt once a card costs more than its pixels: rectangles of one colour go into one call, and so do texts
that share font and colour. Values do not change, so a picture can be painted of them on any thread.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ...platform.theme_snapshot import Look, blend, ink
from .drawn_graph import Node
from .node_colours import Style

BADGE = 26.0
PAD = 8.0
ROUND = 7.0
FAR = 0.45  # below this zoom text is illegible and cards are drawn as rectangles with a letter
DOT = 0.04  # below this zoom a card is two pixels high
FARTHEST = 0.17  # below this zoom a letter is illegible too; the second device's stripe still tells them apart
SMOOTH = 0.3  # below this zoom edges need no smoothing
NARROWEST, WIDEST = 150.0, 250.0

Written = dict[tuple[bool, int], list[tuple[QRectF, int, str]]]
"""Texts by (bold, colour): where, how they are aligned, what they say."""


@dataclass(frozen=True)
class Fonts:
    """What cards, costs and names of blocks are written in."""

    plain: QFont
    bold: QFont

    @classmethod
    def of(cls, font: QFont) -> "Fonts":
        """A font and its bold one."""
        bold = QFont(font)
        bold.setBold(True)
        return cls(font, bold)


def measure(nodes: tuple[Node, ...], font: QFont) -> tuple[float, float]:
    """Width and height that fit most cards' texts; longer names are cut in the middle and shown whole on hovering."""
    metrics = QFontMetricsF(Fonts.of(font).bold)
    widths = sorted(metrics.horizontalAdvance(node.title) for node in nodes)
    usual = widths[math.ceil(0.95 * (len(widths) - 1))] if widths else 0.0
    plain = QFontMetricsF(font)
    kinds = max((plain.horizontalAdvance(f"{node.kind} · 00.00 ms") for node in nodes), default=0.0)
    width = BADGE + 2 * PAD + max(usual, min(kinds, WIDEST - BADGE - 2 * PAD))
    return min(max(width + 4, NARROWEST), WIDEST), 2 * metrics.height() + 2 * PAD


@dataclass(frozen=True, eq=False)
class Card:
    """One card as it stands in the scene: `area` in scene units; `found` says that the search found it."""

    node: Node
    area: QRectF
    fonts: Fonts
    style: Style | None = None
    selected: bool = False
    found: bool = False

    @cached_property
    def texts(self) -> tuple[str, str]:
        """Title and second line, as there is room for them."""
        room = self.area.width() - BADGE - 2 * PAD - (14 if self.node.folded else 0)
        title = QFontMetricsF(self.fonts.bold).elidedText(self.node.title, Qt.TextElideMode.ElideMiddle, room)
        metrics = QFontMetricsF(self.fonts.plain)
        note = f" · {self.style.note}" if self.style and self.style.note else ""
        kind = metrics.elidedText(self.node.kind, Qt.TextElideMode.ElideRight, room - metrics.horizontalAdvance(note))
        return title, metrics.elidedText(kind + note, Qt.TextElideMode.ElideRight, room)

    def mark(self, look: Look) -> QColor | None:
        """The colour around it, if it is selected or found."""
        return look.accent if self.selected else look.warning if self.found else None


def paint_cards(painter: QPainter, zoom: float, look: Look, cards: Iterable[Card]) -> None:
    """Paint what can be read at a zoom; the painter's units are the scene's."""
    styled = [(card, card.style) for card in cards if card.style is not None]
    if zoom < FAR:
        _paint_small(painter, zoom, look, styled)
    else:
        _paint_large(painter, look, styled)


def _paint_small(painter: QPainter, zoom: float, look: Look, cards: list[tuple[Card, Style]]) -> None:
    """A rectangle in the card's colour, a smaller one in its devices', and the first one's letter."""
    marks: defaultdict[int, list[QRectF]] = defaultdict(list)
    fills: defaultdict[int, list[QRectF]] = defaultdict(list)
    badges: defaultdict[int, list[QRectF]] = defaultdict(list)
    letters: Written = defaultdict(list)
    grown = 2.4 / max(zoom, 0.02)
    height = 0.0
    for card, style in cards:
        area = card.area
        if (mark := card.mark(look)) is not None:
            marks[mark.rgba()].append(area.adjusted(-grown, -grown, grown, grown))
        fills[style.fill.rgba()].append(area)
        left, top, whole, height = area.left(), area.top(), 0.4 * area.width(), area.height()
        for place, badge in enumerate(style.badges):
            width = whole * badge.share if len(style.badges) > 1 else whole
            part = QRectF(left, top, width, height)
            badges[badge.colour.rgba()].append(part)
            if place == 0:
                letters[True, ink(badge.colour).rgba()].append((part, _MIDDLE, badge.letter))
            left += width
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, zoom >= SMOOTH)
    painter.setPen(Qt.PenStyle.NoPen)
    for group in (marks, fills, badges):
        for colour, areas in group.items():
            painter.setBrush(QColor.fromRgba(colour))
            painter.drawRects(areas)
    if cards:
        font = QFont(cards[0][0].fonts.bold)
        font.setPixelSize(max(1, int(height * 0.75)))
        _write(painter, letters, Fonts(font, font))


def _paint_large(painter: QPainter, look: Look, cards: list[tuple[Card, Style]]) -> None:
    boxes: defaultdict[tuple[int, int, float], list[QRectF]] = defaultdict(list)
    badges: defaultdict[int, list[QRectF]] = defaultdict(list)
    texts: Written = defaultdict(list)
    for card, style in cards:
        area, fore, mark = card.area, ink(style.fill), card.mark(look)
        outline = (style.outline.rgba(), 1.2) if mark is None else (mark.rgba(), 4.0)
        boxes[style.fill.rgba(), *outline].append(area)
        _add_badges(card, style, badges, texts)
        title, line = card.texts
        half = area.height() / 2 - PAD
        room = QRectF(area.left() + BADGE + PAD, area.top() + PAD, area.width() - BADGE - 2 * PAD, half)
        below = room.translated(0, half)
        texts[True, fore.rgba()].append((room, _LEFT, title))
        second = look.bad if style.struck else blend(style.fill, fore, 0.78)
        texts[False, second.rgba()].append((below, _LEFT, line))
        if card.node.folded:
            texts[False, fore.rgba()].append((below, _RIGHT, "▸"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for (fill, edge, width), areas in boxes.items():
        painter.setPen(QPen(QColor.fromRgba(edge), width))
        painter.setBrush(QColor.fromRgba(fill))
        for area in areas:
            painter.drawRoundedRect(area, ROUND, ROUND)
    painter.setPen(Qt.PenStyle.NoPen)
    for colour, areas in badges.items():
        painter.setBrush(QColor.fromRgba(colour))
        for area in areas:
            painter.drawRoundedRect(area, ROUND - 2, ROUND - 2)
    if cards:
        _write(painter, texts, cards[0][0].fonts)
    for card, style in cards:
        if style.pinned:
            _paint_pin(painter, look, card.area)


def _add_badges(card: Card, style: Style, badges: dict[int, list[QRectF]], texts: Written) -> None:
    column = QRectF(card.area.left(), card.area.top(), BADGE, card.area.height()).adjusted(2, 2, -2, -2)
    top = column.top()
    for badge in style.badges:
        share = badge.share if len(style.badges) == 1 else min(max(badge.share, 0.38), 0.62)
        part = QRectF(column.left(), top, column.width(), column.height() * share)
        badges[badge.colour.rgba()].append(part)
        texts[True, ink(badge.colour).rgba()].append((part, _MIDDLE, badge.letter))
        top += part.height()


def _paint_pin(painter: QPainter, look: Look, area: QRectF) -> None:
    """A drawing pin on the card's corner."""
    head = QPointF(area.right() - 7, area.top() + 3)
    painter.setPen(QPen(look.text, 1.6))
    painter.drawLine(head, head + QPointF(-5, 9))
    painter.setBrush(look.bad)
    painter.drawEllipse(head, 4.0, 4.0)


def _write(painter: QPainter, texts: Written, fonts: Fonts) -> None:
    for bold in (True, False):
        painter.setFont(fonts.bold if bold else fonts.plain)
        for (heavy, colour), lines in texts.items():
            if heavy == bold:
                painter.setPen(QColor.fromRgba(colour))
                for room, flags, text in lines:
                    painter.drawText(room, flags, text)


_MIDDLE = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip  # clipping takes longer than the text
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
