"""Groups of operators or layers, and their execution order."""

import heapq
from collections.abc import Iterable, Sequence


class Groups:
    """A partition of items: union-find with path halving; a group is called by its first member ever."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count

    def find(self, place: int) -> int:
        """The group that an item is in."""
        parent = self._parent
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def join(self, place: int, into: int) -> None:
        """Put the group of one item into the group of another."""
        place, into = self.find(place), self.find(into)
        if place != into:
            self._parent[place] = into
            self._size[into] += self._size[place]

    def alone(self, place: int) -> bool:
        """Is the item in no group but its own?"""
        return self._size[self.find(place)] == 1

    def members(self) -> list[list[int]]:
        """The groups, each with its members in order, by their first members."""
        groups: dict[int, list[int]] = {}
        for place in range(len(self._parent)):
            groups.setdefault(self.find(place), []).append(place)
        return list(groups.values())


def in_order(groups: list[list[int]], before: Sequence[Iterable[int]]) -> list[list[int]]:
    """The groups in topological order, as near the order of their first members as that allows; O(n log n).

    Raises RuntimeError when they wait for each other in a circle, which no grouping rule may bring about.
    """
    of = {member: number for number, group in enumerate(groups) for member in group}
    needs = [{of[p] for member in group for p in before[member] if p in of} - {n} for n, group in enumerate(groups)]
    frees: list[list[int]] = [[] for _ in groups]
    for number, needed in enumerate(needs):
        for other in needed:
            frees[other].append(number)
    missing = [len(needed) for needed in needs]
    ready = [(groups[number][0], number) for number, count in enumerate(missing) if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        number = heapq.heappop(ready)[1]
        ordered.append(groups[number])
        for other in frees[number]:
            missing[other] -= 1
            if not missing[other]:
                heapq.heappush(ready, (groups[other][0], other))
    if len(ordered) < len(groups):
        raise RuntimeError("grouping made layers that wait for each other")
    return ordered
