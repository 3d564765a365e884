"""Regions: branches that leave one layer and meet again in one, as in inception, residual, fire and dense modules.

A region belongs to a merge, a layer that reads several, and to its fork, the merge's immediate dominator: every way to
the merge passes through it. The region holds what lies between, and the merge, provided that nothing but the merge is
read outside. So one can only enter from the fork and only leave from the merge: regions are convex, and two of them
are either apart or one inside the other. The outermost that still looks like one module becomes a block.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..adjacency import Adjacency
from ..graph import Layer
from .dominators import ENTRY, dominators
from .operator_roles import ENLARGING, MAIN

LONGEST = 6
"""Main layers on one branch of a module; the longest in the literature's inception modules is five. More is a stage."""

LARGEST, LARGEST_DENSE = 64, 512
"""Layers in a region; a dense block has up to 64 units of four layers each (DenseNet-264)."""


@dataclass
class Region:
    """A module: its layers in order, the merge last; `kind` as at block level."""

    fork: int
    merge: int
    members: list[int]
    kind: str


def find_regions(layers: Sequence[Layer], links: Adjacency) -> list[Region]:
    """The modules of a network, apart from each other, in the order of their merges; O(n log n)."""
    count = len(layers)
    starts = [links.reads_input[place] or not links.predecessors[place] for place in range(count)]
    before = [[*links.predecessors[place], *([ENTRY] if starts[place] else [])] for place in range(count)]
    forks = dominators(before, range(count))
    taken = [False] * count
    regions = []
    for merge in reversed(range(count)):  # an outer region's merge comes after those of the regions inside it
        if len(before[merge]) > 1 and not taken[merge]:
            region = _region(layers, links, forks[merge], merge)
            if region is not None:
                regions.append(region)
                for place in region.members:
                    taken[place] = True
    return _chained(regions[::-1])


def _region(layers: Sequence[Layer], links: Adjacency, fork: int, merge: int) -> Region | None:
    """The region between a fork and a merge, unless it is none, or more than a module."""
    identity = fork in links.predecessors[merge] or (fork == ENTRY and links.reads_input[merge])
    dense = identity and layers[merge].type == "Concat"
    limit = LARGEST_DENSE if dense else LARGEST
    members, waiting = {merge}, [merge]
    while waiting:
        for place in links.predecessors[waiting.pop()]:
            if place != fork and place not in members:
                members.add(place)
                waiting.append(place)
        if len(members) > limit:
            return None
    ordered = sorted(members)
    if not links.closed(ordered[:-1], members):
        return None
    if any(operator.type in ENLARGING for place in ordered for operator in layers[place].operators):
        return None
    if not dense and _longest(layers, links, ordered) > LONGEST:
        return None
    return Region(fork, merge, ordered, _kind(layers, ordered, dense=dense))


def _longest(layers: Sequence[Layer], links: Adjacency, ordered: Sequence[int]) -> int:
    """Main layers on the longest way through."""
    length: dict[int, int] = {}
    for place in ordered:
        longest = max((length.get(earlier, 0) for earlier in links.predecessors[place]), default=0)
        length[place] = longest + (layers[place].type in MAIN)
    return length[ordered[-1]]


def _kind(layers: Sequence[Layer], ordered: Sequence[int], *, dense: bool) -> str:
    if not any(layers[place].type in MAIN for place in ordered):
        return layers[ordered[-1]].type  # a gate or the like, written out in small operators
    if dense:
        return "Dense"
    return {"Concat": "Inception", "Add": "Residual", "Multiply": "Gate"}.get(layers[ordered[-1]].type, "Branches")


def _chained(regions: list[Region]) -> list[Region]:
    """Dense units that follow one another are one block; so is a chain of concatenations."""
    ends: dict[int, Region] = {}
    chained = []
    for region in regions:
        earlier = ends.pop(region.fork, None) if region.kind == "Dense" else None
        if earlier is not None:
            earlier.members += region.members
            earlier.merge = region.merge
        else:
            chained.append(earlier := region)
        if region.kind == "Dense":
            ends[region.merge] = earlier
    return chained
