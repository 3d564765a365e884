"""Two devices: the exact optimum as a minimum s-t cut, with the maximum flow as its certificate.

Layers on the source's side run on the first device. Layer i is cut from the sink at its time on the first device, or
from the source at that on the second. A tensor read by one layer is an arc each way between writer and reader. One
read by several gets an auxiliary node per destination device, which is on the destination's side as soon as one reader
is, so that the transfer is paid once (Stone 1977 for the cut; Kolmogorov & Zabih 2004 for the auxiliary nodes).
Layers that are decided beforehand (reduction.py) are the source or the sink themselves.

Times become integers in a decimal unit, 15 digits fine, so that the flow is exact, and times that people write down
with a few digits keep their ties. The flow's value, less one unit per rounded number, is a lower bound that owes
nothing to how the assignment is read off and costed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..prediction.latency_model import parts_of
from . import max_flow
from .max_flow import SINK, SOURCE
from .presolve import Decided, decide
from .problem import Choice, Problem, Solution


@dataclass(frozen=True)
class _Cut:
    """The network to cut: `place` [layers] is each layer's node; `base` is what every assignment pays in any case."""

    nodes: int
    place: NDArray[np.int64]
    tails: max_flow.Integers
    heads: max_flow.Integers
    capacity: max_flow.Integers
    base: int


def minimum_cut(problem: Problem) -> Solution:
    """The assignment to two devices with the least predicted latency; among equals, one with the fewest switches."""
    model, allowed = problem.model, problem.allowed
    known, known_ms = min(((choice, model.cost(choice)) for choice in problem.obvious()), key=lambda pair: pair[1])
    digits = math.floor(53 * math.log10(2) - math.log10(known_ms)) if known_ms > 0 else 0
    unit = 10.0 ** min(digits, 300)  # per ms: costs that matter are below 2^53 of them, which doubles hold exactly
    times = _counted(np.where(allowed, model.layer_ms, 0.0), unit, known_ms)
    transfers = _counted(model.transfer_ms, unit, known_ms)
    decided = decide(problem, times.astype(float), transfers.astype(float))
    cut = _network(problem, decided, times, transfers)
    known = np.where(decided.free, known, np.where(decided.first, 0, 1))  # no worse: see reduction.py
    limit = _cost(problem, times, transfers, known) - cut.base
    found = max_flow.maximum(cut.nodes, cut.tails, cut.heads, cut.capacity, limit)
    rounded = len(times) + len(transfers)  # an assignment's cost has at most so many rounded terms, each off by < 1
    bound = (cut.base + found.value - rounded) / unit
    choice = np.where(_fewest_switches(found, cut.place), 0, 1)
    return Solution(choice, max(0.0, bound), "minimum cut")


def _counted(ms: NDArray[np.float64], unit: float, known_ms: float) -> max_flow.Integers:
    """Costs in units; what alone costs twice a known assignment is not worth telling from what costs more."""
    if known_ms == 0:
        return (ms > 0).astype(np.int64)
    return np.rint(np.minimum(ms, 2 * known_ms) * unit).astype(np.int64)


def _cost(problem: Problem, times: max_flow.Integers, transfers: max_flow.Integers, choice: Choice) -> int:
    """What LatencyModel.cost says, in units."""
    dataflow = problem.model.dataflow
    layers, moves = parts_of(dataflow, choice, dataflow.readings(choice, 2), times, transfers)
    return int(layers.sum()) + int(moves.sum())


def _network(problem: Problem, decided: Decided, times: max_flow.Integers, transfers: max_flow.Integers) -> _Cut:
    """The network whose cuts are the assignments of what is not decided: source's side = first device.

    A tensor costs `forth` when its writer is on the first device and some reader on the second, `back` the other way
    round. Where a decided reader settles that, it is a cost of the writer alone; else of the writer and the others.
    """
    model, free = problem.model, decided.free
    rows, readers = model.dataflow.reads
    writers, tensors = model.dataflow.writers, len(model.dataflow.tensors)
    forth, back = transfers[:, 0, 1], transfers[:, 1, 0]
    place = np.where(decided.first, SOURCE, SINK)
    undecided = np.flatnonzero(free)
    place[undecided] = np.arange(2, 2 + len(undecided))
    extra = np.zeros(2 + len(undecided), dtype=np.int64)  # what a node pays more on the second device
    extra[2:] = times[undecided, 1] - times[undecided, 0]
    on_second = np.bincount(rows[~decided.first[readers]], minlength=tensors) > 0  # a reader that stays there
    on_first = np.bincount(rows[~decided.second[readers]], minlength=tensors) > 0
    node = place[writers]
    settled_forth, settled_back = on_second & (node != SINK), on_first & (node != SOURCE)
    np.add.at(extra, node[settled_forth], -forth[settled_forth])
    np.add.at(extra, node[settled_back], back[settled_back])
    base = int(times[:, 0][decided.first].sum() + times[:, 1][~decided.first].sum() + forth[settled_forth].sum())
    base += int(extra[SINK])  # decided to be on the second: it pays, whatever the others do
    open_ = free[readers]
    rows, readers = rows[open_], place[readers[open_]]
    count = np.bincount(rows, minlength=tensors)
    nodes, parts = 2 + len(undecided), list[tuple[max_flow.Integers, max_flow.Integers, max_flow.Integers]]()
    for cost, wanted, to_second in (
        (forth, ~on_second & (node != SINK), True),
        (back, ~on_first & (node != SOURCE), False),
    ):
        one, many = wanted & (count == 1), wanted & (count > 1)
        reading = one[rows]
        parts.append(_arcs(node[rows[reading]], readers[reading], cost[rows[reading]], to_second))
        shared = np.flatnonzero(many)
        numbers = np.zeros(tensors, dtype=np.int64)
        numbers[shared] = nodes + np.arange(len(shared))
        nodes += len(shared)
        parts.append(_arcs(node[shared], numbers[shared], cost[shared], to_second))
        reading = many[rows]
        endless = np.full(np.count_nonzero(reading), max_flow.ENDLESS)
        parts.append(_arcs(numbers[rows[reading]], readers[reading], endless, to_second))
    dearer, cheaper = np.flatnonzero(extra[2:] > 0) + 2, np.flatnonzero(extra[2:] < 0) + 2
    parts.append((np.full(len(dearer), SOURCE), dearer, extra[dearer]))
    parts.append((cheaper, np.full(len(cheaper), SINK), -extra[cheaper]))
    base += int(extra[cheaper].sum())
    tails, heads, capacity = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Cut(nodes, place, tails, heads, capacity, base)


def _arcs(
    near: max_flow.Integers, far: max_flow.Integers, cost: max_flow.Integers, to_second: bool
) -> tuple[max_flow.Integers, max_flow.Integers, max_flow.Integers]:
    """Arcs from the writer's side on, cut where a tensor goes to the second device; or the other way round."""
    return (near, far, cost) if to_second else (far, near, cost)


def _fewest_switches(found: max_flow.Flow, place: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The source's side, [layers], of the minimum cut with the fewest boundaries in the execution order.

    Minimum cuts are the sets that no arc with capacity left leaves, between the least and the greatest one. Where
    there is more than one, a second cut chooses among them: leaving costs no less than everything, a boundary one.
    """
    least, greatest = found.least()[place], found.greatest()[place]
    if (least == greatest).all():
        return least
    layers, network = len(place), found.network
    node = np.where(least, SOURCE, np.where(greatest, found.place[place], SINK))
    inside = found.network.reached(network.left > 0)
    outside = found.network.reached(network.left > 0, backwards=True)
    merged = np.where(inside, SOURCE, np.where(outside, SINK, np.arange(network.nodes)))
    left = network.left > 0
    chosen = max_flow.maximum(
        network.nodes,
        np.concatenate([merged[network.tails[left]], node[:-1], node[1:]]),
        np.concatenate([merged[network.heads[left]], node[1:], node[:-1]]),
        np.concatenate([np.full(np.count_nonzero(left), layers), np.ones(2 * (layers - 1))]).astype(np.int64),
        layers - 1,
    )
    return chosen.greatest()[node]
