"""Two devices: the least latency when every switch costs a price, and what the flow that proves it says of each part.

The limit on switches is traded for a price on them (Lagrange): with a price there is a minimum cut to find, which is
quick; what it costs less the price of the switches allowed is under every assignment with so few. The cut is that of
min_cut.py, with an arc of the price between each layer and the next, both ways.

Here the flow is found in 30-bit integers and read as milliseconds: whatever rounding loses, a flow that fits the
capacities proves a bound. What flows from each layer to each that reads of it also proves one of the rest of the
network, from any layer on and for any devices of those before (bounds.py).

Complexity: one run of Dinic's algorithm each, O(nodes^2 * arcs) at worst; close to linear on networks of layers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from .max_flow import SINK, SOURCE
from .problem import Choice, Floats, Problem

Places = NDArray[np.intp]
MOST = 1 << 30
"""Capacity of an arc that is never cut; known assignments cost half of it."""


@dataclass(frozen=True)
class Priced:
    """The best assignment at a price per switch, and the flow that bounds it, in ms.

    bound_ms: no assignment costs less, its switches at `price` included. starts [layers]: flow from the source to each
    layer. switching [layers - 1]: flow from each layer to the next for their switch. carried [readings]: flow from
    writer to reader, in the order of the model's `reads`. Flows are net: negative the other way.
    """

    price: float
    choice: Choice
    bound_ms: float
    starts: Floats
    switching: Floats
    carried: Floats


class PricedCuts:
    """The network of one problem on two devices; `solve` cuts it at any price. Source's side: the first device.

    A tensor with one reader is a link between writer and reader. With several, one node per direction stands between,
    so that it is paid once.
    """

    def __init__(self, problem: Problem) -> None:
        model, layers = problem.model, len(problem.allowed)
        rows, readers = model.dataflow.reads
        node = np.arange(2, 2 + layers)
        forth, back = model.transfer_ms[:, 0, 1], model.transfer_ms[:, 1, 0]
        count = np.bincount(rows, minlength=len(forth))
        shared = np.flatnonzero(count > 1)
        number = np.zeros(len(forth), dtype=np.intp)
        number[shared] = 2 + layers + np.arange(len(shared))
        self._alone = count[rows] == 1
        alone, many = rows[self._alone], rows[~self._alone]
        reads_alone, reads_many = node[readers[self._alone]], node[readers[~self._alone]]
        writer, times = node[model.dataflow.writers], problem.layer_ms
        nothing, endless = 0.0, np.inf
        groups = (
            (np.full(layers, SOURCE), node, times[:, 1], nothing),
            (node, np.full(layers, SINK), times[:, 0], nothing),
            (node[:-1], node[1:], nothing, nothing),  # the price, both ways
            (writer[alone], reads_alone, forth[alone], back[alone]),
            (writer[shared], number[shared], forth[shared], nothing),
            (number[many], reads_many, endless, nothing),
            (reads_many, number[many] + len(shared), endless, nothing),
            (number[shared] + len(shared), writer[shared], back[shared], nothing),
        )
        ends = np.cumsum([len(group[0]) for group in groups]).tolist()
        self._parts = [slice(begin, end) for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
        near, far = (np.concatenate([group[side] for group in groups]) for side in (0, 1))
        self._forth_ms, self._back_ms = (
            np.concatenate([np.broadcast_to(np.asarray(group[side], dtype=float), len(group[0])) for group in groups])
            for side in (2, 3)
        )
        self._layers, self._nodes = layers, 2 + layers + 2 * len(shared)
        keys = np.concatenate([near * self._nodes + far, far * self._nodes + near])
        arcs, self._arc = np.unique(keys, return_inverse=True)  # parallel links share an arc
        self._tails, self._heads = arcs // self._nodes, (arcs % self._nodes).astype(np.int32)
        self._indptr = np.searchsorted(self._tails, np.arange(self._nodes + 1)).astype(np.int32)

    def solve(self, price: float, known_ms: float) -> Priced:
        """The cut at a price in ms; `known_ms` is what some assignment costs, its switches at that price included."""
        unit = MOST / 2 / known_ms if known_ms > 0 else 1.0
        forth_ms, back_ms = self._forth_ms.copy(), self._back_ms.copy()
        forth_ms[self._parts[2]] = back_ms[self._parts[2]] = price
        most = MOST / unit
        capacities = np.floor(np.minimum(np.concatenate([forth_ms, back_ms]), most) * unit)
        sums = np.bincount(self._arc, capacities, len(self._heads))
        capacity = np.minimum(sums, MOST).astype(np.int32)
        shape = (self._nodes, self._nodes)
        found = maximum_flow(csr_array((capacity, self._heads, self._indptr), shape=shape), SOURCE, SINK)
        moved = np.asarray(found.flow.data, dtype=np.int32)
        links = len(forth_ms)
        net = moved[self._arc[:links]].astype(float)
        forth, back = capacities[:links], capacities[links:]
        with np.errstate(invalid="ignore", divide="ignore"):  # where nothing can flow, nothing does
            part = np.where(net >= 0, forth / sums[self._arc[:links]], back / sums[self._arc[links:]])
        flows = np.where(net == 0, 0.0, net * part) / unit
        starts, _, switching, alone, _, out, into, _ = (flows[part] for part in self._parts)
        carried = np.empty(len(self._alone))
        carried[self._alone], carried[~self._alone] = alone, out - into
        first = self._reached(capacity > moved)[2 : 2 + self._layers]
        return Priced(price, np.where(first, 0, 1), float(starts.sum()), starts, switching, carried)

    def _reached(self, passable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The nodes that passable arcs lead to from the source, [nodes]."""
        starts = np.zeros(len(passable) + 1, dtype=np.int32)
        np.cumsum(passable, out=starts[1:])
        heads = self._heads[passable]
        graph: csr_array = csr_array(
            (np.ones(len(heads)), heads, starts[self._indptr]), shape=(self._nodes, self._nodes)
        )
        found = np.zeros(self._nodes, dtype=bool)
        found[breadth_first_order(graph, SOURCE, return_predecessors=False)] = True
        return found
