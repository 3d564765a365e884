"""Maximum flow with 60-bit capacities, exactly, on scipy's 32-bit solver.

`scipy.sparse.csgraph.maximum_flow` counts in 32-bit integers. Capacities here are 64-bit, so the flow is found
in levels (capacity scaling): the capacities' leading bits first, then a flow in what is left over, with more bits,
until no bit is dropped. What is left over at each level is at most what the cut just found has left, a few units per
arc of the level before, so two or three levels do. All arithmetic is on integers: nothing is rounded.

Complexity: each level is one run of Dinic's algorithm, O(nodes^2 * arcs) at worst; on networks of layers, which are
long and thin, close to linear (measured figures in docs/planner.md).

scipy is imported when a flow is asked for: the window reads plans, and paints, before it is there.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
LEVEL_BITS = 30
ENDLESS = 1 << 60
"""More than any flow can use up, at every level."""
SOURCE, SINK = 0, 1
"""The first two nodes of every network."""


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes and the arcs between them, sorted by (tail, head), each in both directions; arcs in parallel are one.

    `order` sorts links, all of them one way and then all the other way, by arc; `starts` is where each arc's begin.
    """

    nodes: int
    tails: Integers
    heads: NDArray[np.int32]
    order: Integers
    starts: Integers

    @classmethod
    def of(cls, nodes: int, near: Integers, far: Integers) -> "Network":
        """The network of links between nodes, [links] each; a link may be passed both ways."""
        keys = np.concatenate([near * nodes + far, far * nodes + near])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        arcs = keys[starts]
        return cls(nodes, arcs // nodes, (arcs % nodes).astype(np.int32), order, starts)

    def summed(self, capacities: NDArray[Any]) -> NDArray[Any]:
        """The capacity of each arc, of those of the links one way and the other, [2 * links]."""
        sums: NDArray[Any] = np.add.reduceat(capacities[self.order], self.starts)
        return sums

    @cached_property
    def arc(self) -> Integers:
        """The arc of each link one way, then the other, [2 * links]."""
        arc = np.empty_like(self.order)
        arc[self.order] = np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.order)))
        return arc

    @cached_property
    def indptr(self) -> NDArray[np.int32]:
        """Where the arcs of each node begin, [nodes + 1]."""
        return np.searchsorted(self.tails, np.arange(self.nodes + 1)).astype(np.int32)

    @cached_property
    def reverse(self) -> Integers:
        """The arc the other way of each arc, [arcs]."""
        return np.lexsort((self.tails, self.heads))  # all arcs are there both ways

    def flow(self, capacity: NDArray[np.int32]) -> NDArray[np.int32]:
        """A maximum flow from source to sink, [arcs]; negative on the arc that it goes against."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import maximum_flow

        arcs: csr_array = csr_array((capacity, self.heads, self.indptr), shape=(self.nodes, self.nodes))
        return np.asarray(maximum_flow(arcs, SOURCE, SINK).flow.data, dtype=np.int32)

    def reached(self, passable: Flags, *, backwards: bool = False) -> Flags:
        """The nodes that passable arcs lead to from the source, or from which they lead to the sink, [nodes]."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order

        if backwards:
            passable = passable[self.reverse]
        starts = np.zeros(len(passable) + 1, dtype=np.int32)
        np.cumsum(passable, out=starts[1:])
        heads = self.heads[passable]
        places = (np.ones(len(heads)), heads, starts[self.indptr])
        graph: csr_array = csr_array(places, shape=(self.nodes, self.nodes))
        reached = np.zeros(self.nodes, dtype=bool)
        reached[breadth_first_order(graph, SINK if backwards else SOURCE, return_predecessors=False)] = True
        return reached


def maximum(network: Network, capacity: Integers, limit: int) -> Integers:
    """What a maximum flow leaves of the arcs' capacities, [arcs], which are >= 0.

    `limit`, under 2^58, is the capacity of some cut. Capacities from `ENDLESS` on are never part of the minimum cut.
    """
    left, most = capacity, limit
    while most > 0:
        shift = max(0, most.bit_length() - LEVEL_BITS)
        level = (np.minimum(left, most + (1 << shift)) >> shift).astype(np.int32)  # endless stays above any cut
        moved = network.flow(level)
        left = left - (moved.astype(np.int64) << shift)
        if shift == 0:
            break
        side = network.reached(level > moved)
        most = int(left[side[network.tails] & ~side[network.heads]].sum())  # no flow can exceed what a cut has
    return left
