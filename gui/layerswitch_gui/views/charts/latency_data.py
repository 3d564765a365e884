"""The numbers the latency bars draw, as arrays: predicted times, the spread of the samples, and the order of layers."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from layerswitch.measurement.profile import Profile
from layerswitch.measurement.statistics import intervals
from layerswitch.prediction.latency_model import LatencyModel

Order = Literal["execution", "time", "difference"]
ORDERS: dict[Order, str] = {
    "execution": "In execution order",
    "time": "Longest first",
    "difference": "Largest difference between devices first",
}


@dataclass(frozen=True)
class Readings:
    """Calibrated ms: `typical`, and `low`..`high` the 95 % interval of the samples' median; [layers, devices].

    NaN where a device cannot run a layer.
    """

    names: tuple[str, ...]
    devices: tuple[str, ...]
    typical: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, profile: Profile, latency: LatencyModel) -> "Readings":
        """The readings of a profile under the latency model made from it."""
        typical = np.where(np.isfinite(latency.layer_ms), latency.layer_ms, np.nan)
        low, high = typical.copy(), typical.copy()
        places = latency.graph.index
        for column, device in enumerate(latency.devices):
            groups: dict[int, list[tuple[int, tuple[float, ...]]]] = {}
            for layer, samples in profile.samples.get(device, {}).items():
                groups.setdefault(len(samples), []).append((places[layer], samples))
            for rows in groups.values():  # layers with equally many samples are worked out together
                table = np.array([samples for _, samples in rows]) * latency.scales.get(device, 1.0)
                at = [place for place, _ in rows]
                low[at, column], high[at, column] = intervals(table)
        names = tuple(layer.name for layer in latency.graph.layers)
        return cls(names, latency.devices, typical, low, high)

    def order(self, how: Order, choice: NDArray[np.intp]) -> NDArray[np.intp]:
        """Which layer stands at each position; `choice` is the assigned device's column of each layer."""
        count = len(self.names)
        if how == "execution" or not count:
            return np.arange(count)
        if how == "time":
            key = self.typical[np.arange(count), choice]
        else:
            key = np.nanmax(self.typical, axis=1) - np.nanmin(self.typical, axis=1)  # of all devices that can run it
        return np.argsort(-np.nan_to_num(key), kind="stable")
