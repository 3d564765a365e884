"""Maximum flow and minimum cuts with 60-bit capacities, exactly, on scipy's 32-bit solver.

`scipy.sparse.csgraph.maximum_flow` counts in 32-bit integers. Capacities here are 64-bit, so the flow is found
in levels (capacity scaling): the capacities' leading bits first, then a flow in what is left over, with more bits,
until no bit is dropped. What is left over at each level is at most the cut just found minus the flow so far, a few
units per arc of the level before, so two or three levels do. All arithmetic is on integers: nothing is rounded.

That bound also says which side most nodes are on: one that the source reaches by arcs with more left than any flow
still to come is on the source's side of every minimum cut. These nodes become the source, their like the sink, and the
next level is a flow in the few that remain.

Complexity: each level is one run of Dinic's algorithm, O(nodes^2 * arcs) at worst; on networks of layers, which are
long and thin, close to linear (measured figures in docs/planner.md).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

Integers = NDArray[np.int64]
Nodes = NDArray[np.int32]
Flags = NDArray[np.bool_]
LEVEL_BITS = 30
ENDLESS = 1 << 60
"""More than any flow can use up, at every level."""
SOURCE, SINK = 0, 1
"""The first two nodes of every network."""


@dataclass(frozen=True)
class Network:
    """Arcs sorted by (tail, head), each in both directions, and the capacity left on each; parallel arcs are one."""

    nodes: int
    indptr: Nodes
    tails: Nodes
    heads: Nodes
    left: Integers

    @classmethod
    def of(cls, nodes: int, tails: NDArray[np.integer], heads: NDArray[np.integer], left: Integers) -> "Network":
        """The network of these arcs. Nothing flows into the source or out of the sink: such arcs are left out."""
        kept = (heads != SOURCE) & (tails != SINK) & (tails != heads)
        tails, heads, left = tails[kept].astype(np.int32), heads[kept].astype(np.int32), left[kept]
        both = (np.concatenate([tails, heads]), np.concatenate([heads, tails]))
        matrix: csr_array = csr_array((np.concatenate([left, np.zeros_like(left)]), both), shape=(nodes, nodes))
        matrix.sum_duplicates()
        indptr = matrix.indptr.astype(np.int32, copy=False)
        rows = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(indptr))
        return cls(nodes, indptr, rows, matrix.indices.astype(np.int32, copy=False), matrix.data)

    @cached_property
    def reverse(self) -> NDArray[np.intp]:
        """The arc the other way of each arc, [arcs]."""
        numbered: csr_array = csr_array((np.arange(len(self.heads)), self.heads, self.indptr), (self.nodes, self.nodes))
        order: NDArray[np.intp] = numbered.tocsc().data  # sorted by head: since all arcs are there both ways, the same
        return order

    def reached(self, passable: Flags, *, backwards: bool = False) -> Flags:
        """The nodes that passable arcs lead to from the source, or from which they lead to the sink, [nodes]."""
        if backwards:
            passable = passable[self.reverse]
        starts = np.zeros(len(passable) + 1, dtype=np.int32)
        np.cumsum(passable, out=starts[1:])
        heads = self.heads[passable]
        places = (np.ones(len(heads)), heads, starts[self.indptr])
        graph: csr_array = csr_array(places, shape=(self.nodes, self.nodes))
        found = np.zeros(self.nodes, dtype=bool)
        found[breadth_first_order(graph, SINK if backwards else SOURCE, return_predecessors=False)] = True
        return found


@dataclass(frozen=True)
class Flow:
    """A maximum flow: its value, and what is left.

    `place` is each node's place in `network`, whose arcs have what capacity the flow left them: source and sink stand
    for all nodes that are on their side of every minimum cut.
    """

    value: int
    place: Nodes
    network: Network

    def least(self) -> Flags:
        """The smallest source side of a minimum cut, [nodes]."""
        return self.network.reached(self.network.left > 0)[self.place]

    def greatest(self) -> Flags:
        """The largest source side of a minimum cut, [nodes]."""
        return ~self.network.reached(self.network.left > 0, backwards=True)[self.place]


def maximum(nodes: int, tails: NDArray[np.integer], heads: NDArray[np.integer], capacity: Integers, limit: int) -> Flow:
    """The maximum flow from node 0 to node 1; parallel arcs add up, and capacities are >= 0.

    `limit`, under 2^58, is the capacity of some cut. Capacities from `ENDLESS` on are never part of the minimum cut.
    """
    network = Network.of(nodes, tails, heads, np.minimum(capacity, ENDLESS))
    place, value, most = np.arange(nodes, dtype=np.int32), 0, limit
    while most > 0 and network.left.size:
        shift = max(0, most.bit_length() - LEVEL_BITS)
        left = network.left
        level = (np.minimum(left, most + (1 << shift)) >> shift).astype(np.int32)  # endless stays above any cut
        shape = (network.nodes, network.nodes)
        found = maximum_flow(csr_array((level, network.heads, network.indptr), shape=shape), SOURCE, SINK)
        moved = np.asarray(found.flow.data, dtype=np.int32)
        value += int(found.flow_value) << shift
        network = Network(
            network.nodes, network.indptr, network.tails, network.heads, left - (moved.astype(np.int64) << shift)
        )
        if shift == 0:
            break
        side = network.reached(level > moved)
        most = int(network.left[side[network.tails] & ~side[network.heads]].sum())  # no flow can exceed what a cut has
        network, place = _contracted(network, place, most)
        straight = (network.tails == SOURCE) & (network.heads == SINK)
        passes = int(network.left[straight].sum())
        network.left[straight] = 0  # from source to sink on one arc
        value, most = value + passes, most - passes
    return Flow(value, place, network)


def _contracted(network: Network, place: Nodes, most: int) -> tuple[Network, Nodes]:
    """The network with all nodes whose side is sure made source and sink; no more than `most` can still flow."""
    sure = network.left > most
    first, last = network.reached(sure), network.reached(sure, backwards=True)
    rest = ~(first | last)
    new = np.where(first, SOURCE, SINK).astype(np.int32)
    new[rest] = np.arange(2, 2 + np.count_nonzero(rest))
    tails, heads = new[network.tails], new[network.heads]
    return Network.of(2 + int(np.count_nonzero(rest)), tails, heads, network.left), new[place]
