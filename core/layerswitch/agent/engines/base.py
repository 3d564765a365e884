"""What an engine is: the one thing that can execute a network on this board, and the errors it may raise."""

from typing import Any, Callable, Dict, Literal, Mapping

Emit = Callable[..., None]
Cancelled = Callable[[], bool]
Kind = Literal["engine", "request", "unsupported", "busy", "full", "cancelled", "protocol"]
"""Of an error: the engine failed; it was asked for something impossible; a layer cannot run on that device; another
agent measures on the board; it has no room for constants; the request was cancelled; the input breaks the protocol."""


def silent(event: str, **fields: Any) -> None:
    """For whom nobody listens to."""


def never() -> bool:
    """For what nobody cancels."""
    return False


class EngineError(Exception):
    """What an engine or the agent cannot do, for people: what is wrong, where, and what to do about it.

    Engines use the kinds "engine", "request" and "unsupported"; the others are of the agent around them.
    """

    def __init__(self, what: str, where: str = "", hint: str = "", kind: Kind = "engine") -> None:
        super().__init__(what)
        self.what, self.where, self.hint = what, where, hint
        self.kind: Kind = kind


class JobCancelled(Exception):  # noqa: N818 (being asked to stop is no error)
    """Raised by an engine that saw `cancelled()` turn true; returning early does as well."""


class Engine:
    """An engine, made once per `open`; one call at a time, always from one thread.

    A subclass lives in a package of its own beside this module, as the only Engine of its module `engine`; its
    package's name is the engine's name. Results are plain JSON values (numpy numbers and arrays are turned into them);
    times are ms and finite. An error leaves the engine as it was before the call.
    """

    needs_constants = False
    """Whether `load` reads weights. If not, none are sent and `constants` is empty. `describe` may say it too."""

    def __init__(self, settings: Dict[str, Any]) -> None:
        """`settings` come from the board's entry, e.g. a simulated board's whole file. Raises EngineError."""
        self.settings = settings

    def describe(self) -> Dict[str, Any]:
        """The BoardDescription fields: name, title, origin, devices (name, processor, backend), engine, details.

        May hold `needs_constants` as well. Cheap: it is asked for right after `open`.
        """
        raise NotImplementedError

    def load(
        self,
        network: Dict[str, Any],
        constants: Mapping[str, Any],
        emit: Emit = silent,
        cancelled: Cancelled = never,
    ) -> Dict[str, Dict[str, str]]:
        """Take a network (`LayerGraph.to_dict()`) and return device -> layer -> why it cannot run there.

        Fields with their default value are left out of `network`. `constants[name]` reads one array when asked for.
        A layer nothing supports is no error here: it is reported for every device. Streams progress.
        """
        raise NotImplementedError

    def profile(self, runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled) -> Dict[str, Any]:
        """Measure every layer on every device that supports it, whole-network runs, and transfers.

        Streams what it measures of layers and transfers, and nothing of that is returned: after each counted inference
        `emit("sample", device=, layers={layer: ms})`, `runs` for every layer a device supports; and
        `emit("transfer", source=, target=, bytes=, ms=)`: at least five sizes from 1 KB to some MB in each direction,
        several times each, make a good fit, which is the client's. Streams `emit("progress", done=, total=, text=)`.

        Returns the other Profile fields: baselines {device: [ms]} (only of devices that run every layer), and what it
        has of kernels {device: {layer: [{name, ms, launches}]}}, leftover_ms, notes {label: text} for people, and peaks
        {device: {gflops, gb_per_s, launch_ms, source}}: what a micro-benchmark of the device reached, each number left
        out where unknown. `unsupported` (as `load` returns it) names layers that turned out not to run on a device.
        """
        raise NotImplementedError

    def run(
        self, assignment: Dict[str, str], runs: int, warmup: int, seed: int, emit: Emit, cancelled: Cancelled
    ) -> Dict[str, Any]:
        """Execute an assignment of exactly the network's layers, checked against what `load` reported.

        Streams progress and, after each of `runs` counted inferences, `emit("sample", ms=whole_inference)`, where known
        with segments_ms and transfers_ms: a number per segment (the first of transfers_ms is 0).

        Returns the other Run fields where known: segments (the layers of each, in the order of execution), verified.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what it holds. Called once."""
