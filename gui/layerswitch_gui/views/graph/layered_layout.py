"""Where the cards of a layered drawing stand and how its edges bend: the only door to the layout library."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Direction = Literal["down", "right"]
Point = tuple[float, float]
Edge = tuple[str, str]

GAP_ALONG = {"down": 46.0, "right": 84.0}  # between ranks: room for an arrow and a switch's cost
GAP_ACROSS = 26.0  # between neighbours of one rank
DUMMY = 0.3  # room an edge takes where it passes a rank, in parts of a card's


@dataclass(frozen=True)
class Drawing:
    """A layered drawing in scene units, y downwards.

    positions: node -> centre of its card. bends: edge -> points it passes between its cards, none if straight.
    """

    positions: dict[str, Point] = field(default_factory=dict)
    bends: dict[Edge, tuple[Point, ...]] = field(default_factory=dict)


def layout(
    nodes: Sequence[str],
    edges: Iterable[Edge],
    direction: Direction = "down",
    size: tuple[float, float] = (190.0, 54.0),
) -> Drawing:
    """Draw an acyclic graph in ranks along `direction`; every card is `size` (width, height) in scene units.

    The same input gives the same drawing. Without the layout library (it has no wheel for every platform), or if it
    fails, the ranks are kept and crossings are not minimised.
    """
    pairs = list(dict.fromkeys(edges))
    number = {node: place for place, node in enumerate(nodes)}
    numbered = [(number[source], number[target]) for source, target in pairs]
    try:
        spots, routes = _sugiyama(len(nodes), numbered)
    except Exception:  # an optional native library: whatever goes wrong in it, the plain drawing still serves
        spots, routes = plain_ranks(len(nodes), numbered), {}
    width, height = size
    along, across = (height, width) if direction == "down" else (width, height)
    pitch = along + GAP_ALONG[direction]

    def place(cross: float, rank: float) -> Point:
        x, y = cross * (across + GAP_ACROSS), rank * pitch
        return (x, y) if direction == "down" else (y, x)

    def passage(cross: float, rank: float) -> tuple[Point, Point]:
        """An edge runs straight through a whole rank, so that it never cuts a neighbouring card."""
        half = along / 2 / pitch
        return place(cross, rank - half), place(cross, rank + half)

    positions = {node: place(*spots[place_]) for place_, node in enumerate(nodes)}
    bends = {
        pair: tuple(point for spot in routes[pair_] for point in passage(*spot))
        for pair, pair_ in zip(pairs, numbered, strict=True)
        if routes.get(pair_)
    }
    return Drawing(positions, bends)


Spots = dict[int, Point]  # node -> (across, rank)
Routes = dict[tuple[int, int], list[Point]]


def _sugiyama(count: int, edges: list[tuple[int, int]]) -> tuple[Spots, Routes]:
    from fast_sugiyama import from_edges

    spots: Spots = {}
    routes: Routes = {}
    left = 0.0
    drawings: Sequence[Any] = ()
    if edges:
        drawings = from_edges(
            edges, vertex_spacing=1, dummy_vertices=True, dummy_size=DUMMY, ranking_type="up", check_layout=False
        )
    for points, _width, _height, pieces in drawings:
        low = min(x for _, (x, _) in points)
        top = max(y for _, (_, y) in points)
        moved = {vertex: (x - low + left, top - y) for vertex, (x, y) in points}
        left += max(x for _, (x, _) in points) - low + 1
        spots |= {vertex: spot for vertex, spot in moved.items() if vertex < count}
        onwards = {source: target for source, target in pieces or () if source >= count}
        for source, target in pieces or ():
            if source < count <= target:
                passed = []
                while target >= count:
                    passed.append(moved[target])
                    target = onwards[target]
                routes[source, target] = passed
    for node in range(count):  # a node without edges is in no component the library sees
        if node not in spots:
            spots[node] = (left, 0.0)
            left += 1
    return spots, routes


def plain_ranks(count: int, edges: list[tuple[int, int]]) -> Spots:
    """Longest-path ranks, nodes near the mean of what they read. Nodes 0..count-1 are in a topological order."""
    reads: dict[int, list[int]] = {}
    for source, target in edges:
        reads.setdefault(target, []).append(source)
    rank: dict[int, int] = {}
    spots: Spots = {}
    rows: dict[int, list[int]] = {}
    for node in range(count):
        rank[node] = 1 + max((rank[source] for source in reads.get(node, ())), default=-1)
        rows.setdefault(rank[node], []).append(node)
    for row, members in sorted(rows.items()):

        def wish(node: int) -> float:
            sources = reads.get(node, ())
            return sum(spots[source][0] for source in sources) / len(sources) if sources else 0.0

        members.sort(key=wish)
        middle = sum(map(wish, members)) / len(members)
        for place, node in enumerate(members):
            spots[node] = (middle + place - (len(members) - 1) / 2, float(row))
    return spots
