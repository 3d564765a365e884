"""Networks as latency models of any size for the planner's bench: chains, residual, inception and dense ones.

Times and costs are drawn as measurements on an RK3399 spread: layers of 5 ms on average (ResNet-50's: 430 ms in 76),
one device 1.2 times as fast as the other give or take 40 %, transfers of 0.7 to 1.7 ms. `transfer` scales the latter:
at 1 few switches pay, at 0.1 the optimum has hundreds.
"""

from collections.abc import Callable

import numpy as np

from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.dataflow import DataFlow
from layerswitch.prediction.latency_model import LatencyModel

Reads = list[list[int]]
"""The layers each layer reads."""


def chain(count: int) -> Reads:
    """One after another."""
    return [[place - 1] if place else [] for place in range(count)]


def residual(count: int) -> Reads:
    """Blocks of three layers and an addition, which reads the block's input too."""
    found: Reads = []
    for place in range(count):
        skip = [place - 4] if place % 4 == 0 and place >= 4 else []
        found.append(([place - 1] if place else []) + skip)
    return found


def inception(count: int) -> Reads:
    """Modules of four arms, of one, two, two and two layers, and a concatenation."""
    found: Reads = [[]]
    while len(found) < count:
        entry, ends = len(found) - 1, []
        for length in (1, 2, 2, 2):
            before = entry
            for _ in range(length):
                found.append([before])
                before = len(found) - 1
            ends.append(before)
        found.append(ends)
    return [[one for one in reads if one < count] for reads in found[:count]]


def dense(count: int) -> Reads:
    """Blocks of twelve concatenations of everything before in the block, each followed by two layers."""
    found: Reads = [[]]
    while len(found) < count:
        inside = [len(found) - 1]
        for _ in range(12):
            found.append(list(inside))
            found.append([len(found) - 1])
            found.append([len(found) - 1])
            inside.append(len(found) - 1)
    return found[:count]


FAMILIES: dict[str, Callable[[int], Reads]] = {
    "chain": chain,
    "residual": residual,
    "inception": inception,
    "dense": dense,
}


def network(family: str, count: int, transfer: float = 1.0, seed: int = 0) -> LatencyModel:
    """The latency model of a network of `count` layers on two devices."""
    random, reads = np.random.default_rng(seed), FAMILIES[family](count)
    readers: list[list[int]] = [[] for _ in reads]
    for place, sources in enumerate(reads):
        for source in sources:
            readers[source].append(place)
    names = [f"t{place}" for place in range(count)]
    layers = tuple(
        Layer(f"l{place}", "Convolution", tuple(names[source] for source in sources) or ("in",), (names[place],))
        for place, sources in enumerate(reads)
    )
    tensors = {name: Tensor(name, (1, 64, 28, 28), "float32") for name in ("in", *names)}
    read = [place for place, found in enumerate(readers) if found]
    first = 5.0 * random.lognormal(-0.5, 1.0, count)
    costs = np.zeros((len(read), 2, 2))
    costs[:, 0, 1] = transfer * (0.7 + 0.353 * random.lognormal(0, 0.7, len(read)))
    costs[:, 1, 0] = transfer * (0.94 + 0.542 * random.lognormal(0, 0.7, len(read)))
    return LatencyModel(
        graph=LayerGraph(family, layers, tensors, ("in",), tuple(names[-1:]), level="layer"),
        devices=("CPU", "GPU"),
        layer_ms=np.stack([first, first * 1.2 * random.lognormal(0, 0.4, count)], axis=1),
        dataflow=DataFlow(
            count, tuple(names[place] for place in read), tuple(read), tuple(tuple(readers[place]) for place in read)
        ),
        transfer_ms=costs,
        scales={"CPU": 1.0, "GPU": 1.0},
    )
