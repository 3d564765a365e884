"""The simulated board: a cost model fitted to published measurements, behind the same contract as a real engine.

See docs/simulated-boards.md. Time does not really pass, except for `pace` real seconds per simulated second, so that
progress can be seen and jobs can be cancelled. Every number of it is of origin "simulated".
"""

import time
import zlib
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import numpy as np

from ..base import Cancelled, Emit, Engine, EngineError, JobCancelled, never, silent
from .board_file import BoardFile
from .loaded_network import Network

TRANSFER_BYTES = (1_000, 10_000, 100_000, 400_000, 1_000_000, 3_000_000, 8_000_000)
TRANSFER_REPEATS = 7
COLD = 0.5  # how much longer the very first inference after loading takes; halves with each one (an assumption)


class SimulatedEngine(Engine):
    """A board that exists as coefficients. `settings` are the board file's content, and optionally `pace`.

    The same board, network, seed and sequence of calls give the same numbers; a call repeated in one session gives
    others, as on a real board.
    """

    def __init__(self, settings: Dict[str, Any]) -> None:
        super().__init__(settings)
        self._board = BoardFile(settings)
        self._pace = self._board.pace
        self._noise = self._board.noise
        self._network: Optional[Network] = None
        self._calls = 0
        self._inferences = 0
        self._owed = 0.0

    def describe(self) -> Dict[str, Any]:
        """What the board file says of the board."""
        return self._board.describe()

    def load(
        self,
        network: Dict[str, Any],
        constants: Mapping[str, Any],
        emit: Emit = silent,
        cancelled: Cancelled = never,
    ) -> Dict[str, Dict[str, str]]:
        """Cost the network; no constant is read. Raises EngineError when it makes no sense."""
        try:
            self._network = Network(network, self._board.coefficients)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            name = str(network.get("name", "network"))
            raise EngineError("cannot be costed: {!r}".format(error), name, kind="request") from error
        self._inferences = 0
        return {device: reasons for device, reasons in self._network.unsupported.items() if reasons}

    def profile(self, runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled) -> Dict[str, Any]:
        """Layers one by one on each device, then whole networks, then transfers."""
        network, rng = self._loaded(), self._start(seed, "profile")
        devices = self._board.devices
        whole = [device for device in devices if network.complete(device)]
        total = (runs + warmup) * (len(devices) + len(whole))
        progress = _Progress(emit, total)
        layers_ms: Dict[str, float] = {}  # the medians of a device's layers, added up
        for device in devices:
            names = [name for name in network.layers if name not in network.unsupported[device]]
            expected = np.array([network.times[device][network.layers.index(name)] for name in names])
            taken = []
            for inference in range(warmup + runs):
                times = expected * self._factors(rng, device, expected, cancelled)
                self._inferences += 1
                progress.step("profiling layers on " + device)
                if inference >= warmup and names:
                    taken.append(times)
                    emit("sample", device=device, layers=dict(zip(names, times.tolist())))
            layers_ms[device] = sum(np.median(np.array(taken), axis=0).tolist()) if taken else 0.0
        baselines: Dict[str, List[float]] = {}
        for device in whole:
            expected = np.array(network.times[device]) * self._board.coefficients[device].whole_run_factor
            taken = []
            for inference in range(warmup + runs):
                times = expected * self._factors(rng, device, expected, cancelled)
                self._inferences += 1
                progress.step("running the whole network on " + device)
                if inference >= warmup:
                    taken.append(float(times.sum()))
            baselines[device] = taken
        self._transfers(rng, emit, cancelled)
        return {
            "baselines": baselines,
            "kernels": self._kernels(network),
            "leftover_ms": {
                device: float(np.median(taken)) - layers_ms[device] for device, taken in baselines.items() if taken
            },
            "peaks": {device: one.peaks() for device, one in self._board.coefficients.items()},
            "notes": dict(self._board.conditions, origin="simulated, seed {}".format(seed)),
        }

    def run(
        self, assignment: Dict[str, str], runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled
    ) -> Dict[str, Any]:
        """Segments and transfers of the assignment; a whole-run factor per device, as whole runs are measured."""
        network = self._loaded()
        plan = self._checked(network, assignment)
        rng = self._start(seed, "run")
        segments, entering = _segments(plan), self._entering(network, plan)
        expected = np.array([network.times[device][place] for place, device in enumerate(plan)])
        expected *= [self._board.coefficients[device].whole_run_factor for device in plan]
        progress = _Progress(emit, warmup + runs)
        for inference in range(warmup + runs):
            factors = np.ones(len(plan))
            for device in dict.fromkeys(plan):
                mine = np.array([one == device for one in plan])
                factors[mine] = self._factors(rng, device, expected[mine], cancelled)
            times = expected * factors
            moved = [sum(ms * self._transfer_factor(rng) for ms in costs) for costs in entering]
            self._inferences += 1
            self._pass(sum(moved) / 1000.0, cancelled)
            progress.step("running")
            if inference < warmup:
                continue
            parts = [float(times[first : last + 1].sum()) for _, first, last in segments]
            emit("sample", ms=sum(parts) + sum(moved), segments_ms=parts, transfers_ms=moved)
        return {}

    def _loaded(self) -> Network:
        if self._network is None:
            raise EngineError("no network is loaded", self._board.name, "load one first", "request")
        return self._network

    def _start(self, seed: int, what: str) -> np.random.Generator:
        self._calls += 1
        name = "{}/{}/{}".format(self._board.name, self._loaded().name, what)
        return np.random.default_rng([zlib.crc32(name.encode()), abs(int(seed)), self._calls])

    def _factors(self, rng: Any, device: str, expected: np.ndarray, cancelled: Cancelled) -> np.ndarray:
        """The noise factors of one inference's layers on a device; lets its time pass."""
        seconds = float(expected.sum()) / 1000.0
        noise = self._noise[device]
        cold = 1.0 + COLD * 0.5 ** min(self._inferences, 60)
        self._pass(seconds, cancelled)
        return cold * noise.step(rng, seconds) * noise.jitters(rng, len(expected))

    def _pass(self, seconds: float, cancelled: Cancelled) -> None:
        """Let simulated time pass, in real steps of at most 50 ms. Raises JobCancelled."""
        if cancelled():
            raise JobCancelled()
        self._owed += seconds * self._pace
        while self._owed > 0.002:
            step = min(self._owed, 0.05)
            time.sleep(step)
            self._owed -= step
            if cancelled():
                raise JobCancelled()

    def _transfer_factor(self, rng: Any) -> float:
        return float(np.exp(self._board.transfer_jitter * rng.standard_normal()))

    def _transfers(self, rng: Any, emit: Emit, cancelled: Cancelled) -> None:
        for source, target in self._board.pairs():
            for size in TRANSFER_BYTES:
                for _ in range(TRANSFER_REPEATS):
                    ms = self._board.transfer_ms(source, target, size) * self._transfer_factor(rng)
                    self._pass(ms / 1000.0, cancelled)
                    emit("transfer", source=source, target=target, bytes=size, ms=ms)

    def _kernels(self, network: Network) -> Dict[str, Any]:
        return {
            device: {
                name: [
                    {"name": kernel, "ms": ms, "launches": launches[kernel]}
                    if launches[kernel] > 1
                    else {"name": kernel, "ms": ms}
                    for kernel, ms in parts.items()
                ]
                for name, parts, launches in zip(network.layers, network.kernels[device], network.launches[device])
                if parts
            }
            for device in self._board.devices
        }

    def _checked(self, network: Network, assignment: Dict[str, str]) -> List[str]:
        unknown = [name for name in assignment if name not in set(network.layers)]
        if unknown:
            raise EngineError("there is no layer {!r}".format(unknown[0]), "assignment", kind="request")
        plan = []
        for name in network.layers:
            device = str(assignment.get(name))
            if device not in self._board.devices:
                what = "layer {!r} is on {}, which is no device of this board".format(name, device)
                raise EngineError(what, "assignment", "use " + ", ".join(self._board.devices), "request")
            if name in network.unsupported[device]:
                raise EngineError(network.unsupported[device][name], "layer " + name, kind="unsupported")
            plan.append(device)
        return plan

    def _entering(self, network: Network, plan: List[str]) -> List[List[float]]:
        """Expected ms of the tensors moved on entering each segment: each tensor once per other device reading it."""
        segments = _segments(plan)
        entering: List[List[float]] = [[] for _ in segments]
        for crossing in network.crossings:
            source = plan[crossing.producer]
            first: Dict[str, int] = {}
            for place in crossing.readers:
                first.setdefault(plan[place], place)
            for target, place in first.items():
                if target != source:
                    index = next(i for i, (_, low, high) in enumerate(segments) if low <= place <= high)
                    entering[index].append(self._board.transfer_ms(source, target, crossing.size))
        return entering


class _Progress:
    """Emits progress a hundred times a job, and however long the job is, five times a second."""

    def __init__(self, emit: Callable[..., None], total: int) -> None:
        self._emit, self._total, self._done, self._every = emit, total, 0, max(1, total // 100)
        self._reported = time.monotonic()

    def step(self, text: str) -> None:
        self._done += 1
        if self._done % self._every and self._done != self._total and time.monotonic() < self._reported + 0.2:
            return
        self._reported = time.monotonic()
        self._emit("progress", done=self._done, total=self._total, text=text)


def _segments(plan: List[str]) -> List[Tuple[str, int, int]]:
    found: List[Tuple[str, int, int]] = []
    for place, device in enumerate(plan):
        if found and found[-1][0] == device:
            found[-1] = (device, found[-1][1], place)
        else:
            found.append((device, place, place))
    return found
