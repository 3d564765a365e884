"""Two devices: the exact optimum as a minimum s-t cut, with the maximum flow as its certificate.

Layers on the source's side run on the first device. Layer i is cut from the sink at its time on the first device, or
from the source at that on the second. A tensor read by one layer is an arc each way between writer and reader. One
read by several gets an auxiliary node per destination device, which is on the destination's side as soon as one reader
is, so that the transfer is paid once (Stone 1977 for the cut; Kolmogorov & Zabih 2004 for the auxiliary nodes).

Times become integers in a decimal unit, 15 digits fine, so that the flow is exact, and times that people write down
with a few digits keep their ties. The flow's value, less one unit per rounded number, is a lower bound that owes
nothing to how the assignment is read off and costed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import flow
from .problem import Choice, Problem, Solution


@dataclass(frozen=True)
class _Arcs:
    """Layer nodes first, then auxiliary nodes; tails, heads and capacities of the arcs between them."""

    nodes: int
    tails: flow.Integers
    heads: flow.Integers
    capacity: flow.Integers


def minimum_cut(problem: Problem) -> Solution:
    """The assignment to two devices with the least predicted latency; among equals, one with the fewest switches."""
    model, allowed = problem.model, problem.allowed
    known_ms = min(model.cost(choice) for choice in problem.obvious())
    digits = math.floor(53 * math.log10(2) - math.log10(known_ms)) if known_ms > 0 else 0
    unit = 10.0 ** min(digits, 300)  # per ms: costs that matter are below 2^53 of them, which doubles hold exactly
    times = _counted(np.where(allowed, model.layer_ms, 0.0), unit, known_ms)
    transfers = _counted(model.transfer_ms, unit, known_ms)
    either = allowed.all(axis=1)
    base = int(np.where(either, times.min(axis=1), times.sum(axis=1)).sum())  # the other column is 0 where one is not
    known = min(_cost(problem, times, transfers, choice) for choice in problem.obvious())
    first = np.where(either, times[:, 1] - times[:, 0], np.where(allowed[:, 0], flow.ENDLESS, -flow.ENDLESS))
    network = _arcs(problem, transfers)
    source, sink, layers = network.nodes, network.nodes + 1, np.arange(len(first))
    wins, loses = first > 0, first < 0
    found = flow.maximum(
        network.nodes + 2,
        source,
        sink,
        np.concatenate([network.tails, np.full(np.count_nonzero(wins), source), layers[loses]]),
        np.concatenate([network.heads, layers[wins], np.full(np.count_nonzero(loses), sink)]),
        np.concatenate([network.capacity, first[wins], -first[loses]]),
        known - base,
    )
    rounded = len(first) + len(transfers)  # an assignment's cost has at most so many rounded terms, each off by < 1
    bound = (base + found.value - rounded) / unit
    choice = np.where(_fewest_switches(found, len(first)), 0, 1)
    return Solution(choice, max(0.0, bound), "minimum cut")


def _counted(ms: NDArray[np.float64], unit: float, known_ms: float) -> flow.Integers:
    """Costs in units; what alone costs twice a known assignment is not worth telling from what costs more."""
    if known_ms == 0:
        return (ms > 0).astype(np.int64)
    return np.rint(np.minimum(ms, 2 * known_ms) * unit).astype(np.int64)


def _cost(problem: Problem, times: flow.Integers, transfers: flow.Integers, choice: Choice) -> int:
    """What LatencyModel.cost says, in units."""
    rows, targets = np.nonzero(problem.model.moved(choice))
    moved = transfers[rows, choice[problem.model.writers[rows]], targets]
    return int(times[np.arange(len(choice)), choice].sum()) + int(moved.sum())


def _arcs(problem: Problem, transfers: flow.Integers) -> _Arcs:
    """The arcs between writers and readers: source's side = first device."""
    model = problem.model
    rows, readers = model.reads
    several = np.bincount(rows, minlength=len(model.tensors)) > 1
    single = ~several[rows]
    writer, reader, row = model.writers[rows[single]], readers[single], rows[single]
    shared = np.flatnonzero(several)
    to_second = np.full(len(model.tensors), -1)
    to_second[shared] = len(model.graph.layers) + np.arange(len(shared))
    to_first = to_second + len(shared)
    one, many = rows[~single], readers[~single]
    forth, back = transfers[:, 0, 1], transfers[:, 1, 0]
    open_ = np.full(len(one), flow.ENDLESS)
    parts = [
        (writer, reader, forth[row]),
        (reader, writer, back[row]),
        (model.writers[shared], to_second[shared], forth[shared]),
        (to_second[one], many, open_),
        (many, to_first[one], open_),
        (to_first[shared], model.writers[shared], back[shared]),
    ]
    tails, heads, capacity = (np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
    return _Arcs(len(model.graph.layers) + 2 * len(shared), tails, heads, capacity)


def _fewest_switches(found: flow.Flow, layers: int) -> NDArray[np.bool_]:
    """The source's side, [layers], of the minimum cut with the fewest boundaries in the execution order.

    Minimum cuts are the sets that no arc with capacity left leaves, between the least and the greatest one. Where
    there is more than one, a second cut chooses among them: leaving costs no less than everything, a boundary one.
    """
    least, greatest = found.least(), found.greatest()
    if (least[:layers] == greatest[:layers]).all():
        return least[:layers]
    nodes, order = len(least), np.arange(layers - 1)
    left = found.residual > 0
    inner, outer = np.flatnonzero(least[:-2]), np.flatnonzero(~greatest[:-2])  # the last two are source and sink
    chosen = flow.maximum(
        nodes,
        found.source,
        found.sink,
        np.concatenate([found.tails[left], order, order + 1, np.full(len(inner), found.source), outer]),
        np.concatenate([found.heads[left], order + 1, order, inner, np.full(len(outer), found.sink)]),
        np.concatenate(
            [np.full(np.count_nonzero(left), layers), np.ones(2 * len(order)), np.full(len(inner) + len(outer), layers)]
        ).astype(np.int64),
        layers - 1,
    )
    return chosen.greatest()[:layers]
