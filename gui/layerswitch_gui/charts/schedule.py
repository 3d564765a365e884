"""An execution laid out in time: what runs when on which device, and the transfers between, predicted or measured."""

from itertools import groupby
from typing import NamedTuple

import numpy as np

from layerswitch.assignment import Assignment
from layerswitch.latency import LatencyModel
from layerswitch.results import Run

from ..costs import Move, moves


class Block(NamedTuple):
    """What takes `ms` from `start` on: the layers at places first..last on a device, or a transfer to it."""

    start: float
    ms: float
    device: str
    first: int
    last: int
    title: str
    source: str = ""  # the device a transfer comes from; "" for layers

    @property
    def end(self) -> float:
        """When it is over, in ms."""
        return self.start + self.ms


def predicted(latency: LatencyModel, assignment: Assignment) -> tuple[Block, ...]:
    """One block per layer, in execution order, each after the transfers it waits for; ends at the predicted latency."""
    choice = latency.choice(assignment)
    times = latency.layer_ms[np.arange(len(choice)), choice].tolist()
    waiting: dict[int, list[Move]] = {}
    for move in moves(latency, assignment):
        waiting.setdefault(move.reader, []).append(move)
    found: list[Block] = []
    clock = 0.0
    for place, (layer, column, ms) in enumerate(zip(latency.graph.layers, choice.tolist(), times, strict=True)):
        for move in waiting.get(place, ()):
            found.append(Block(clock, move.ms, move.target, place, place, move.tensor, move.source))
            clock += move.ms
        found.append(Block(clock, ms, latency.devices[column], place, place, layer.name))
        clock += ms
    return tuple(found)


def measured(run: Run) -> tuple[Block, ...]:
    """One block per segment of a run, the time of entering it before; medians. () if the engine told no segments."""
    assignment = Assignment(run.assignment)
    segments, names = assignment.segments, list(assignment)
    if len(run.segments_ms) != len(segments):
        return ()
    entering = run.transfers_ms if len(run.transfers_ms) == len(segments) else ((),) * len(segments)
    found: list[Block] = []
    clock = 0.0
    for number, segment in enumerate(segments):
        first, last = segment.first, segment.last
        wait = _median(entering[number])
        if wait > 0 and number:
            source = segments[number - 1].device
            found.append(Block(clock, wait, segment.device, first, first, f"switch {number}", source))
            clock = found[-1].end
        title = names[first] if first == last else f"{names[first]} … {names[last]}"
        found.append(Block(clock, _median(run.segments_ms[number]), segment.device, first, last, title))
        clock = found[-1].end
    return tuple(found)


def gathered(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The layers of a segment as one block: what can be told apart when a thousand layers are in view."""
    found: list[Block] = []
    for (_, source), group in groupby(blocks, key=lambda block: (block.device, block.source)):
        members = list(group)
        first, last = members[0], members[-1]
        title = first.title if len(members) == 1 else f"{first.title} … {last.title}"
        found.append(Block(first.start, last.end - first.start, first.device, first.first, last.last, title, source))
    return tuple(found)


def _median(samples: tuple[float, ...]) -> float:
    return float(np.median(samples)) if samples else 0.0
