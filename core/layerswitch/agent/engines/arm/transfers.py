"""What a switch costs: two-segment networks that hand a tensor of a known size from one device to another.

The first segment widens a few numbers to the tensor (nearest resizing), the second cuts a few out of it, so that what
is copied at the far ends does not count. From the wall clock of both, handed over as in a run, are taken away the
profiled time of their layers and half of what an inference of next to nothing costs on either device: that cost is in
every inference, switched or not, and whole-network runs already hold it.
"""

from typing import Any, Callable, Dict, Iterator, List, NamedTuple

import numpy as np

from ..base import Cancelled
from .execution import Execution, drawn_inputs, stop
from .graph import Graph
from .library import Library

CHANNELS = 16
SIDES = (4, 40, 80, 160, 256)  # 1 KB, 100 KB, 400 KB, 1.6 MB, 4 MB
REPEATS, WARMUP = 7, 2
Say = Callable[[str], None]


class Transfer(NamedTuple):
    """One measured transfer."""

    source: str
    target: str
    bytes: int
    ms: float


def measure(library: Library, backends: Dict[str, str], say: Say, cancelled: Cancelled) -> Iterator[Transfer]:
    """Every ordered pair of devices, every size, several times. Raises EngineError, JobCancelled."""
    if len(backends) < 2:
        return
    idle = {device: _idle(library, backends, device, cancelled) for device in backends}
    for source in backends:
        for target in backends:
            if source == target:
                continue
            for side in SIDES:
                size = CHANNELS * side * side * 4
                say("measuring transfers {} to {}, {} KB".format(source, target, size // 1000))
                spent = 0.5 * (idle[source] + idle[target])
                graph, assignment = pair(side), {"widen": source, "cut": target}
                spent += _layers(library, graph, backends, assignment, cancelled)
                for whole in _walls(library, graph, backends, assignment, cancelled, REPEATS):
                    yield Transfer(source, target, size, max(0.0, whole - spent))


def pair(side: int) -> Graph:
    """[1, C, 1, 1] --widen--> [1, C, side, side] --cut--> [1, C, 1, 1]."""
    wide = [1, CHANNELS, side, side]
    resize = {"mode": "nearest", "coordinates": "asymmetric", "rounding": "floor"}
    slicing = {"starts": [0, 0], "ends": [1, 1], "axes": [2, 3], "steps": [1, 1]}
    layers = [_layer("widen", "Resize", "in", "wide", resize), _layer("cut", "Slice", "wide", "out", slicing)]
    return _graph(layers, {"in": [1, CHANNELS, 1, 1], "wide": wide, "out": [1, CHANNELS, 1, 1]})


def _graph(layers: List[Dict[str, Any]], shapes: Dict[str, List[int]]) -> Graph:
    tensors = {name: {"name": name, "shape": shape, "dtype": "float32"} for name, shape in shapes.items()}
    return Graph({"name": "transfer", "layers": layers, "tensors": tensors, "inputs": ["in"], "outputs": ["out"]})


def _layer(name: str, kind: str, before: str, after: str, attributes: Dict[str, Any]) -> Dict[str, Any]:
    operator = {"name": name, "type": kind, "inputs": [before], "outputs": [after], "attributes": attributes}
    return {"name": name, "type": kind, "inputs": [before], "outputs": [after], "operators": [operator]}


def _idle(library: Library, backends: Dict[str, str], device: str, cancelled: Cancelled) -> float:
    """ms of an inference on a device beside its layer, when there is next to nothing to do."""
    graph = _graph([_layer("widen", "Relu", "in", "out", {})], {"in": [1, CHANNELS, 1, 1], "out": [1, CHANNELS, 1, 1]})
    assignment = {"widen": device}
    taken = float(np.median(_walls(library, graph, backends, assignment, cancelled, REPEATS)))
    return max(0.0, taken - _layers(library, graph, backends, assignment, cancelled))


def _walls(
    library: Library,
    graph: Graph,
    backends: Dict[str, str],
    assignment: Dict[str, str],
    cancelled: Cancelled,
    repeats: int,
) -> List[float]:
    return [
        execution.total for execution in _inferences(library, graph, backends, assignment, False, cancelled, repeats)
    ]


def _layers(
    library: Library, graph: Graph, backends: Dict[str, str], assignment: Dict[str, str], cancelled: Cancelled
) -> float:
    devices = set(assignment.values())
    found = [
        sum(sum(execution.layer_times(device)[0].values()) for device in devices)
        for execution in _inferences(library, graph, backends, assignment, True, cancelled, 3)
    ]
    return float(np.median(found))


def _inferences(
    library: Library,
    graph: Graph,
    backends: Dict[str, str],
    assignment: Dict[str, str],
    profiling: bool,
    cancelled: Cancelled,
    repeats: int,
) -> Iterator[Execution]:
    execution = Execution(library, graph, {}, backends, assignment, profiling, _silent, cancelled)
    try:
        inputs = drawn_inputs(graph, 0)
        for number in range(WARMUP + repeats):
            stop(cancelled)
            execution.infer(inputs)
            if number >= WARMUP:
                yield execution
    finally:
        execution.close()


def _silent(text: str) -> None:
    """Say nothing: what is going on has been said."""
