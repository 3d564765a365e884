"""Which reader pays for which transfer: the predicted transfers of an assignment, laid at the layer that needs them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerswitch.latency import LatencyModel


@dataclass(frozen=True)
class Move:
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
    found: list[Move] = []
    for row, producer in enumerate(latency.producers):
        source = int(choice[producer])
        paid = {source}
        for reader in latency.readers[row]:
            target = int(choice[reader])
            if target not in paid:
                paid.add(target)
                names = latency.devices[source], latency.devices[target]
                ms = float(latency.transfer_ms[row, source, target])
                found.append(Move(latency.tensors[row], producer, reader, *names, ms))
    return tuple(sorted(found, key=lambda move: move.reader))


def entering_ms(latency: LatencyModel, assignment: Mapping[str, str]) -> NDArray[np.float64]:
    """What each layer waits for transfers, [layers]."""
    waits = np.zeros(len(latency.graph.layers))
    for move in moves(latency, assignment):
        waits[move.reader] += move.ms
    return waits
