"""Two devices: the exact optimum as a minimum s-t cut, with the maximum flow as its certificate.

Times become integers in a decimal unit, 14 digits fine, so that the flow is exact, and times that people write down
with a few digits keep their ties. The flow's value, less one unit per rounded number, is a lower bound that owes
nothing to how the assignment is read off and costed.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ..prediction.latency_model import parts_of
from .cut_network import SWITCHES, CutNetwork, cut_network
from .max_flow import ENDLESS, SOURCE, Flags, Integers, maximum
from .problem import Problem, Solution

FEW_TERMS, BITS, MOST_BITS = 4096, 50, 53
"""Of a known assignment's latency in units: so fine that two levels of flow do for networks of few layers and tensors;
for larger ones, whose roundings add up, as fine as doubles hold."""
NO_TIME_MS = 1e-280
"""Latencies under this have no unit in double precision; they count as 0."""


def minimum_cut(problem: Problem) -> Solution:
    """The assignment to two devices with the least predicted latency; among equals, one with the fewest switches."""
    model = problem.model
    known = min(problem.obvious(), key=model.cost)
    known_ms = model.cost(known)
    rounded = problem.allowed.shape[0] + len(model.transfer_ms)  # no assignment costs more terms than these
    bits = BITS if rounded <= FEW_TERMS else MOST_BITS
    unit = 10.0 ** math.floor(bits * math.log10(2) - math.log10(known_ms)) if known_ms > NO_TIME_MS else 0.0  # per ms
    times = np.where(problem.allowed, _counted(problem.layer_ms, unit, known_ms), ENDLESS)
    transfers = _counted(model.transfer_ms, unit, known_ms)
    layers, moves = parts_of(model.dataflow, known, model.dataflow.readings(known, 2), times, transfers)
    cuts = cut_network(model.dataflow)
    capacity = cuts.network.summed(cuts.capacities(times, transfers, 0, ENDLESS))
    left = maximum(cuts.network, capacity, int(layers.sum()) + int(moves.sum()))
    value = int((capacity - left)[cuts.network.tails == SOURCE].sum())
    bound = (value - rounded) / unit if unit else 0.0  # each of its terms is off by less than a unit
    return Solution(np.where(_fewest_switches(cuts, left), 0, 1), max(0.0, bound), "minimum cut")


def _counted(ms: NDArray[np.float64], unit: float, known_ms: float) -> Integers:
    """Costs in units; what alone costs twice a known assignment is not worth telling from what costs more."""
    if not unit:
        return (ms > NO_TIME_MS).astype(np.int64)
    return np.rint(np.minimum(ms, 2 * known_ms) * unit).astype(np.int64)


def _fewest_switches(cuts: CutNetwork, left: Integers) -> Flags:
    """The source's side, [layers], of the minimum cut with the fewest boundaries in the execution order.

    Minimum cuts are the sets that no arc with capacity left leaves, between the least and the greatest one. Where
    there is more than one, a second cut chooses among them: leaving costs no less than everything, a boundary one.
    """
    network = cuts.network
    least = cuts.layer_side(network.reached(left > 0))
    greatest = cuts.layer_side(~network.reached(left > 0, backwards=True))
    if (least == greatest).all():
        return least
    boundary = np.zeros(len(network.order), dtype=np.int32)
    boundary.reshape(2, -1)[:, cuts.groups[SWITCHES]] = 1
    capacity = np.where(left > 0, np.int32(cuts.layers), np.int32(0)) + network.summed(boundary)
    return cuts.layer_side(~network.reached(capacity > network.flow(capacity), backwards=True))
