"""What the inspector says beside times: how hard a layer works, and what moving it would do; no widgets here."""

import math
from dataclasses import dataclass

import numpy as np

from layerswitch.network.graph import LayerGraph

from ...document.document import Document
from ...widgets.formatting import NOTHING


@dataclass(frozen=True)
class Achieved:
    """What a layer reaches on a device. `share` is its rate over the highest of this network there (0..1).

    `gflops` counts two operations a MAC; `gbytes` the tensors it reads and writes, and its parameters, once each.
    """

    device: str
    gflops: float
    gbytes: float
    share: float


@dataclass(frozen=True)
class Flip:
    """What putting one layer on `device` changes, in predicted ms: its own time, and the transfers."""

    device: str
    own_ms: float
    transfers_ms: float

    @property
    def total_ms(self) -> float:
        """Both together."""
        return self.own_ms + self.transfers_ms


def traffic(graph: LayerGraph, name: str) -> int:
    """Bytes a layer reads and writes at least: its tensors, and its parameters in the type of its output."""
    layer = graph.layers[graph.index[name]]
    moved = sum(graph.tensors[tensor].bytes for tensor in (*layer.inputs, *layer.outputs))
    output = graph.tensors[layer.outputs[0]]
    return moved + round(layer.parameters * output.bytes / max(math.prod(output.shape), 1))


def achieved(document: Document, name: str) -> tuple[Achieved, ...]:
    """A layer's rates on each device that can run it; () without a profile."""
    graph, latency = document.graph, document.latency
    if graph is None or latency is None:
        return ()
    layer = graph.layers[graph.index[name]]
    found = []
    for device in latency.devices:
        ms = document.layer_ms(name, device)
        if ms is None or not 0 < ms < math.inf:
            continue
        column = latency.devices.index(device)
        times = latency.layer_ms[:, column]
        best = float(np.max(np.array(graph.layer_macs)[times > 0] / times[times > 0]))
        share = layer.macs / ms / best if best > 0 else 0.0
        found.append(Achieved(device, 2e-6 * layer.macs / ms, 1e-6 * traffic(graph, name) / ms, share))
    return tuple(found)


def flipped(document: Document, name: str) -> Flip | None:
    """What flipping one layer alone would do; None where it cannot move or nothing is predicted."""
    other, now = document.other_device(name), document.assignment[name]
    total = document.effect_of({name: other})
    here, there = document.layer_ms(name, now), document.layer_ms(name, other)
    if other == now or total is None or here is None or there is None or not math.isfinite(total):
        return None
    transfers = total - (there - here)
    return Flip(other, there - here, transfers if abs(transfers) >= NOTHING else 0.0)


def intensity(graph: LayerGraph, name: str) -> float:
    """Operations for each byte moved, at most."""
    return 2 * graph.layers[graph.index[name]].macs / max(traffic(graph, name), 1)
