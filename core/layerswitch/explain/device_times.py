"""Each layer's time on each device, with what it makes of the layer's work."""

import math
from collections.abc import Sequence

from ..measurement.profile import Kernel, Profile
from ..measurement.sample_summary import Interval
from ..measurement.statistics import summarize
from ..prediction.calibration import factors, medians
from ..serialization import Value
from .kernel_purposes import Shares, shares
from .layer_work import Work


class OnDevice(Value, frozen=True):
    """A layer on a device. `ms` is the median within its 95 % interval, calibrated if the explanation is.

    `gflops` and `gb_per_s` are what it achieves: the layer's FLOP and least bytes over `ms`; of a convolution run as
    Winograd, which multiplies less, more than the device computes. `kernels` are as measured, never calibrated.
    """

    device: str
    ms: Interval
    gflops: float | None = None
    gb_per_s: float | None = None
    kernels: tuple[Kernel, ...] = ()
    shares: Shares | None = None


def scales_of(profile: Profile, *, calibrated: bool) -> dict[str, Interval]:
    """The factor that makes each device's layer medians add up to its baseline run, within the baseline's interval.

    The same factors as LatencyModel's; 1 for a device without a baseline (or one of 0 ms, which a clock too
    coarse shows), or that cannot run every layer.
    """
    scales = {}
    for device, factor in zip(profile.devices, factors(*medians(profile)).tolist(), strict=True):
        scales[device] = Interval(1.0, 1.0, 1.0, 0)
        if calibrated and not math.isnan(factor):
            run = summarize(profile.baselines[device])
            low, high = (factor * (ms / run.median) for ms in (run.low, run.high))
            if high < math.inf:
                scales[device] = Interval(factor, low, high, run.samples)
    return scales


def times_of(layer: str, work: Work, profile: Profile, scales: dict[str, Interval]) -> tuple[OnDevice, ...]:
    """A layer's times on every device that ran it, in the board's order."""
    return tuple(
        _on(layer, device, samples, work, profile, scales[device])
        for device in profile.devices
        if (samples := profile.samples.get(device, {}).get(layer))
    )


def _on(layer: str, device: str, samples: Sequence[float], work: Work, profile: Profile, scale: Interval) -> OnDevice:
    raw = summarize(samples)
    ms = Interval(raw.median * scale.median, raw.low * scale.low, raw.high * scale.high, raw.samples)
    kernels = profile.kernels.get(device, {}).get(layer, ())
    return OnDevice(
        device,
        ms,
        gflops=rate(work.flop, ms.median),
        gb_per_s=rate(work.bytes, ms.median),
        kernels=kernels,
        shares=shares(kernels, raw.median, profile.peaks.get(device)),
    )


def rate(amount: int | None, ms: float) -> float | None:
    """10^9 a second of an amount done in ms; None when either says nothing, or in no time that could be measured."""
    found = amount / ms / 1e6 if amount and ms > 0 else math.inf
    return found if math.isfinite(found) else None
