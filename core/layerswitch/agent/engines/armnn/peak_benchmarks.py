"""What a device reaches at most: micro-benchmarks with networks of one layer, timed as layers are in profiles.

gflops: a matrix product (FullyConnected). gb_per_s: a ReLU over a large tensor, read once and written once. launch_ms:
a kernel with next to nothing to do. Each is made larger until it takes long enough to be told from what surrounds it.
"""

from typing import Any, Callable, Dict, List, Mapping, Tuple

import numpy as np

from ..base import Cancelled, EngineError
from ..network_graph import Graph
from .execution import Execution, stop
from .pyarmnn_adapter import Library

LONG_MS = 20.0  # an inference of that is long enough
GROWTHS = 3  # sizes that are tried: on a GPU each may compile kernels again
REPEATS = 7
SIDE = 512  # of the matrix of weights
ROWS = (32, 8192)  # of the other matrix, at first and at most: 8.4 million to 2.1 billion multiply-accumulates
NUMBERS = (1 << 20, 1 << 23)  # of the large tensor, at first and at most: 4 MB to 32 MB
REFERENCE = "CpuRef"
Say = Callable[[str], None]


def measure(
    library: Library, backends: Dict[str, str], say: Say, cancelled: Cancelled, reference: bool = False
) -> Dict[str, Dict[str, Any]]:
    """device -> {gflops, gb_per_s, launch_ms, source}; not of the reference backend, unless it is asked for.

    A device where it fails gets a source that says so. Lets go of what a runtime without profiling held. Raises
    JobCancelled.
    """
    found: Dict[str, Dict[str, Any]] = {}
    for device, backend in backends.items():
        if backend == REFERENCE and not reference:
            continue
        say("measuring peaks of " + device)
        bench = _Bench(library, device, backend, cancelled)
        try:
            found[device] = bench.peaks()
        except EngineError as error:
            found[device] = {"source": "not measured: {}".format(error)}
    return found


class _Bench:
    """The micro-benchmarks of one device."""

    def __init__(self, library: Library, device: str, backend: str, cancelled: Cancelled) -> None:
        self._library, self._device, self._backend, self._cancelled = library, device, backend, cancelled

    def peaks(self) -> Dict[str, Any]:
        rows, product = self._grown(ROWS, self._product)
        numbers, copy = self._grown(NUMBERS, self._copy)
        gflops, gb_per_s = 2.0 * rows * SIDE * SIDE / product / 1e6, 2.0 * numbers * 4 / copy / 1e6
        clock = "kernel timers" if self._backend == "GpuAcc" else "workloads' wall clock"
        return {
            "gflops": gflops,
            "gb_per_s": gb_per_s,
            "launch_ms": self._launch(),
            "source": "micro-benchmarks by {}: product {} x {} x {} in {:.1f} ms, ReLU of {} MB in {:.1f} ms".format(
                clock, rows, SIDE, SIDE, product, numbers * 4 >> 20, copy
            ),
        }

    def _grown(self, sizes: Tuple[int, int], time: Callable[[int], float]) -> Tuple[int, float]:
        """(size, ms) of the size that takes long enough, or the largest."""
        size, most = sizes
        ms = time(size)
        for _ in range(GROWTHS - 1):
            if ms >= LONG_MS or size >= most:
                break
            # one and a half times what is needed, by powers of two: nobody's kernels are best at odd sizes
            wanted = size * 1.5 * LONG_MS / max(ms, 1e-3)
            size = min(most, size << max(1, int(np.ceil(np.log2(wanted / size)))))
            ms = time(size)
        return size, ms

    def _product(self, rows: int) -> float:
        """ms of a product of [rows, SIDE] and [SIDE, SIDE]: the fastest of several, as it is a peak."""
        weights = _drawn((SIDE, SIDE))
        attributes = {"units": SIDE, "weight_layout": "OI"}
        graph = _graph("FullyConnected", (rows, SIDE), attributes, {"weights": "w"})
        return min(self._layer(graph, {"w": weights}))

    def _copy(self, numbers: int) -> float:
        return min(self._layer(_graph("Relu", (1, 16, 256, numbers >> 12), {}, {}), {}))

    def _launch(self) -> float:
        """ms of one kernel with 16 numbers."""
        return float(np.median(self._layer(_graph("Relu", (1, 16, 1, 1), {}, {}), {}, kernel=True)))

    def _layer(self, graph: Graph, constants: Mapping[str, Any], kernel: bool = False) -> List[float]:
        """ms of the only layer in several inferences; of one of its kernels, if asked."""
        backends, assignment = {self._device: self._backend}, {"layer": self._device}
        execution = Execution(self._library, graph, constants, backends, assignment, True, _quiet, self._cancelled)
        found: List[float] = []
        try:
            given = {"x": _drawn(graph.tensors["x"].shape)}
            for number in range(REPEATS + 1):
                stop(self._cancelled)
                execution.infer(given)
                (taken,) = execution.layer_times(self._device)
                if number:  # the first compiles kernels
                    alone = [ms for _, ms in taken.kernels["layer"]]
                    found.append(float(np.mean(alone)) if kernel and alone else taken.ms["layer"])
        finally:
            execution.close()  # the runtime stays: it has compiled kernels that the next network needs too
        if min(found) <= 0:
            raise EngineError(
                "{} gives no times of a {} layer".format(self._backend, graph.layers[0].operators[0].type)
            )
        return found


def _quiet(text: str) -> None:
    """Say nothing: what is going on has been said."""


def _drawn(shape: Tuple[int, ...]) -> np.ndarray:
    """Numbers that are not all alike; large tensors repeat some."""
    return np.resize(np.random.default_rng(0).standard_normal(1 << 16, np.float32), shape)


def _graph(kind: str, shape: Tuple[int, ...], attributes: Dict[str, Any], constants: Dict[str, str]) -> Graph:
    """x --operator--> y, both of a shape."""
    tensors = {name: {"shape": list(shape), "dtype": "float32"} for name in "xy"}
    operator = {
        "name": "layer", "type": kind, "inputs": ["x"], "outputs": ["y"],
        "attributes": attributes, "constants": constants,
    }  # fmt: skip
    layer = {"name": "layer", "type": kind, "inputs": ["x"], "outputs": ["y"], "operators": [operator]}
    weights = {name: {"shape": [SIDE, SIDE], "dtype": "float32"} for name in constants.values()}
    return Graph({"layers": [layer], "tensors": tensors, "constants": weights, "inputs": ["x"], "outputs": ["y"]})
