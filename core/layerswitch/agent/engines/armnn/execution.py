"""Executing a network as segments in order: copies between them, wall clocks, profiles, and the check of results."""

import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from ..base import Cancelled, JobCancelled
from ..network_graph import Graph
from ..segments import cut
from . import compilation, profiler_events
from .pyarmnn_adapter import Library, stored_type

CLOSE = 1e-3  # of the largest number of an output: results that differ by more are not the same
STEPS = 2.0  # of quantization, by which quantized results may differ
Say = Callable[[str], None]


class LayerTimes(NamedTuple):
    """Of one inference: ms by layer, and kernels (name, ms) by layer."""

    ms: Dict[str, float]
    kernels: Dict[str, List[Tuple[str, float]]]


class Execution:
    """An assignment, loaded. `totals`, `segments` and `transfers` are ms of the last inference."""

    def __init__(
        self,
        library: Library,
        graph: Graph,
        constants: Mapping[str, Any],
        backends: Dict[str, str],
        assignment: Dict[str, str],
        profiling: bool,
        say: Say,
        cancelled: Cancelled,
    ) -> None:
        """Build and load every segment, beside what the library's runtime holds. Raises EngineError, JobCancelled.

        With `profiling` it profiles, in a runtime that times the GPU's kernels: what another one held is gone.
        """
        self._graph, self.cancelled, self.profiling = graph, cancelled, False
        self._runtime = library.runtime(profiling)
        self.parts: List[compilation.Compiled] = []
        self._buffers: compilation.Buffers = {}
        segments = cut(graph, assignment)
        for number, segment in enumerate(segments):
            stop(cancelled)
            backend = backends[segment.device]
            doing = "compiling kernels" if backend == "GpuAcc" else "building"
            say("{} for segment {} of {} ({})".format(doing, number + 1, len(segments), segment.device))
            try:
                self.parts.append(compilation.load(library, graph, segment, backend, constants, self._buffers))
            except BaseException:
                self.close()
                raise
        if profiling:
            self.profile(True)
        self.values: Dict[str, np.ndarray] = {}
        self.segments: List[float] = []
        self.transfers: List[float] = []
        self.total = 0.0

    def profile(self, on: bool) -> None:
        """Have Arm NN write down what workloads take, or no longer; kernels only if the runtime times them."""
        for part in self.parts:
            self._runtime.GetProfiler(part.number).EnableProfiling(on)
        self.profiling = on

    @property
    def uses_gpu(self) -> bool:
        """Whether a segment is on the GPU, where the first inference compiles kernels."""
        return any(part.backend == "GpuAcc" for part in self.parts)

    def infer(self, inputs: Dict[str, np.ndarray]) -> None:
        """One inference. Raises EngineError, JobCancelled."""
        values = dict(inputs)
        segments: List[float] = []
        transfers: List[float] = []
        began = time.perf_counter()
        for part in self.parts:
            stop(self.cancelled)
            start = time.perf_counter()
            for name, buffer in part.inputs.items():
                np.copyto(buffer, values[name])
            middle = time.perf_counter()
            enqueue(self._runtime, self._graph, part)
            values.update(part.outputs)
            transfers.append((middle - start) * 1000.0 if segments else 0.0)
            segments.append((time.perf_counter() - (middle if segments else start)) * 1000.0)
        self.total = (time.perf_counter() - began) * 1000.0
        self.values, self.segments, self.transfers = values, segments, transfers

    def outputs(self) -> Dict[str, np.ndarray]:
        """The network's outputs of the last inference, copied."""
        return {name: np.array(self.values[name]) for name in self._graph.outputs}

    def layer_times(self, device: str, last: int = 1) -> List[LayerTimes]:
        """Of each of the last inferences, oldest first: what the device's segments took by layer. Raises EngineError.

        Arm NN writes down every inference each time it is asked, so that reading several at once costs one reading.
        """
        found = [LayerTimes({}, {}) for _ in range(last)]
        for part in self.parts:
            if part.segment.device != device:
                continue
            text = self._runtime.GetProfiler(part.number).as_json()
            for one, measured in zip(found, profiler_events.times(text, part.order, part.backend == "GpuAcc", last)):
                for place in part.segment.places:
                    name = self._graph.layers[place].name
                    one.ms[name] = measured.layers.get(place, 0.0)  # Arm NN may have done away with it
                    one.kernels[name] = measured.kernels.get(place, [])
        return found

    def close(self) -> None:
        """Let go of what it loaded; of the runtime only the library lets go."""
        for part in self.parts:
            self._runtime.UnloadNetwork(part.number)
        self.parts, self._runtime = [], None


def enqueue(runtime: Any, graph: Graph, part: compilation.Compiled) -> None:
    """Run a loaded segment on what is in its buffers. Raises SegmentError."""
    try:
        runtime.EnqueueWorkload(part.number, part.given, part.taken)
    except (RuntimeError, MemoryError) as error:
        where = graph.layers[part.segment.places[0]].name
        hint = "if the GPU is out of memory, give it fewer layers" if part.backend == "GpuAcc" else ""
        what = "{} failed: {}".format(part.backend, compilation.short(error))
        raise compilation.SegmentError(part.segment, part.backend, what, where, hint) from error


def stop(cancelled: Cancelled) -> None:
    """Raises JobCancelled when asked to stop."""
    if cancelled():
        raise JobCancelled()


def drawn_inputs(graph: Graph, seed: int) -> Dict[str, np.ndarray]:
    """The network's inputs, drawn from the seed: normal numbers, or all values that 8 bits have."""
    generator, found = np.random.default_rng(seed), {}
    for name in graph.inputs:
        tensor = graph.tensors[name]
        shape, dtype = tensor.shape or (1,), stored_type(tensor.dtype)
        if dtype.kind == "f":
            found[name] = generator.standard_normal(shape, np.float32).astype(dtype)
        elif dtype.itemsize == 1 and tensor.dtype != "bool":
            found[name] = generator.integers(
                0 if dtype.kind == "u" else -128, 256 if dtype.kind == "u" else 128, shape
            ).astype(dtype)
        else:
            found[name] = np.zeros(shape, dtype)
    return found


def agree(graph: Graph, found: Dict[str, np.ndarray], wanted: Dict[str, np.ndarray]) -> bool:
    """Whether all outputs are the same within 1e-3 of their largest number, or two steps of quantization."""
    return all(difference(graph, name, found[name], wanted[name]) <= CLOSE for name in graph.outputs)


def difference(graph: Graph, name: str, found: np.ndarray, wanted: np.ndarray) -> float:
    """How far an output is off, relative to its largest number; what two steps of quantization explain is 0."""
    one, other = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return float("inf") if not np.array_equal(one, other, equal_nan=True) else 0.0
    worst = float(np.abs(one - other).max()) if one.size else 0.0
    if graph.tensors[name].scales and graph.tensors[name].dtype in ("int8", "uint8", "int16") and worst <= STEPS:
        return 0.0
    return worst / max(float(np.abs(other).max()) if other.size else 0.0, 1e-30)


def median(values: List[float]) -> Optional[float]:
    """The middle of some numbers; None of none."""
    return float(np.median(values)) if values else None
