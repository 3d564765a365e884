"""Walking the graph by keyboard, along edges and across ranks, and finding cards by what is written on them."""

from typing import Literal

from .drawn_graph import Picture
from .layered_layout import Direction
from .scene import GraphScene

Move = Literal["on", "back", "before", "after", "first", "last"]


def step(scene: GraphScene, key: str, move: Move) -> str:
    """The card one move away: "on" and "back" follow an edge, "before" and "after" go to a neighbour of the rank.

    Returns the same key where there is none.
    """
    nodes = scene.picture.nodes
    if move in ("first", "last"):
        return nodes[0 if move == "first" else -1].key
    if move in ("on", "back"):
        ahead = move == "on"
        reached = [
            link.target if ahead else link.source
            for link in scene.picture.links
            if (link.source if ahead else link.target) == key
        ]
        return min(reached, key=lambda other: _across(scene, other, key), default=key)
    here = _spot(scene, key)
    sign = 1 if move == "after" else -1
    beside = [
        (abs(spot[0] - here[0]), node.key)
        for node in nodes
        if (spot := _spot(scene, node.key))[1] == here[1] and sign * (spot[0] - here[0]) > 0
    ]
    return min(beside, default=(0.0, key))[1]


def moves(direction: Direction) -> tuple[Move, Move, Move, Move]:
    """What the keys up, down, left and right mean."""
    return ("back", "on", "before", "after") if direction == "down" else ("before", "after", "back", "on")


def find(picture: Picture, layer_texts: list[str], text: str) -> list[str]:
    """The cards, in execution order, that hold a layer whose text holds every word of `text`, in any case."""
    words = text.casefold().split()
    if not words:
        return []
    hits = [all(word in layer_text for word in words) for layer_text in layer_texts]
    return [node.key for node in picture.nodes if any(hits[place] for place in node.places)]


def _spot(scene: GraphScene, key: str) -> tuple[float, float]:
    """(across, along) of a card."""
    spot = scene.nodes[key].pos()
    return (spot.x(), spot.y()) if scene.direction == "down" else (spot.y(), spot.x())


def _across(scene: GraphScene, key: str, other: str) -> tuple[float, float]:
    (across, along), (from_across, from_along) = _spot(scene, key), _spot(scene, other)
    return abs(along - from_along), abs(across - from_across)
