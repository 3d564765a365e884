"""What a switch costs: the copies that hand a tensor from one device to another, each timed by itself.

A tensor that one device wrote and another reads is copied three times: out of Arm NN's memory, into the buffer of the
next segment (by numpy), and into Arm NN's memory. Arm NN's profiler times its own copies, as events of one inference
each, so that nothing large has to be taken away from anything larger: differences of whole inferences drown in what
else a machine does. A network of one ReLU has them both; the tensor that is copied out has really been written by the
device. Another output of a few numbers is copied before it, and what that waits for the GPU is no part of the transfer.
To the copies comes what one more segment costs that computes next to nothing, beside its copies and its layer: calling
Arm NN and waiting for the device; the mean of both devices'.
"""

import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple

import numpy as np

from ..base import Cancelled, EngineError
from ..network_graph import Graph
from ..segments import Segment
from . import compilation, profiler_events
from .execution import enqueue, stop
from .pyarmnn_adapter import Library

CHANNELS = 16
SIDES = (4, 40, 80, 160, 256)  # 1 KB, 100 KB, 400 KB, 1.6 MB, 4 MB
REPEATS, WARMUP = 7, 1  # turns; in the first one kernels are compiled
COPY = "CopyMemGeneric"
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
    start: Dict[str, float] = {}
    for side in SIDES:
        size = CHANNELS * side * side * 4
        say("measuring transfers of {} KB".format(size // 1000))
        copies = _copies(library, backends, side, cancelled)
        start = start or {device: one.start for device, one in copies.items()}  # that of the smallest tensor
        for source in backends:
            for target in backends:
                if source != target:
                    begun = 0.5 * (start[source] + start[target])
                    for parts in zip(copies[source].out, copies[target].between, copies[target].into):
                        yield Transfer(source, target, size, sum(parts) + begun)


class Copies(NamedTuple):
    """ms of a device's copies of one size, inference by inference; `start` is what its segment costs beside them."""

    out: List[float]
    between: List[float]
    into: List[float]
    start: float


def _copies(library: Library, backends: Dict[str, str], side: int, cancelled: Cancelled) -> Dict[str, Copies]:
    """By device; the devices take turns."""
    parts: Dict[str, _Part] = {}
    try:
        for device, backend in backends.items():
            parts[device] = _Part(library, device, backend, side)
        content = np.ones((1, CHANNELS, side, side), np.float32)
        between: Dict[str, List[float]] = {device: [] for device in backends}
        for turn in range(WARMUP + REPEATS):
            for device, part in parts.items():
                stop(cancelled)
                ms = part.fill(content)
                part.infer()
                if turn >= WARMUP:
                    between[device].append(ms)
        found = {}
        for device, part in parts.items():
            taken, walls = part.taken(), part.walls[WARMUP:]
            out, into = [one.copies[-1] for one in taken], [one.copies[0] for one in taken]
            # the first output's copy is as short as that of the smallest tensor: what it waits counts as the start
            rest = [wall - one.copies[0] - one.copies[-1] - one.layers for wall, one in zip(walls, taken)]
            found[device] = Copies(out, between[device], into, max(0.0, float(np.median(rest)) - min(out)))
        return found
    finally:
        for part in parts.values():
            part.close()


class _Taken(NamedTuple):
    """ms of one inference: Arm NN's copies in their order, of inputs and then of outputs, and its layers together."""

    copies: List[float]
    layers: float


class _Part:
    """The loaded network of one device and size, profiled."""

    def __init__(self, library: Library, device: str, backend: str, side: int) -> None:
        self._graph, self._runtime = relu(side), library.runtime()
        segment = Segment(device, (0, 1), ("in",), ("few", "wide"))  # the small one first: it waits for the device
        self._part = compilation.load(library, self._graph, segment, backend, {})
        self._runtime.GetProfiler(self._part.number).EnableProfiling(True)
        self.walls: List[float] = []  # ms of each inference

    def fill(self, content: np.ndarray) -> float:
        """Copy numbers into its only input; ms."""
        (buffer,) = self._part.inputs.values()
        began = time.perf_counter()
        np.copyto(buffer, content)
        return (time.perf_counter() - began) * 1000.0

    def infer(self) -> None:
        began = time.perf_counter()
        enqueue(self._runtime, self._graph, self._part)
        self.walls.append((time.perf_counter() - began) * 1000.0)

    def taken(self) -> List["_Taken"]:
        """Of each inference that counts. Raises EngineError when the profile does not fit the network."""
        found = []
        for ran, _ in profiler_events.workloads(self._runtime.GetProfiler(self._part.number).as_json(), REPEATS):
            copies = [event.wall_ms for event in ran if event.name.startswith(COPY)]
            layers = sum(event.wall_ms for event in ran if event.name.endswith("_Execute")) - sum(copies)
            found.append(_Taken(copies, layers))
        wanted = len(self._part.given) + len(self._part.taken)
        if any(len(one.copies) != wanted for one in found):
            what = "Arm NN's profile has {} copies, the network {}".format(len(found[0].copies), wanted)
            raise EngineError(what, hint="please report this with the version of Arm NN")
        return found

    def close(self) -> None:
        self._runtime.UnloadNetwork(self._part.number)


def relu(side: int) -> Graph:
    """[1, C, side, side] --ReLU--> [1, C, side, side] --cut--> [1, C, 1, 1]; both leave it."""
    wide, few = [1, CHANNELS, side, side], [1, CHANNELS, 1, 1]
    slicing = {"starts": [0, 0], "ends": [1, 1], "axes": [2, 3], "steps": [1, 1]}
    layers = [_layer("relu", "Relu", "in", "wide", {}), _layer("cut", "Slice", "wide", "few", slicing)]
    shapes = {"in": wide, "wide": wide, "few": few}
    tensors = {name: {"name": name, "shape": shape, "dtype": "float32"} for name, shape in shapes.items()}
    outputs = ["few", "wide"]
    return Graph({"name": "transfer", "layers": layers, "tensors": tensors, "inputs": ["in"], "outputs": outputs})


def _layer(name: str, kind: str, before: str, after: str, attributes: Dict[str, Any]) -> Dict[str, Any]:
    operator = {"name": name, "type": kind, "inputs": [before], "outputs": [after], "attributes": attributes}
    return {"name": name, "type": kind, "inputs": [before], "outputs": [after], "operators": [operator]}
