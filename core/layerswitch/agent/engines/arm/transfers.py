"""What a switch costs: a tensor of a known size, handed from one device to another as in a run, and not handed over.

The first layer widens a few numbers to the tensor (nearest resizing), the second cuts a few out of it, so that what
enters and leaves the network does not count. Both on one device in one segment is the reference; the transfer is what
the same two layers take longer when the second is on the other device. Both are measured right after each other, many
times, and it is these differences that count: what else the machine does, it does to both. The second layer is not
the same on both devices, nor is what an inference costs that does next to nothing: a network with that layer alone,
of a few numbers, tells how much apart they are. What is left holds the two copies into and out of Arm NN's own memory,
the one in between, and the start of one more segment.
"""

from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Tuple

import numpy as np

from ..base import Cancelled
from .execution import Execution, drawn_inputs, stop
from .graph import Graph
from .library import Library

CHANNELS = 16
SIDES = (4, 40, 80, 160, 256)  # 1 KB, 100 KB, 400 KB, 1.6 MB, 4 MB
REPEATS, WARMUP = 7, 1  # turns; in the first one kernels are compiled
Say = Callable[[str], None]


class Transfer(NamedTuple):
    """One measured transfer."""

    source: str
    target: str
    bytes: int
    ms: float


def measure(library: Library, backends: Dict[str, str], say: Say, cancelled: Cancelled) -> Iterator[Transfer]:
    """Every ordered pair of devices, every size, several times. Raises EngineError, JobCancelled.

    What the library's runtime holds without profiling stays there.
    """
    if len(backends) < 2:
        return
    bench = _Bench(library, backends, cancelled)
    say("measuring transfers: what the smallest inference costs")
    alone = {device: (_cutting(), {"cut": device}) for device in backends}
    least = {device: float(np.median(taken)) for device, taken in bench.turns(alone).items()}
    ways = [(source, target) for source in backends for target in backends if source != target]
    for side in SIDES:
        size = CHANNELS * side * side * 4
        say("measuring transfers of {} KB".format(size // 1000))
        graph = pair(side)
        # a reference and what is compared with it are neighbours
        networks: Dict[Tuple[str, str], _Network] = {}
        for source in backends:
            for target in [source, *(one for one in backends if one != source)]:
                networks[source, target] = graph, {"widen": source, "cut": target}
        walls = bench.turns(networks)
        for source, target in ways:
            apart = least[target] - least[source]
            for whole, reference in zip(walls[source, target], walls[source, source]):
                yield Transfer(source, target, size, max(0.0, whole - reference - apart))


_Network = Tuple[Graph, Dict[str, str]]


class _Bench:
    """Takes the wall clock of small networks in turns."""

    def __init__(self, library: Library, backends: Dict[str, str], cancelled: Cancelled) -> None:
        self._library, self._backends, self._cancelled = library, backends, cancelled

    def turns(self, networks: Dict[Any, _Network]) -> Dict[Any, List[float]]:
        """ms of `REPEATS` inferences of each, all loaded beside each other, one inference each in turn."""
        found: Dict[Any, List[float]] = {name: [] for name in networks}
        inputs = {name: drawn_inputs(graph, 0) for name, (graph, _) in networks.items()}
        executions: Dict[Any, Execution] = {}
        try:
            for name, (graph, assignment) in networks.items():
                executions[name] = Execution(
                    self._library, graph, {}, self._backends, assignment, False, _silent, self._cancelled
                )
            for turn in range(WARMUP + REPEATS):
                for name, execution in executions.items():
                    stop(self._cancelled)
                    execution.infer(inputs[name])
                    if turn >= WARMUP:
                        found[name].append(execution.total)
        finally:
            for execution in executions.values():
                execution.close()
        return found


def pair(side: int) -> Graph:
    """[1, C, 1, 1] --widen--> [1, C, side, side] --cut--> [1, C, 1, 1]."""
    wide = [1, CHANNELS, side, side]
    resize = {"mode": "nearest", "coordinates": "asymmetric", "rounding": "floor"}
    layers = [_layer("widen", "Resize", "in", "wide", resize), _layer("cut", "Slice", "wide", "out", SLICING)]
    return _graph(layers, {"in": [1, CHANNELS, 1, 1], "wide": wide, "out": [1, CHANNELS, 1, 1]})


def _cutting() -> Graph:
    """[1, C, 2, 2] --cut--> [1, C, 1, 1]."""
    layers = [_layer("cut", "Slice", "in", "out", SLICING)]
    return _graph(layers, {"in": [1, CHANNELS, 2, 2], "out": [1, CHANNELS, 1, 1]})


SLICING = {"starts": [0, 0], "ends": [1, 1], "axes": [2, 3], "steps": [1, 1]}


def _graph(layers: List[Dict[str, Any]], shapes: Dict[str, List[int]]) -> Graph:
    tensors = {name: {"name": name, "shape": shape, "dtype": "float32"} for name, shape in shapes.items()}
    return Graph({"name": "transfer", "layers": layers, "tensors": tensors, "inputs": ["in"], "outputs": ["out"]})


def _layer(name: str, kind: str, before: str, after: str, attributes: Dict[str, Any]) -> Dict[str, Any]:
    operator = {"name": name, "type": kind, "inputs": [before], "outputs": [after], "attributes": attributes}
    return {"name": name, "type": kind, "inputs": [before], "outputs": [after], "operators": [operator]}


def _silent(text: str) -> None:
    """Say nothing: what is going on has been said."""
