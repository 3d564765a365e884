"""An execution laid out in time: what runs when on which device, and the transfers between, predicted or measured."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from layerswitch.experiments.results import Run
from layerswitch.prediction.latency_model import Prediction


class Block(NamedTuple):
    """What takes `ms` from `start` on: the layers at places first..last on a device, or a transfer to it.

    `members` are the layers' places where the engine did not execute them in the network's order.
    """

    start: float
    ms: float
    device: str
    first: int
    last: int
    title: str
    source: str = ""  # the device a transfer comes from; "" for layers
    members: tuple[int, ...] = ()

    @property
    def end(self) -> float:
        """When it is over, in ms."""
        return self.start + self.ms

    @property
    def places(self) -> Sequence[int]:
        """The places of its layers, in execution order."""
        return self.members or range(self.first, self.last + 1)


class Schedule(Sequence[Block]):
    """Blocks in order, each after the last one, as arrays by block; one `Block` is made when it is asked for.

    `sources` is the column of the device a transfer comes from, -1 for layers; `title(i)` is worked out when asked.
    """

    def __init__(
        self,
        devices: tuple[str, ...],
        ms: NDArray[np.float64],
        columns: NDArray[np.intp],
        sources: NDArray[np.intp],
        first: NDArray[np.intp],
        last: NDArray[np.intp],
        title: Callable[[int], str],
        members: Mapping[int, tuple[int, ...]] = MappingProxyType({}),
    ) -> None:
        self.devices, self.ms, self.columns, self.sources = devices, ms, columns, sources
        self.members = members
        self.first, self.last, self.title = first, last, title
        self.starts = np.concatenate(([0.0], np.cumsum(ms)[:-1])) if len(ms) else np.zeros(0)

    @classmethod
    def nothing(cls) -> "Schedule":
        """Without any block."""
        none = np.zeros(0, dtype=np.intp)
        return cls((), np.zeros(0), none, none, none, none, str)

    @property
    def end(self) -> float:
        """When the last one is over, in ms; 0 if there is none."""
        return float(self.starts[-1] + self.ms[-1]) if len(self) else 0.0

    def __len__(self) -> int:
        return len(self.ms)

    @overload
    def __getitem__(self, place: int) -> Block: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Block, ...]: ...
    def __getitem__(self, place: int | slice) -> Block | tuple[Block, ...]:
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        source = self.sources.item(place)
        return Block(
            self.starts.item(place),
            self.ms.item(place),
            self.devices[self.columns.item(place)],
            self.first.item(place),
            self.last.item(place),
            self.title(place),
            self.devices[source] if source >= 0 else "",
            self.members.get(place, ()),
        )

    def between(self, low: float, high: float) -> range:
        """The places of the blocks that run in some part of low..high ms."""
        first = max(int(np.searchsorted(self.starts, low, side="right")) - 1, 0)
        return range(first, int(np.searchsorted(self.starts, high)))

    def at(self, ms: float) -> int | None:
        """The place of the block that runs at a time, None outside of all."""
        place = int(np.searchsorted(self.starts, ms, side="right")) - 1
        return place if place >= 0 and ms <= self.starts[place] + self.ms[place] else None

    @cached_property
    def gathered(self) -> "Schedule":
        """The layers of a segment as one block: what can be seen apart when a thousand layers are in view."""
        if not len(self):
            return self
        changes = (self.columns[1:] != self.columns[:-1]) | (self.sources[1:] != self.sources[:-1])
        begins = np.concatenate(([0], np.flatnonzero(changes) + 1))
        ends = np.concatenate((begins[1:], [len(self)])) - 1

        def title(place: int) -> str:
            begin, end = int(begins[place]), int(ends[place])
            return self.title(begin) if begin == end else f"{self.title(begin)} … {self.title(end)}"

        ms = np.add.reduceat(self.ms, begins)
        return Schedule(
            self.devices, ms, self.columns[begins], self.sources[begins], self.first[begins], self.last[ends], title
        )


def predicted(prediction: Prediction) -> Schedule:
    """One block per layer, in execution order, each after the transfers it waits for; ends at the predicted latency."""
    model, choice = prediction.model, prediction.choice
    count = len(choice)
    rows, targets = np.nonzero(prediction.moved)
    readers = prediction.first_readers[rows, targets]
    order = np.argsort(np.concatenate((readers, np.arange(count) + 0.5)), kind="stable")  # a layer after what it awaits
    places = np.concatenate((readers, np.arange(count)))[order]
    moves = np.concatenate((rows, np.full(count, -1)))[order]

    def joined(of_moves: NDArray[np.generic], of_layers: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.concatenate((of_moves, of_layers))[order]

    def title(place: int) -> str:
        row = int(moves[place])
        return model.dataflow.tensors[row] if row >= 0 else model.graph.layers[int(places[place])].name

    return Schedule(
        model.devices,
        joined(prediction.moves_ms[rows, targets], prediction.layers_ms).astype(float),
        joined(targets, choice).astype(np.intp),
        joined(choice[model.dataflow.writers[rows]], np.full(count, -1)).astype(np.intp),
        places,
        places,
        title,
    )


def measured(run: Run) -> Schedule:
    """One block per segment of a run, the time of entering it before; medians of what came after its warm-up.

    None if the engine reported no segments.
    """
    counted = slice(run.steadiness.warmup if run.steadiness else 0, None)
    names = list(run.assignment)
    index = {name: place for place, name in enumerate(names)}
    segments = [tuple(index[layer] for layer in layers) for layers in run.segments] or [
        tuple(range(segment.first, segment.last + 1)) for segment in run.assignment.segments
    ]
    ran_on = [run.assignment[names[places[0]]] for places in segments]
    devices = tuple(dict.fromkeys(ran_on))
    entering = run.transfers_ms if len(run.transfers_ms) == len(segments) else ((),) * len(segments)
    rows: list[tuple[float, int, int, int, int]] = []  # ms, column, column of the source, first and last layer
    titles: list[str] = []
    members: dict[int, tuple[int, ...]] = {}
    for number, places in enumerate(segments if len(run.segments_ms) == len(segments) else ()):
        first, last, column = min(places), max(places), devices.index(ran_on[number])
        wait = _median(entering[number][counted])
        if wait > 0 and number:
            rows.append((wait, column, devices.index(ran_on[number - 1]), places[0], places[0]))
            titles.append(f"switch {number}")
        if run.segments:
            members[len(rows)] = places
        rows.append((_median(run.segments_ms[number][counted]), column, -1, first, last))
        titles.append(names[first] if first == last else f"{names[places[0]]} … {names[places[-1]]}")
    table = np.array(rows, dtype=float).reshape(-1, 5)
    columns, sources, lows, highs = table[:, 1:].T.astype(np.intp)
    return Schedule(devices, table[:, 0], columns, sources, lows, highs, titles.__getitem__, members)


def _median(samples: tuple[float, ...]) -> float:
    return float(np.median(samples)) if samples else 0.0
