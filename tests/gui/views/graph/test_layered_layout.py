"""Drawings: no two cards overlap, ranks follow the edges, and the same graph is drawn the same."""

import random
from itertools import combinations

import pytest

from layerswitch_gui.views.graph import layered_layout as module
from layerswitch_gui.views.graph.layered_layout import layout, plain_ranks

SIZE = (180.0, 50.0)


def branching(count: int = 80, seed: int = 3) -> tuple[list[str], list[tuple[str, str]]]:
    rng = random.Random(seed)
    nodes = [f"n{place}" for place in range(count)]
    edges = [(nodes[rng.randrange(max(0, place - 5), place)], nodes[place]) for place in range(1, count)]
    edges += [(nodes[place], nodes[min(count - 1, place + 7)]) for place in range(0, count - 8, 6)]
    return nodes, edges


def without_library(*_: object) -> None:
    raise ImportError("no wheel")


@pytest.fixture(params=["library", "plain"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setattr(module, "_sugiyama", without_library)
    return request.param


@pytest.mark.parametrize("direction", ["down", "right"])
def test_no_two_cards_overlap(either: str, direction: str) -> None:
    nodes, edges = branching()
    drawing = layout(nodes, edges, direction, SIZE)
    assert set(drawing.positions) == set(nodes)
    for first, second in combinations(drawing.positions.values(), 2):
        apart = abs(first[0] - second[0]) >= SIZE[0] or abs(first[1] - second[1]) >= SIZE[1]
        assert apart, (first, second)


@pytest.mark.parametrize(("direction", "along"), [("down", 1), ("right", 0)])
def test_edges_lead_onwards(either: str, direction: str, along: int) -> None:
    nodes, edges = branching()
    positions = layout(nodes, edges, direction, SIZE).positions
    assert all(positions[source][along] < positions[target][along] for source, target in edges)


def test_is_deterministic() -> None:
    nodes, edges = branching()
    assert layout(nodes, edges, "down", SIZE) == layout(nodes, edges, "down", SIZE)


def test_long_edges_pass_beside_cards() -> None:
    nodes, edges = branching()
    drawing = layout(nodes, edges, "down", SIZE)
    assert drawing.bends, "a graph with skips has edges that pass ranks"
    for points in drawing.bends.values():
        for x, y in points:
            for card_x, card_y in drawing.positions.values():
                assert not (abs(x - card_x) < SIZE[0] / 2 and abs(y - card_y) < SIZE[1] / 2 - 1)


def test_loose_nodes_and_no_nodes_are_drawn() -> None:
    assert layout([], [], "down", SIZE).positions == {}
    drawing = layout(["a", "b", "c"], [("a", "b"), ("a", "b")], "down", SIZE)
    assert len(set(drawing.positions.values())) == 3


def test_plain_ranks_are_longest_paths() -> None:
    spots = plain_ranks(4, [(0, 1), (1, 2), (0, 2), (2, 3)])
    assert [spots[node][1] for node in range(4)] == [0, 1, 2, 3]
