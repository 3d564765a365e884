"""The network whose cuts are the assignments of layers to two devices: layers on the source's side run on the first.

A layer is cut from the sink at its time on the first device, or from the source at that on the second. A tensor read by
one layer is a link between writer and reader, cut at the cost of its transfer. One read by several gets an auxiliary
node per destination device, which is on the destination's side as soon as one reader is, so that the transfer is paid
once (Stone 1977 for the cut; Kolmogorov & Zabih 2004 for the auxiliary nodes). A price per switch is a link between
each layer and the next, cut at the price both ways.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..prediction.dataflow import DataFlow
from .max_flow import SINK, SOURCE, Network

SWITCHES = 2
"""The group of links that a price per switch is on."""


@dataclass(frozen=True, eq=False)
class CutNetwork:
    """The network of one data flow, whatever its costs; node 2 + i is layer i.

    groups: the links, by what they stand for. alone, shared: the readings of tensors with one reader, and the tensors
    with several. many: whether each reading is of such a one.
    """

    network: Network
    layers: int
    groups: tuple[slice, ...]
    alone: NDArray[np.intp]
    shared: NDArray[np.intp]
    many: NDArray[np.bool_]

    @classmethod
    def of(cls, dataflow: DataFlow) -> "CutNetwork":
        """The network of the tensors that pass between layers; O(n log n) for n layers and readings."""
        rows, readers = dataflow.reads
        node = np.arange(2, 2 + dataflow.layers)
        count = np.bincount(rows, minlength=len(dataflow.tensors))
        shared, many = np.flatnonzero(count > 1), count[rows] > 1
        number = np.zeros(len(count), dtype=np.intp)
        number[shared] = 2 + dataflow.layers + np.arange(len(shared))
        writer, back = node[dataflow.writers], number + len(shared)
        groups = (
            (np.full(dataflow.layers, SOURCE), node),
            (node, np.full(dataflow.layers, SINK)),
            (node[:-1], node[1:]),
            (writer[rows[~many]], node[readers[~many]]),
            (writer[shared], number[shared]),
            (number[rows[many]], node[readers[many]]),
            (node[readers[many]], back[rows[many]]),
            (back[shared], writer[shared]),
        )
        ends = np.cumsum([0, *(len(near) for near, _ in groups)]).tolist()
        near, far = (np.concatenate([group[side] for group in groups]) for side in (0, 1))
        return cls(
            Network.of(2 + dataflow.layers + 2 * len(shared), near, far),
            dataflow.layers,
            tuple(slice(begin, end) for begin, end in pairwise(ends)),
            rows[~many],
            shared,
            many,
        )

    def capacities(self, times: NDArray[Any], transfers: NDArray[Any], price: float, endless: float) -> NDArray[Any]:
        """What cutting each link costs one way, then the other, [2 * links].

        Of `times` [layers, 2] and `transfers` [tensors, 2, 2] in any unit, integers or not; `endless` is never cut.
        """
        forth, back, nothing = transfers[:, 0, 1], transfers[:, 1, 0], times.dtype.type(0)
        ways = (
            (times[:, 1], nothing),
            (times[:, 0], nothing),
            (price, price),
            (forth[self.alone], back[self.alone]),
            (forth[self.shared], nothing),
            (endless, nothing),
            (endless, nothing),
            (back[self.shared], nothing),
        )
        capacities = np.zeros((2, self.groups[-1].stop), dtype=times.dtype)
        for group, way in zip(self.groups, ways, strict=True):
            capacities[0, group], capacities[1, group] = way
        return capacities.ravel()

    def layer_side(self, nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of a side of a cut, [nodes], whether each layer is on it, [layers]."""
        return nodes[2 : 2 + self.layers]


@lru_cache(maxsize=4)
def cut_network(dataflow: DataFlow) -> CutNetwork:
    """The network of a data flow, the same one for all the models that share it, as resampled ones do."""
    return CutNetwork.of(dataflow)
