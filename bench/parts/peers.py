"""Other ways to the same optimum, each as its users would write it: networkx, scipy, HiGHS, and a genetic search."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from layerswitch.planner.integer_program import integer_program
from layerswitch.planner.problem import Problem
from layerswitch.prediction.latency_model import LatencyModel

UNIT = 1e4  # per ms: what a 32-bit solver can tell of 48 s (10,000 layers)


def arcs(model: LatencyModel) -> list[tuple[int, int, float]]:
    """The whole cut network: 0 is the source, 1 the sink, then layers, then two nodes per tensor."""
    found = [(0, place + 2, second) for place, second in enumerate(model.layer_ms[:, 1].tolist())]
    found += [(place + 2, 1, first) for place, first in enumerate(model.layer_ms[:, 0].tolist())]
    node = 2 + len(model.layer_ms)
    for row, (producer, readers) in enumerate(zip(model.dataflow.producers, model.dataflow.readers, strict=True)):
        found += [
            (producer + 2, node, model.transfer_ms[row, 0, 1]),
            (node + 1, producer + 2, model.transfer_ms[row, 1, 0]),
        ]
        for reader in readers:
            found += [(node, reader + 2, np.inf), (reader + 2, node + 1, np.inf)]
        node += 2
    return found


def networkx_cut(model: LatencyModel) -> float:
    """networkx.minimum_cut_value, its default algorithm (preflow push)."""
    import networkx as nx

    graph = nx.DiGraph()
    for tail, head, ms in arcs(model):
        graph.add_edge(tail, head, **({"capacity": ms} if np.isfinite(ms) else {}))
    return float(nx.minimum_cut_value(graph, 0, 1))


def scipy_flow(model: LatencyModel) -> Callable[[], float]:
    """scipy.sparse.csgraph.maximum_flow, the routine alone, on 32-bit capacities: a bound to 1e-4 ms an arc."""
    tails, heads, ms = zip(*arcs(model), strict=True)
    capacity = np.minimum(np.rint(np.array(ms) * UNIT), 2**30).astype(np.int32)
    size = max(max(tails), max(heads)) + 1
    matrix = csr_array((capacity, (tails, heads)), shape=(size, size))
    return lambda: float(maximum_flow(matrix, 0, 1).flow_value) / UNIT


def highs(model: LatencyModel, seconds: float) -> float:
    """HiGHS on the integer program."""
    problem = Problem.of(model, {})
    return model.cost(integer_program(problem, None, seconds).choice)


def genetic(model: LatencyModel, *, seed: int = 0, population: int = 100, generations: int = 200) -> float:
    """A genetic search as used in the field: tournaments of three, two-point crossover, bit flips, an elite of two.

    The fitness is the latency, worked out for the whole population at once.
    """
    random, layers = np.random.default_rng(seed), len(model.layer_ms)
    rows, readers = model.dataflow.reads
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(len(model.dataflow.tensors)))

    def fitness(people: "np.ndarray") -> "np.ndarray":
        total = np.where(people, model.layer_ms[:, 1], model.layer_ms[:, 0]).sum(axis=1)
        read = people[:, readers[order]]
        second = np.logical_or.reduceat(read, starts, axis=1)
        first = np.logical_or.reduceat(~read, starts, axis=1)
        writer = people[:, model.dataflow.writers]
        forth = np.where(~writer & second, model.transfer_ms[:, 0, 1], 0.0)
        return total + (forth + np.where(writer & first, model.transfer_ms[:, 1, 0], 0.0)).sum(axis=1)

    people = random.random((population, layers)) < random.random((population, 1))
    people[0], people[1] = False, True  # the baselines
    costs = fitness(people)
    for _ in range(generations):
        entrants = random.integers(0, population, (2 * population, 3))
        winners = people[entrants[np.arange(2 * population), np.argmin(costs[entrants], axis=1)]]
        cuts = np.sort(random.integers(0, layers + 1, (population, 2)), axis=1)
        places = np.arange(layers)
        inside = (places >= cuts[:, :1]) & (places < cuts[:, 1:])
        children = np.where(inside, winners[population:], winners[:population])
        children ^= random.random(children.shape) < 1.0 / layers
        children[:2] = people[np.argsort(costs)[:2]]
        people, costs = children, fitness(children)
    return float(costs.min())
