"""Which reader pays for which transfer: the predicted transfers of an assignment, laid at the layer that needs them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerswitch.latency import LatencyModel


class Move(NamedTuple):
    """A tensor moved before the layer at place `reader` runs, the first one to read it on `target`; predicted ms."""

    tensor: str
    producer: int
    reader: int
    source: str
    target: str
    ms: float


def moves(latency: LatencyModel, assignment: Mapping[str, str]) -> tuple[Move, ...]:
    """The transfers of an assignment, in the order of the readers that wait; they add up to the prediction's."""
    choice = latency.choice(assignment)
    rows, targets = np.nonzero(latency.moved(choice))
    sources = choice[latency.writers[rows]]
    costs = latency.transfer_ms[rows, sources, targets].tolist()
    columns = choice.tolist()
    found: list[Move] = []
    for row, source, target, ms in zip(rows.tolist(), sources.tolist(), targets.tolist(), costs, strict=True):
        reader = next(place for place in latency.readers[row] if columns[place] == target)
        names = latency.devices[source], latency.devices[target]
        found.append(Move(latency.tensors[row], latency.producers[row], reader, *names, ms))
    return tuple(sorted(found, key=lambda move: move.reader))


def entering_ms(latency: LatencyModel, assignment: Mapping[str, str]) -> NDArray[np.float64]:
    """What each layer waits for transfers, [layers]."""
    waits = np.zeros(len(latency.graph.layers))
    for move in moves(latency, assignment):
        waits[move.reader] += move.ms
    return waits
