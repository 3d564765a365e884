"""Who reads what from whom, for operators and layers alike, and groups of them in execution order."""

import heapq
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol


class Item(Protocol):
    """An operator or a layer."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The activations it reads."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The activations it writes."""


class Flow:
    """The data flow among items in topological order; items are called by their place in that order."""

    def __init__(self, items: Sequence[Item], outputs: Collection[str]) -> None:
        self.items, self.outputs = items, frozenset(outputs)
        self.producer = {tensor: place for place, item in enumerate(items) for tensor in item.outputs}
        self.readers: dict[str, list[int]] = {}
        self.before: list[list[int]] = []  # distinct producers of what each item reads
        self.after: list[list[int]] = [[] for _ in items]  # distinct readers of what each item writes
        self.fed: list[bool] = []  # does it read one of the network's inputs?
        for place, item in enumerate(items):
            read = dict.fromkeys(item.inputs)
            for tensor in read:
                self.readers.setdefault(tensor, []).append(place)
            self.before.append(list(dict.fromkeys(self.producer[tensor] for tensor in read if tensor in self.producer)))
            self.fed.append(any(tensor not in self.producer for tensor in read))
            for earlier in self.before[-1]:
                self.after[earlier].append(place)

    def leaves(self, place: int) -> bool:
        """Does the item write one of the network's outputs, or something that nobody reads?"""
        return not self.after[place] or not self.outputs.isdisjoint(self.items[place].outputs)

    def only_reader(self, place: int) -> int | None:
        """The one item that reads the item's one output, if that goes nowhere else."""
        outputs, after = self.items[place].outputs, self.after[place]
        return after[0] if len(outputs) == len(after) == 1 and outputs[0] not in self.outputs else None

    def only_producer(self, place: int) -> int | None:
        """The one item that writes all that the item reads, if that item writes one tensor that goes nowhere else."""
        before = self.before[place]
        lone = len(before) == 1 and not self.fed[place] and self.only_reader(before[0]) == place
        return before[0] if lone else None

    def closed(self, places: Iterable[int], within: Collection[int]) -> bool:
        """Is all that these items write read within a group, and only there?"""
        return not any(self.leaves(place) or any(a not in within for a in self.after[place]) for place in places)

    def crossing(self, members: Sequence[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tensors that a group of items reads from outside, and those it writes that are read outside or leave."""
        inside = set(members)
        read = dict.fromkeys(tensor for place in members for tensor in self.items[place].inputs)
        written = dict.fromkeys(tensor for place in members for tensor in self.items[place].outputs)
        outside = tuple(tensor for tensor in read if tensor not in written)
        wanted = (
            tensor
            for tensor in written
            if tensor in self.outputs or any(reader not in inside for reader in self.readers.get(tensor, ()))
        )
        return outside, tuple(wanted)


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
        found: dict[int, list[int]] = {}
        for place in range(len(self._parent)):
            found.setdefault(self.find(place), []).append(place)
        return list(found.values())


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
