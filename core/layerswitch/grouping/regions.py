"""Regions: branches that leave one layer and meet again in one, as in inception, residual, fire and dense modules.

A region belongs to a fork f and a merge m where f is m's immediate dominator and m f's immediate postdominator: all
ways from f lead into m and all ways to m come from f. It holds what lies between, and m. Such regions are convex, and
two of them are either apart or one inside the other. The outermost that still looks like one module is the block.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph import Layer
from .dominance import ENTRY, dominators
from .flow import Flow
from .vocabulary import ENLARGING, MAIN

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


def find_regions(layers: Sequence[Layer], flow: Flow) -> list[Region]:
    """The modules of a network, apart from each other, in the order of their forks; O(n log n)."""
    count = len(layers)
    before = [[*flow.before[place], *([ENTRY] if _starts(flow, place) else [])] for place in range(count)]
    after = [[*flow.after[place], *([ENTRY] if flow.leaves(place) else [])] for place in range(count)]
    first = [place for place in range(count) if ENTRY in before[place]]
    above = dominators(before, range(count))
    below = dominators([*after, first], [*reversed(range(count)), count])  # the last one is ENTRY's, so below[ENTRY]
    taken = [False] * count
    found = []
    for fork in range(ENTRY, count):
        merge = below[fork]
        forks = len(first if fork == ENTRY else after[fork]) > 1
        if not forks or merge == ENTRY or above[merge] != fork or (fork != ENTRY and taken[fork]):
            continue
        region = _region(layers, flow, fork, merge)
        if region is not None:
            found.append(region)
            for place in region.members[:-1]:  # the merge may be the next module's fork
                taken[place] = True
    return _chained(found)


def _starts(flow: Flow, place: int) -> bool:
    return flow.fed[place] or not flow.before[place]


def _region(layers: Sequence[Layer], flow: Flow, fork: int, merge: int) -> Region | None:
    """The region between a fork and a merge, unless it is more than a module."""
    identity = fork in flow.before[merge] or (fork == ENTRY and flow.fed[merge])
    dense = identity and layers[merge].type == "Concat"
    limit = LARGEST_DENSE if dense else LARGEST
    members, waiting = {merge}, [merge]
    while waiting:
        for place in flow.before[waiting.pop()]:
            if place != fork and place not in members:
                members.add(place)
                waiting.append(place)
        if len(members) > limit:
            return None
    ordered = sorted(members)
    if any(operator.type in ENLARGING for place in ordered for operator in layers[place].operators):
        return None
    if not dense and _longest(layers, flow, ordered) > LONGEST:
        return None
    return Region(fork, merge, ordered, _kind(layers, ordered, dense=dense))


def _longest(layers: Sequence[Layer], flow: Flow, ordered: Sequence[int]) -> int:
    """Main layers on the longest way through."""
    length: dict[int, int] = {}
    for place in ordered:
        longest = max((length.get(earlier, 0) for earlier in flow.before[place]), default=0)
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
    found = []
    for region in regions:
        earlier = ends.pop(region.fork, None) if region.kind == "Dense" else None
        if earlier is not None:
            earlier.members += region.members
            earlier.merge = region.merge
        else:
            found.append(earlier := region)
        if region.kind == "Dense":
            ends[region.merge] = earlier
    return found
