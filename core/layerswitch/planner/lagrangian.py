"""Two devices: the least latency when every switch costs a price, and what the flow that proves it says of each part.

The limit on switches is traded for a price on them (Lagrange): with a price there is a minimum cut to find, which is
quick; what it costs less the price of the switches allowed is under every assignment with so few.

Here the flow is found in 30-bit integers and read as milliseconds: whatever rounding loses, a flow that fits the
capacities proves a bound. What flows from each layer to each that reads of it also proves one of the rest of the
network, from any layer on and for any devices of those before (bounds.py).

Complexity: one run of Dinic's algorithm each, O(nodes^2 * arcs) at worst; close to linear on networks of layers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cut_network import cut_network
from .problem import Choice, Problem

Floats = NDArray[np.float64]
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
    """The cuts of one problem on two devices; `solve` finds the least one at any price. Source's side: first device."""

    def __init__(self, problem: Problem) -> None:
        self._times, self._transfers = problem.layer_ms, problem.model.transfer_ms
        self._cuts = cut_network(problem.model.dataflow)

    def solve(self, price: float, known_ms: float) -> Priced:
        """The cut at a price in ms; `known_ms` is what some assignment costs, its switches at that price included."""
        cuts, network = self._cuts, self._cuts.network
        unit = MOST / 2 / known_ms if known_ms > 0 else 1.0
        ms = cuts.capacities(self._times, self._transfers, price, np.inf)
        capacities = np.floor(np.minimum(ms, MOST / unit) * unit)
        sums = network.summed(capacities)
        capacity = np.minimum(sums, MOST).astype(np.int32)
        moved = network.flow(capacity)
        arcs, back_arcs = network.arc.reshape(2, -1)
        forth, back = capacities.reshape(2, -1)
        net = moved[arcs].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):  # where nothing can flow, nothing does
            part = np.where(net >= 0, forth / sums[arcs], back / sums[back_arcs])
        flows = np.where(net == 0, 0.0, net * part) / unit
        starts, _, switching, alone, _, out, into, _ = (flows[group] for group in cuts.groups)
        carried = np.empty(len(cuts.many))
        carried[~cuts.many], carried[cuts.many] = alone, out - into
        first = cuts.layer_side(network.reached(capacity > moved))
        return Priced(price, np.where(first, 0, 1), float(starts.sum()), starts, switching, carried)
