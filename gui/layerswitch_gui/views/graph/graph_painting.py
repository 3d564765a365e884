"""What paints the layer graph: on screen what is in view, for a picture everything, piece by piece, on any thread."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from ...platform.theme_snapshot import Look
from .block_item import Frame, paint_frames, paint_tags
from .edge_painting import Line, paint_lines
from .node_painting import FARTHEST, Card, paint_cards
from .overview_painting import FarPainter

PIECE = 200  # parts painted at once into a picture: a thread lets others work in between


class Parts(NamedTuple):
    """Everything that is painted of a drawing."""

    frames: Sequence[Frame]
    lines: Sequence[Line]
    cards: Sequence[Card]

    @property
    def crossing(self) -> list[Line]:
        """The lines that change device."""
        return [line for line in self.lines if line.cost is not None]

    @property
    def marked(self) -> list[Card]:
        """The cards that are selected or found."""
        return [card for card in self.cards if card.selected or card.found]


def paint_near(painter: QPainter, zoom: float, look: Look, parts: Parts) -> None:
    """Paint these parts as they look at a zoom from which letters can be read."""
    paint_frames(painter, zoom, look, parts.frames)
    paint_lines(painter, zoom, look, [line for line in parts.lines if line.cost is None])
    paint_lines(painter, zoom, look, parts.crossing)
    paint_tags(painter, zoom, look, parts.frames)
    paint_cards(painter, zoom, look, parts.cards)


class Source(Protocol):
    """A scene, as `ScenePainter` knows it."""

    version: int  # of what its parts look like
    drawing: int  # of where they are

    def parts(self) -> Parts:
        """All of them."""

    def areas(self) -> tuple[list[QRectF], list[QRectF], list[QRectF]]:
        """Where frames, lines (with room for their costs) and cards are, in the order of `parts`."""

    def some(self, frames: list[int], lines: list[int], cards: list[int]) -> Parts:
        """Those at these places of `parts`."""

    def crossing(self) -> list[Line]:
        """The lines that change device: their costs stand beside them."""

    def marked(self) -> list[Card]:
        """The cards that are selected or found."""


class ScenePainter:
    """Paints what is in view of a scene that changes. Keeps where everything is until the scene is drawn again."""

    def __init__(self, scene: Source) -> None:
        self._scene, self._drawing = scene, -1
        self._sides: list[np.ndarray] = []
        self._far = FarPainter()

    def paint(self, painter: QPainter, zoom: float, look: Look, views: Sequence[QRectF]) -> None:
        """Paint what touches one of the views; the painter's units are the scene's."""
        scene = self._scene
        if is_far(zoom):
            whole = QRectF()
            for view in views:
                whole = whole.united(view)
            self._far.paint(painter, zoom, look, whole, scene)
            return
        if self._drawing != scene.drawing:
            self._drawing = scene.drawing
            self._sides = [_sides(areas) for areas in scene.areas()]
        frames, lines, cards = (_touching(sides, views) for sides in self._sides)
        paint_near(painter, zoom, look, scene.some(frames, lines, cards))


class Snapshot:
    """A scene as it was at one moment, to make a picture of on any thread. `corner` becomes the painter's origin."""

    version = drawing = 0

    def __init__(self, parts: Parts, look: Look, corner: QPointF) -> None:
        self._parts, self._look, self._corner = parts, look, corner

    def parts(self) -> Parts:
        """All that is painted."""
        return self._parts

    def crossing(self) -> list[Line]:
        """The lines that change device."""
        return self._parts.crossing

    def marked(self) -> list[Card]:
        """The cards that are selected or found."""
        return self._parts.marked

    def paint(self, painter: QPainter) -> Iterator[float]:
        """Paint everything, a piece at each step, which tells what part is done (0..1)."""
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        before = painter.worldTransform()
        painter.translate(-self._corner)
        if is_far(zoom):
            area = QRectF(-1e9, -1e9, 2e9, 2e9)
            FarPainter().paint(painter, zoom, self._look, area, self)
        else:
            frames, lines, cards = self._parts
            plain = [line for line in lines if line.cost is None]
            steps = [(paint_frames, frames), (paint_lines, plain), (paint_lines, self._parts.crossing),
                     (paint_tags, frames), (paint_cards, cards)]  # fmt: skip
            total, done = max(1, sum(len(parts) for _, parts in steps)), 0
            for paint, parts in steps:
                for begin in range(0, len(parts), PIECE):
                    piece = parts[begin : begin + PIECE]
                    paint(painter, zoom, self._look, piece)  # type: ignore[operator]
                    done += len(piece)
                    yield done / total
        painter.setWorldTransform(before)
        yield 1.0


def is_far(zoom: float) -> bool:
    """Whether the whole is painted in batches at that zoom."""
    return zoom < FARTHEST


def _sides(areas: list[QRectF]) -> np.ndarray:
    corners = [(area.left(), area.top(), area.right(), area.bottom()) for area in areas]
    return np.array(corners, dtype=float).reshape(-1, 4).T


def _touching(sides: np.ndarray, views: Sequence[QRectF]) -> list[int]:
    """The places of those that touch one of the views."""
    left, top, right, bottom = sides
    found = np.zeros(sides.shape[1], dtype=bool)
    for view in views:
        found |= (right >= view.left()) & (left <= view.right()) & (bottom >= view.top()) & (top <= view.bottom())
    places: list[int] = np.flatnonzero(found).tolist()
    return places
