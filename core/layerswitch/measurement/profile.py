"""Profile: what was measured of a network on a board, layer by layer and as a whole."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike, NDArray

from ..network.graph import LayerGraph
from ..serialization import Count, Milliseconds, Value
from .conditions import UNKNOWN, Conditions

Origin = Literal["measured", "simulated", "emulated", "imported"]
"""Where times come from; every view and export of a simulated or emulated time says so."""


LONGEST_MS = 1e12
"""Thirty years: no time is longer, and sums of many such are still numbers."""


MOST_DEVICES = 16
"""Of a board: a plan's work grows with their square, and a small file can name thousands."""

Rate = Annotated[float, Meta(gt=0.0, le=1e9)]


class Device(Value, frozen=True):
    """Where a layer can run: a backend on a processor."""

    name: str
    processor: str = ""
    backend: str = ""


class BoardDescription(Value, frozen=True):
    """What a board says of itself. `details` are label -> text, for people to read."""

    name: str
    title: str
    origin: Origin
    devices: tuple[Device, ...]
    engine: str = ""
    details: dict[str, str] = {}

    def __post_init__(self) -> None:
        if len(self.devices) > MOST_DEVICES:
            raise ValueError(
                f"board {self.name!r} has {len(self.devices)} devices; at most {MOST_DEVICES} can be planned"
            )
        if len(set(self.device_names)) < len(self.devices):
            raise ValueError(f"board {self.name!r} has two devices of one name")

    @property
    def device_names(self) -> tuple[str, ...]:
        """The devices' names, the host's processor first."""
        return tuple(device.name for device in self.devices)


class TransferCost(Value, frozen=True):
    """Moving one tensor between two devices costs fixed_ms + ms_per_byte * bytes, and never less than floor_ms."""

    source: str
    target: str
    fixed_ms: Milliseconds
    ms_per_byte: Milliseconds
    floor_ms: Milliseconds = 0.0

    def of(self, sizes: ArrayLike) -> NDArray[np.float64]:
        """Predicted ms for tensors of these sizes in bytes."""
        priced: NDArray[np.float64] = np.maximum(self.floor_ms, self.fixed_ms + self.ms_per_byte * np.asarray(sizes))
        return priced


class TransferSample(Value, frozen=True):
    """One measured transfer."""

    source: str
    target: str
    bytes: Count
    ms: Milliseconds


class Kernel(Value, frozen=True):
    """A kernel that ran for a layer on a device: its name, mean time per inference in ms, and how often it started."""

    name: str
    ms: Milliseconds
    launches: Count = 1


class Peaks(Value, frozen=True):
    """What a device reaches at most, by micro-benchmarks run on it; None where nothing was measured.

    `gflops` is 10^9 floating-point operations a second of a large matrix product (a multiply-accumulate is two),
    `gb_per_s` 10^9 bytes a second read and written in order. `launch_ms` is the part of every kernel's time that goes
    into starting it; None as well where kernels' times do not hold it. `source` says how the peaks came about.
    """

    gflops: Rate | None = None
    gb_per_s: Rate | None = None
    launch_ms: Milliseconds | None = None
    source: str = ""


class ProfileSettings(Value, frozen=True):
    """How to take a profile: counted inferences, uncounted ones before them, the seed of whatever is drawn."""

    runs: Count = 20
    warmup: Count = 3
    seed: Count = 0


class Profile(Value, frozen=True, tag_field="schema", tag="layerswitch/profile/2"):
    """Samples per layer and device, whole-network runs, and transfers, of one network on one board.

    `samples[device][layer]` are ms, one per counted inference; a layer a device cannot run is absent there and
    `unsupported[device][layer]` says why. `baselines[device]` are whole-network ms without layer profiling.
    `leftover_ms[device]` is what an inference took beside its layers (launch, copies, synchronisation).
    Raises ValueError when a sample belongs to no layer, is not a finite number, or a layer can run nowhere.

    >>> profile.devices, len(profile.samples["GPU"]["conv1"])
    (('CPU', 'GPU'), 20)
    >>> Profile.from_dict(profile.to_dict()) == profile
    True
    """

    graph: LayerGraph
    board: BoardDescription
    samples: dict[str, dict[str, tuple[Milliseconds, ...]]]
    transfer_costs: tuple[TransferCost, ...] = ()
    baselines: dict[str, tuple[Milliseconds, ...]] = {}
    transfer_samples: tuple[TransferSample, ...] = ()
    unsupported: dict[str, dict[str, str]] = {}
    kernels: dict[str, dict[str, tuple[Kernel, ...]]] = {}
    leftover_ms: dict[str, float] = {}
    peaks: dict[str, Peaks] = {}  # device -> what it reaches at most
    settings: ProfileSettings = ProfileSettings()
    created: str = ""  # ISO 8601, UTC
    conditions: Conditions = UNKNOWN
    notes: dict[str, str] = {}  # label -> text, for people: what the engine or an import says besides

    def __post_init__(self) -> None:
        for field in ("samples", "unsupported", "kernels"):
            for device, layers in getattr(self, field).items():
                self._check_device(device, field)
                for layer in layers:
                    if layer not in self.graph.index:
                        raise ValueError(f"{field} of layer {layer!r}, which network {self.graph.name!r} does not have")
        for device, layers in self.samples.items():
            for layer, samples in layers.items():
                if not samples:
                    raise ValueError(f"layer {layer!r} on {device} has an empty list of samples")
                _check_times(samples, f"layer {layer!r} on {device}")
        for device, samples in self.baselines.items():
            self._check_device(device, "baselines")
            _check_times(samples, f"the baseline of {device}")
        for device in self.peaks:
            self._check_device(device, "peaks")
        for layer in self.graph.index:
            if not any(layer in layers for layers in self.samples.values()):
                raise ValueError(f"layer {layer!r} has no samples on any device")
        self._check_transfers()

    def _check_device(self, device: str, field: str) -> None:
        if device not in self.board.device_names:
            raise ValueError(f"{field} of device {device!r}, which board {self.board.name!r} does not have")

    def _check_transfers(self) -> None:
        seen = set()
        for cost in self.transfer_costs:
            self._check_device(cost.source, "transfer_costs")
            self._check_device(cost.target, "transfer_costs")
            if cost.source == cost.target or (cost.source, cost.target) in seen:
                raise ValueError(f"transfers from {cost.source} to {cost.target} cannot have this cost as well")
            seen.add((cost.source, cost.target))
            _check_times((cost.fixed_ms, cost.ms_per_byte, cost.floor_ms), f"{cost.source} to {cost.target}")

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices' names, the host's processor first."""
        return self.board.device_names


def _check_times(times: Iterable[float], what: str) -> None:
    for ms in times:
        if not math.isfinite(ms):
            raise ValueError(f"{what} has a time that is not a finite number")
        if not 0 <= ms <= LONGEST_MS:
            raise ValueError(f"{what} has a time of {ms:g} ms, which is not between 0 and {LONGEST_MS:g}")


def now() -> str:
    """The time of day as profiles and runs record it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
