"""The engine `armnn`: profiles and runs networks with Arm NN (pyarmnn 20.08 or later) on CpuAcc and GpuAcc.

See docs/arm-nn.md. Native code runs in the agent's own process: if it crashes, the agent ends and the client says so.
"""

from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np

from ... import hardware
from .. import peaks_cache
from ..base import Cancelled, Emit, Engine, EngineError, never, silent
from ..execution_cache import ExecutionCache
from ..network_graph import Graph
from ..progress import Steps
from . import peak_benchmarks, transfer_timing
from .compilation import SegmentError, refusals
from .execution import Execution, agree, drawn_inputs
from .profiler_polling import Reading
from .pyarmnn_adapter import BACKENDS, Library
from .refused_layers import culprits
from .translate.quantized_fallback import notes

DEVICES = {"CPU": "CpuAcc", "GPU": "GpuAcc"}
REFERENCE = {"CPU": "CpuRef"}  # where there is nothing else
ORIGINS = ("measured", "emulated", "simulated")


class ArmNNEngine(Engine):
    """Arm NN. Settings, all optional: origin ("emulated" for an emulator), title, devices (name -> backend)."""

    needs_constants = True

    def __init__(self, settings: Dict[str, Any]) -> None:
        super().__init__(settings)
        self._origin = str(settings.get("origin", "measured"))
        wanted = settings.get("devices", DEVICES)
        if self._origin not in ORIGINS or not isinstance(wanted, dict) or not set(wanted.values()) <= set(BACKENDS):
            hint = "origin is one of {}; devices are names with one of {}".format(ORIGINS, BACKENDS)
            raise EngineError("settings that make no sense", "settings", hint, "request")
        self._library = Library()
        answers = {backend: self._library.tried(backend) for backend in dict.fromkeys(wanted.values())}
        self._backends = {str(name): backend for name, backend in wanted.items() if not answers[backend]}
        self._reference = not self._backends and "devices" not in settings
        if self._reference:
            answers["CpuRef"] = self._library.tried("CpuRef")
            self._backends = dict(REFERENCE) if not answers["CpuRef"] else {}
        self._missing = {backend: reason for backend, reason in answers.items() if reason}
        if not self._backends:
            reasons = "; ".join("{}: {}".format(*one) for one in self._missing.items())
            what = "no backend of Arm NN {} works here: {}".format(self._library.release, reasons)
            raise EngineError(what, hint=self._library.untried)
        self._graph: Optional[Graph] = None
        self._constants: Mapping[str, Any] = {}
        self._refused: Dict[str, Dict[str, str]] = {}
        self._peaks: Optional[Dict[str, Dict[str, Any]]] = None  # measured once, and kept on the board
        self._executions: ExecutionCache[Execution] = ExecutionCache(self._library.drop, 0)
        self._wanted: Dict[int, Dict[str, np.ndarray]] = {}  # seed -> outputs with every layer on the first device

    def describe(self) -> Dict[str, Any]:
        """The board, its devices that really work, and why others do not."""
        gpu = hardware.gpu() if "GpuAcc" in self._backends.values() else ""
        names = {"GpuAcc": gpu or "GPU", "CpuAcc": hardware.processor(), "CpuRef": "reference, " + hardware.processor()}
        details = hardware.details()
        details["Arm NN"] = "{} (library {})".format(self._library.release, self._library.version)
        if gpu:
            details["GPU"] = gpu
        for backend, reason in self._missing.items():
            details["no " + backend] = reason[:300]
        return {
            "name": "armnn",
            "title": str(self.settings.get("title") or hardware.title()),
            "origin": self._origin,
            "engine": "Arm NN {}".format(self._library.release),
            "devices": [
                {"name": name, "processor": names[backend], "backend": backend}
                for name, backend in self._backends.items()
            ],
            "details": details,
        }

    def load(
        self,
        network: Dict[str, Any],
        constants: Mapping[str, Any],
        emit: Emit = silent,
        cancelled: Cancelled = never,
    ) -> Dict[str, Dict[str, str]]:
        """Take a network; ask Arm NN which layers each backend refuses. Raises EngineError, JobCancelled."""
        try:
            graph = Graph(network)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise EngineError("is not a network: {!r}".format(error), "network", kind="request") from error
        self._executions.drop()
        with self._library.naming():
            refused = refusals(self._library, graph, self._backends, constants, emit, cancelled)
        self._graph, self._constants, self._refused = graph, constants, refused
        self._executions, self._wanted = ExecutionCache(self._library.drop, graph.weights), {}
        return {device: reasons for device, reasons in refused.items() if reasons}

    def profile(self, runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled) -> Dict[str, Any]:
        """Layers of the whole network on each device, then whole networks without profiling, then transfers."""
        with self._library.naming():
            return self._profile(runs, warmup, seed, emit, cancelled)

    def _profile(self, runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled) -> Dict[str, Any]:
        graph = self._loaded()
        self._executions.drop()  # nothing beside what is measured
        inputs, warmup = drawn_inputs(graph, seed), max(1, warmup)  # the first inference compiles kernels
        steps = Steps(emit, (runs + warmup + 1) * (2 * len(self._backends) - sum(map(bool, self._refused.values()))))
        if self._peaks is None:  # the board's, whatever the network
            about = peaks_cache.about(
                self._backends, "Arm NN {} {}".format(self._library.release, self._library.version)
            )
            self._peaks = peaks_cache.peaks(
                about, lambda: peak_benchmarks.measure(self._library, self._backends, steps.say, cancelled)
            )
        samples: Dict[str, Dict[str, List[float]]] = {device: {} for device in self._backends}
        kernels: Dict[str, Dict[str, List[Dict[str, Any]]]] = {device: {} for device in self._backends}
        # the GPU first: what is profiled without its timers then stays loaded for the whole-network runs
        for device in sorted(self._backends, key=lambda one: self._backends[one] != "GpuAcc"):
            counted, found = steps.counted, None
            while found is None:
                try:
                    found = self._layers(device, runs, warmup, inputs, steps, cancelled)
                except SegmentError as error:
                    if steps.counted > counted:
                        raise
                    self._blame(error, steps, cancelled)  # at least one layer: it comes to an end
            samples[device], kernels[device] = found
        baselines = self._wholes(runs, warmup, inputs, steps, cancelled)
        leftover = {
            device: float(np.median(taken)) - sum(float(np.median(one)) for one in samples[device].values())
            for device, taken in baselines.items()
        }
        for transfer in transfer_timing.measure(self._library, self._backends, steps.say, cancelled):
            emit("transfer", **transfer._asdict())
        return {
            "baselines": baselines,
            "kernels": kernels,
            "leftover_ms": leftover,
            "peaks": self._peaks,
            "unsupported": {device: dict(reasons) for device, reasons in self._refused.items() if reasons},
            "notes": dict(notes(self._library, graph), inputs="drawn from seed {}".format(seed)),
        }

    def _wholes(
        self, runs: int, warmup: int, inputs: Dict[str, np.ndarray], steps: Steps, cancelled: Cancelled
    ) -> Dict[str, List[float]]:
        """Whole-network runs without profiling, by device.

        The devices take turns where memory holds both, so that a board that gets slower meanwhile does so for all:
        calibration rests on these runs, and would take the change for a difference between the devices.
        """
        layers = [layer.name for layer in self._loaded().layers]
        alone = {device: dict.fromkeys(layers, device) for device in self._backends if not self._refused[device]}
        for assignment in alone.values():
            self._execution(assignment, steps, cancelled)
        together = len(self._executions) == len(alone)
        found: Dict[str, List[float]] = {device: [] for device in alone}
        for turn in [list(alone)] if together else [[device] for device in alone]:
            executions = [self._execution(alone[device], steps, cancelled)[0] for device in turn]
            text = "running the whole network on " + ", then ".join(turn)
            rounds = [steps.inferences(execution, inputs, runs, warmup, text) for execution in executions]
            for counted in zip(*rounds):
                for device, execution in zip(turn, executions):
                    if all(counted):
                        found[device].append(execution.total)
        self._executions.drop()
        return found

    def run(
        self, assignment: Dict[str, str], runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled
    ) -> Dict[str, Any]:
        """Execute an assignment; `verified` compares it with all layers on the first device, where that can be."""
        with self._library.naming():
            return self._run(assignment, runs, warmup, seed, emit, cancelled)

    def _run(
        self, assignment: Dict[str, str], runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled
    ) -> Dict[str, Any]:
        graph = self._loaded()
        inputs = drawn_inputs(graph, seed)
        steps = Steps(emit, runs + warmup + 1)
        try:
            wanted = self._reference_outputs(assignment, seed, steps, cancelled)
            execution, new = self._execution(assignment, steps, cancelled)
        except SegmentError as error:
            name, reason = next(iter(self._blame(error, steps, cancelled).items()))
            raise EngineError(reason, name, "put it on another device", "unsupported") from error
        warmup = max(1, warmup) if new else warmup  # the first inference compiles kernels
        for counted in steps.inferences(execution, inputs, runs, warmup, "running"):
            if counted:
                segments, entering = list(execution.segments), list(execution.transfers)
                emit("sample", ms=execution.total, segments_ms=segments, transfers_ms=entering)
        verified = None if wanted is None else agree(graph, execution.outputs(), wanted)
        layers = [[graph.layers[place].name for place in part.segment.places] for part in execution.parts]
        return {"segments": layers, "verified": verified}

    def close(self) -> None:
        """Let go of the runtime."""
        self._executions.drop()

    def _loaded(self) -> Graph:
        if self._graph is None:
            raise EngineError("no network is loaded", hint="load one first", kind="request")
        return self._graph

    def _execution(self, assignment: Dict[str, str], steps: Steps, cancelled: Cancelled) -> Tuple[Execution, bool]:
        """The assignment's execution, kept loaded, and whether it was loaded just now."""

        def load() -> Execution:
            return self._new(assignment, False, steps, cancelled)

        execution, new = self._executions.get(assignment, load)
        execution.cancelled = cancelled
        return execution, new

    def _blame(self, error: SegmentError, steps: Steps, cancelled: Cancelled) -> Dict[str, str]:
        """Note the layers that made a segment fail as refused. Raises the error when none fails alone."""
        error.__cause__ = error.__context__ = error.__traceback__ = None  # their frames hold the runtime's memory
        self._executions.drop()
        found = culprits(
            self._library, self._loaded(), error.segment, error.backend, self._constants, steps.say, cancelled
        )
        if not found:
            raise error
        self._refused[error.segment.device].update(found)
        return found

    def _new(self, assignment: Dict[str, str], profiling: bool, steps: Steps, cancelled: Cancelled) -> Execution:
        return Execution(
            self._library, self._loaded(), self._constants, self._backends, assignment, profiling, steps.say, cancelled
        )

    def _layers(
        self,
        device: str,
        runs: int,
        warmup: int,
        inputs: Dict[str, np.ndarray],
        steps: Steps,
        cancelled: Cancelled,
    ) -> Any:
        """Samples and kernels by layer on a device; layers it refuses run elsewhere in between."""
        refused = self._refused[device]
        assignment = {layer.name: device for layer in self._loaded().layers}
        for name in refused:
            others = [other for other in self._backends if name not in self._refused[other]]
            if not others:
                raise EngineError("no device runs it: " + refused[name], name, kind="unsupported")
            assignment[name] = others[0]
        samples: Dict[str, List[float]] = {name: [] for name in assignment if name not in refused}
        sums: Dict[str, Dict[str, float]] = {name: {} for name in samples}
        if not samples:
            return samples, {}
        gpu = any(self._backends[one] == "GpuAcc" for one in assignment.values())
        if gpu or refused:
            if len(self._executions):
                self._executions.drop()
            execution = self._new(assignment, gpu, steps, cancelled)
        else:
            execution, _ = self._execution(assignment, steps, cancelled)
        execution.profile(True)
        reading = Reading(execution, device, runs)
        try:
            for counted in steps.inferences(execution, inputs, runs, warmup, "profiling layers on " + device):
                for times, kernels in reading.after() if counted else []:
                    for name, ms in times.items():
                        samples[name].append(ms)
                        for kernel, taken in kernels[name]:
                            sums[name][kernel] = sums[name].get(kernel, 0.0) + taken / runs
                    steps.emit("sample", device=device, layers=times)
        finally:
            execution.profile(False)
            if gpu or refused:
                execution.close()
        return samples, {
            name: [{"name": kernel, "ms": ms} for kernel, ms in parts.items()] for name, parts in sums.items() if parts
        }

    def _reference_outputs(
        self, assignment: Dict[str, str], seed: int, steps: Steps, cancelled: Cancelled
    ) -> Optional[Dict[str, np.ndarray]]:
        """The outputs with every layer on the first device; None when that is this assignment, or cannot be."""
        first = next(iter(self._backends))
        if self._refused[first] or all(device == first for device in assignment.values()):
            return None
        if seed not in self._wanted:
            execution, _ = self._execution(dict.fromkeys(assignment, first), steps, cancelled)
            steps.say("running on {} alone, to compare".format(first))
            execution.infer(drawn_inputs(self._loaded(), seed))
            self._wanted = {seed: execution.outputs()}
        return self._wanted[seed]
