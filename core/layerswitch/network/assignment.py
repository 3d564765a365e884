"""Assignment: which device runs each layer, and the ways people write one down."""

import string
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from itertools import pairwise
from typing import Any

import msgspec

from ..agent.execution_order import fewest_segments
from ..errors import AssignmentError
from .graph import LayerGraph

LETTERS = {"CPU": "CB", "GPU": "G", "NPU": "N", "LITTLE": "L"}
"""Device -> letters that mean it; the first is the one written. B (big cluster) is the papers' letter for the CPU."""


def letters(devices: Iterable[str]) -> dict[str, str]:
    """Device -> the letter that stands for it among these devices: no two alike, whatever they are called.

    Devices of `LETTERS` have theirs; another takes the first letter or digit of its name that is free, else of the
    alphabet. Window, command line and copied text all ask here, so that they agree.
    """
    order = tuple(dict.fromkeys(devices))
    found = {device: LETTERS[device][0] for device in order if device in LETTERS}
    taken = {letter for device in found for letter in LETTERS[device]}
    for device in order:
        if device not in found:
            offered = (*device.upper(), *string.ascii_uppercase, *string.digits, *device)
            free = (one for one in offered if one.isalnum() and one not in taken)
            found[device] = next(free, device[:1])
            taken.add(found[device])
    return {device: found[device] for device in order}


class Segment(msgspec.Struct, frozen=True):
    """Consecutive layers, in execution order, on one device: places first..last, both included."""

    device: str
    first: int
    last: int


class Assignment(Mapping[str, str]):
    """Layer name -> device, frozen and hashable, in execution order. Made by the class methods, which check it."""

    __slots__ = ("_devices", "_hash")

    def __init__(self, devices: Mapping[str, str]) -> None:
        self._devices = dict(devices)
        self._hash: int | None = None  # worked out when first asked for: it looks at every layer

    def __getitem__(self, layer: str) -> str:
        return self._devices[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._devices)

    def __len__(self) -> int:
        return len(self._devices)

    def items(self) -> ItemsView[str, str]:  # those of Mapping ask for each device in turn
        """(layer, device), in execution order."""
        return self._devices.items()

    def values(self) -> ValuesView[str]:
        """The devices, in execution order."""
        return self._devices.values()

    def __eq__(self, other: object) -> bool:  # Mapping's own copies both sides; the window compares many per edit
        if isinstance(other, Assignment):
            return self._devices == other._devices
        return self._devices == other if isinstance(other, dict) else Mapping.__eq__(self, other)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(self._devices.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"Assignment({self.text})"

    @classmethod
    def uniform(cls, graph: LayerGraph, device: str) -> "Assignment":
        """Every layer on one device."""
        return cls({layer.name: device for layer in graph.layers})

    @classmethod
    def checked(cls, mapping: Mapping[str, Any], graph: LayerGraph, devices: Sequence[str]) -> "Assignment":
        """The assignment of exactly the graph's layers. Raises AssignmentError naming the first that does not fit."""
        for name, device in mapping.items():
            if name not in graph.index:
                raise AssignmentError(f"names layer {name!r}, which the network {graph.name!r} does not have")
            if device not in devices:
                known = ", ".join(devices)
                raise AssignmentError(f"unknown device {device!r}", where=f"layer {name!r}", hint=f"use {known}")
        for layer in graph.layers:
            if layer.name not in mapping:
                raise AssignmentError(f"says nothing of layer {layer.name!r}", where=f"assignment for {graph.name!r}")
        return cls({layer.name: str(mapping[layer.name]) for layer in graph.layers})

    @classmethod
    def parse(cls, text: str, graph: LayerGraph, devices: Sequence[str]) -> "Assignment":
        """Read a device name ("GPU"), letters ("GGBB": one per layer, or one per block) or "layer=device, ...".

        Raises AssignmentError.
        """
        text = text.strip()
        if text in devices:
            return cls.uniform(graph, text)
        if "=" in text:
            pairs = (part.partition("=") for part in text.replace("\n", ",").split(",") if part.strip())
            return cls.checked({name.strip(): device.strip() for name, _, device in pairs}, graph, devices)
        meant = {letter: device for device in devices for letter in LETTERS.get(device, "")}
        meant |= {letter: device for device, letter in letters(devices).items()}
        for position, letter in enumerate(text):
            if letter not in meant:
                raise AssignmentError(
                    f"letter {letter!r} at position {position + 1} names no device",
                    hint=f"letters: {', '.join(f'{k}={v}' for k, v in meant.items())}",
                )
        blocks = list(dict.fromkeys(layer.block or layer.name for layer in graph.layers))
        if len(text) == len(graph.layers):
            return cls({layer.name: meant[text[place]] for place, layer in enumerate(graph.layers)})
        if len(text) == len(blocks):
            by_block = dict(zip(blocks, text, strict=True))
            return cls({layer.name: meant[by_block[layer.block or layer.name]] for layer in graph.layers})
        raise AssignmentError(
            f"has {len(text)} letters, but {graph.name!r} has {len(graph.layers)} layers in {len(blocks)} blocks"
        )

    @property
    def text(self) -> str:
        """One letter per layer, in execution order; where the board is known, `text_on` is the one `parse` reads."""
        return self.text_on(sorted(set(self._devices.values())))

    def text_on(self, devices: Sequence[str]) -> str:
        """One letter per layer, in execution order, as `letters` gives them to all of a board's devices."""
        meant = letters((*devices, *self._devices.values()))  # a file may name a device that the board has not
        return "".join(map(meant.__getitem__, self._devices.values()))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The maximal runs of consecutive layers on one device, in execution order."""
        found: list[Segment] = []
        for place, device in enumerate(self._devices.values()):
            if found and found[-1].device == device:
                found[-1] = Segment(device, found[-1].first, place)
            else:
                found.append(Segment(device, place, place))
        return tuple(found)

    @property
    def switches(self) -> int:
        """Boundaries between segments."""
        return sum(one != other for one, other in pairwise(self._devices.values()))

    def replaced(self, changes: Mapping[str, str]) -> "Assignment":
        """The same with some layers on other devices; the caller vouches for the names."""
        other = Assignment(self._devices)
        other._devices.update(changes)
        return other


def executed_switches(graph: LayerGraph, assignment: Mapping[str, str]) -> int:
    """Switches as boards with Arm NN execute them: layers of one device run together where the network allows it.

    At most `Assignment.switches`, which plans and the search for at most k switches count, in the network's order;
    equal where no layers are beside each other. O(n log n) for n layers and edges.
    """
    devices = [assignment[layer.name] for layer in graph.layers]
    return max(0, len(fewest_segments(graph.adjacency.predecessors, devices)) - 1)
