"""Adjacency: who writes and who reads each tensor, among the layers or the operators of a network."""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Protocol


class Item(Protocol):
    """An operator or a layer."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The activations it reads."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The activations it writes."""


class Adjacency:
    """The data flow among items in topological order; items are called by their place in that order.

    Each answer is worked out when it is first asked for, in O(items + readings).
    """

    def __init__(self, items: Sequence[Item], outputs: Collection[str]) -> None:
        self.items, self.outputs = items, frozenset(outputs)

    @cached_property
    def producer(self) -> dict[str, int]:
        """Tensor -> the item that writes it; the network's inputs are absent."""
        return {tensor: place for place, item in enumerate(self.items) for tensor in item.outputs}

    @cached_property
    def readers(self) -> dict[str, tuple[int, ...]]:
        """Tensor -> the items that read it, in order, each once."""
        readers: dict[str, list[int]] = {}
        for place, item in enumerate(self.items):
            for tensor in dict.fromkeys(item.inputs):
                readers.setdefault(tensor, []).append(place)
        return {tensor: tuple(places) for tensor, places in readers.items()}

    @cached_property
    def predecessors(self) -> list[list[int]]:
        """The distinct producers of what each item reads."""
        producer = self.producer
        return [list(dict.fromkeys(producer[name] for name in item.inputs if name in producer)) for item in self.items]

    @cached_property
    def successors(self) -> list[list[int]]:
        """The distinct readers of what each item writes."""
        successors: list[list[int]] = [[] for _ in self.items]
        for place, earlier in enumerate(self.predecessors):
            for producer in earlier:
                successors[producer].append(place)
        return successors

    @cached_property
    def reads_input(self) -> list[bool]:
        """Does each item read one of the network's inputs?"""
        written = self.producer.keys()
        return [not written >= set(item.inputs) for item in self.items]

    def leaves(self, place: int) -> bool:
        """Does the item write one of the network's outputs, or something that nobody reads?"""
        return not self.successors[place] or not self.outputs.isdisjoint(self.items[place].outputs)

    def only_reader(self, place: int) -> int | None:
        """The one item that reads the item's one output, if that goes nowhere else."""
        outputs, after = self.items[place].outputs, self.successors[place]
        return after[0] if len(outputs) == len(after) == 1 and outputs[0] not in self.outputs else None

    def only_producer(self, place: int) -> int | None:
        """The one item that writes all that the item reads, if that item writes one tensor that goes nowhere else."""
        before = self.predecessors[place]
        lone = len(before) == 1 and not self.reads_input[place] and self.only_reader(before[0]) == place
        return before[0] if lone else None

    def closed(self, places: Iterable[int], within: Collection[int]) -> bool:
        """Is all that these items write read within a group, and only there?"""
        return not any(
            self.leaves(place) or any(reader not in within for reader in self.successors[place]) for place in places
        )

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
