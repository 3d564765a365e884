"""Rooflines: what each layer reaches on a device, under what the device could give at the layer's intensity.

Williams, Waterman, Patterson: "Roofline: an insightful visual performance model for multicore architectures", 2009.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ..measurement.profile import Peaks, Profile
from ..serialization import Value
from .device_times import OnDevice
from .layer_work import Work


class Point(Value, frozen=True):
    """A layer under a roof: FLOP per byte, GFLOP/s, and its ms."""

    layer: str
    intensity: float
    gflops: float
    ms: float


class Roofline(Value, frozen=True):
    """A device's roofs and the layers under them. Layers without multiply-accumulates have no place here.

    Where `measured` is false the roofs are only the most that any layer of this profile achieved (None: none did): the
    true ones lie at or over them. `source` says where they come from, `launch_ms` what starting a kernel takes, if that
    was measured.
    """

    device: str
    gflops: float | None
    gb_per_s: float | None
    measured: bool
    source: str
    points: tuple[Point, ...]
    launch_ms: float | None = None

    @property
    def ridge(self) -> float | None:
        """The intensity in FLOP per byte from which the arithmetic limits and not the memory."""
        return self.gflops / self.gb_per_s if self.gflops and self.gb_per_s else None

    def roof(self, intensity: float) -> float | None:
        """The GFLOP/s that the device gives at most at an intensity in FLOP per byte."""
        return min(self.gflops, intensity * self.gb_per_s) if self.gflops and self.gb_per_s else None


Measured = Mapping[str, tuple[Work, Sequence[OnDevice]]]
"""layer -> its work, and its times on every device."""


def roofline(device: str, layers: Measured, profile: Profile) -> Roofline:
    """The roofline of a device: its measured peaks if both are known, else the most that these layers achieved."""
    points, widths = [], []
    for name, (work, times) in layers.items():
        for one in times:
            if one.device != device:
                continue
            widths.append(one.gb_per_s or 0.0)
            if work.intensity and one.gflops:
                points.append(Point(name, work.intensity, one.gflops, one.ms.median))
    peaks = profile.peaks.get(device, Peaks())
    if peaks.gflops and peaks.gb_per_s:
        source = peaks.source or "micro-benchmarks"
        return Roofline(device, peaks.gflops, peaks.gb_per_s, True, source, tuple(points), peaks.launch_ms)
    most = max((point.gflops for point in points), default=None)
    source = "no peaks were measured: the most that any layer of this profile achieved"
    return Roofline(device, most, max(widths, default=0.0) or None, False, source, tuple(points), peaks.launch_ms)


def assigned(rooflines: Sequence[Roofline], assignment: Mapping[str, str]) -> tuple[Roofline, ...]:
    """The same roofs with only the layers that an assignment puts there: the picture after assignment."""
    return tuple(
        replace(one, points=tuple(point for point in one.points if assignment.get(point.layer) == one.device))
        for one in rooflines
    )
