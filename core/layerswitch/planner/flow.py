"""Maximum flow and minimum cuts with 60-bit capacities, exactly, on scipy's 32-bit solver.

`scipy.sparse.csgraph.maximum_flow` counts in 32-bit integers. Capacities here are 64-bit, so the flow is found
in levels (capacity scaling): the capacities' leading bits first, then a flow in what is left over, with more bits,
until no bit is dropped. What is left over at each level is at most the cut just found minus the flow so far, a few
units per arc of the level before, so two or three levels do. All arithmetic is on integers: nothing is rounded.

Complexity: each level is one run of Dinic's algorithm, O(nodes^2 * arcs) at worst; on networks of layers, which are
long and thin, close to linear (measured figures in docs/planner.md).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

Integers = NDArray[np.int64]
LEVEL_BITS = 30
ENDLESS = 1 << 60
"""More than any flow can use up, at every level."""


@dataclass(frozen=True)
class Flow:
    """A maximum flow: its value, and per arc, (tail, head) sorted, what capacity is left: the residual network."""

    value: int
    indptr: NDArray[np.int32]
    heads: NDArray[np.int32]
    tails: NDArray[np.int32]
    residual: Integers
    source: int
    sink: int

    def least(self) -> NDArray[np.bool_]:
        """The smallest source side of a minimum cut, [nodes]."""
        return _reached(self.tails, self.heads, self.residual, self.source, len(self.indptr) - 1)

    def greatest(self) -> NDArray[np.bool_]:
        """The largest source side of a minimum cut, [nodes]."""
        return ~_reached(self.heads, self.tails, self.residual, self.sink, len(self.indptr) - 1)


def maximum(
    nodes: int, source: int, sink: int, tails: Integers, heads: Integers, capacity: Integers, limit: int
) -> Flow:
    """The maximum flow from source to sink; parallel arcs add up, and capacities are >= 0.

    `limit`, under 2^58, is the capacity of some cut. Capacities from `ENDLESS` on are never part of the minimum cut.
    """
    capacity = np.minimum(capacity, ENDLESS)
    key = np.concatenate([tails * nodes + heads, heads * nodes + tails])  # both directions of every arc, explicitly
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    both = np.concatenate([capacity, np.zeros_like(capacity)])
    left = np.add.reduceat(both[order], starts) if starts.size else both
    key = key[starts]
    row, column = (key // nodes).astype(np.int32), (key % nodes).astype(np.int32)
    indptr = np.searchsorted(row, np.arange(nodes + 1)).astype(np.int32)
    value, most = 0, limit
    while most > 0:
        shift = max(0, most.bit_length() - LEVEL_BITS)
        level = (np.minimum(left, most + (1 << shift)) >> shift).astype(np.int32)  # endless stays above any cut
        found = maximum_flow(csr_array((level, column, indptr), shape=(nodes, nodes)), source, sink)
        moved = np.asarray(found.flow.data, dtype=np.int64)
        left = left - (moved << shift)
        value += int(found.flow_value) << shift
        if shift == 0:
            break
        side = _reached(row, column, level - moved, source, nodes)
        most = int(left[side[row] & ~side[column]].sum())  # no flow can be more than what a cut has left
    return Flow(value, indptr, column, row, left, source, sink)


def _reached(
    tails: NDArray[np.int32], heads: NDArray[np.int32], residual: Integers, start: int, nodes: int
) -> NDArray[np.bool_]:
    """The nodes that arcs with capacity left lead to from `start`."""
    open_ = residual > 0
    graph: csr_array = csr_array(
        (np.ones(np.count_nonzero(open_), dtype=np.int8), (tails[open_], heads[open_])), (nodes, nodes)
    )
    reached = np.zeros(nodes, dtype=bool)
    reached[breadth_first_order(graph, start, return_predecessors=False)] = True
    return reached
