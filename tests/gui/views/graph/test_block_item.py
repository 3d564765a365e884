"""Frames stand around exactly the blocks whose cards stand together, however the drawing is laid out."""

import random

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont

from layerswitch_gui.views.graph.block_item import BlockItem
from layerswitch_gui.views.graph.drawn_graph import Node, Picture

SIZE = 40.0


class Card:
    def __init__(self, area):
        self.area = area


def scattered(seed, wide, high):
    """Cards of a few blocks at random places, some beside each other, some over others."""
    chance = random.Random(seed)
    nodes, cards = [], {}
    for place in range(60):
        block = chance.choice(("", "one", "two", *(f"b{place // 4}",) * 5))
        nodes.append(Node(f"l{place}", f"l{place}", "Relu", (place,), block, folded=chance.random() < 0.05))
        x, y = (place * step + chance.uniform(-60, 60) for step in (wide, high))
        cards[f"l{place}"] = Card(QRectF(x, y, SIZE * chance.choice((1, 1, 3)), SIZE))
    return Picture(tuple(nodes), (), tuple(node.key for node in nodes)), cards


def by_hand(picture, cards):
    framed = set()
    for block in {node.block for node in picture.nodes if node.block}:
        area = QRectF()
        for node in picture.nodes:
            if node.block == block and not node.folded:
                area = area.united(cards[node.key].area)
        others = [node for node in picture.nodes if node.block != block and cards[node.key].area.intersects(area)]
        if not area.isNull() and not others and sum(node.block == block for node in picture.nodes) > 1:
            framed.add(block)
    return framed


@pytest.mark.parametrize(("wide", "high"), [(0, 70), (70, 0), (30, 50), (400, 3)])
def test_a_frame_has_no_other_card_in_it(qapp, wide, high):
    found = set()
    for seed in range(15):
        picture, cards = scattered(seed, wide, high)
        frames = {item.block for item in BlockItem.around(picture, cards, QFont())}
        assert frames == by_hand(picture, cards)
        found |= {len(frames)}
    assert len(found) > 1  # some have frames, and not all


def test_no_blocks_no_frames(qapp):
    assert BlockItem.around(Picture((), (), ()), {}, QFont()) == []
