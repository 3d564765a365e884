"""Calibration: sums of layer times are not the whole network's time, so each device's are scaled until they are."""

import numpy as np
from numpy.typing import NDArray

from ..measurement.profile import Profile

Floats = NDArray[np.float64]


def medians(profile: Profile) -> tuple[Floats, Floats]:
    """Median ms of every layer, [layers, devices], inf where a device has none; and of the whole network, [devices].

    The whole network's is nan on a device that it was not measured on.
    """
    index, devices = profile.graph.index, profile.devices
    layers_ms, whole_ms = np.full((len(index), len(devices)), np.inf), np.full(len(devices), np.nan)
    for column, device in enumerate(devices):
        for layer, samples in profile.samples.get(device, {}).items():
            layers_ms[index[layer], column] = np.median(samples)
        if whole := profile.baselines.get(device):
            whole_ms[column] = np.median(whole)
    return layers_ms, whole_ms


def factors(layers_ms: Floats, whole_ms: Floats) -> Floats:
    """What scales each device's layer times to add up to its whole-network time, [..., devices]; nan where nothing can.

    Of layers_ms [..., layers, devices] and whole_ms [..., devices]. Nothing can where a device has no time of the whole
    network or of some layer, or one that a clock too coarse shows as 0 ms.
    """
    sums = layers_ms.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scales = whole_ms / sums
    return np.where(np.isfinite(sums) & (scales > 0) & (scales < np.inf), scales, np.nan)
