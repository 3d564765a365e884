"""LatencyModel: a Profile turned into the predicted latency of any assignment.

Predicted latency of an assignment x (sequential execution in the graph's order):

    sum over layers of t[l, x(l)]
    + for each tensor, once for each device other than its producer's on which it is read: cost(from, to, bytes)

The network's inputs and outputs are not charged: they cost the same wherever the layers run, up to what calibration
absorbs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ..errors import ProfileError
from ..measurement.profile import Profile
from ..network.graph import LayerGraph
from .prediction import Prediction

__all__ = ["LatencyModel", "Prediction"]


@dataclass(frozen=True)
class LatencyModel:
    """Costs of one network on one board, as arrays.

    layer_ms: [layers, devices], inf where a device cannot run the layer; calibration already applied.
    tensors, producers, readers: the tensors that can be transferred, the place of the layer writing each, and the
    places of those reading it. transfer_ms: [tensors, devices from, devices to], 0 on the diagonal.
    scales: device -> the factor that calibration put on its layer times (1.0 without).
    """

    graph: LayerGraph
    devices: tuple[str, ...]
    layer_ms: NDArray[np.float64]
    tensors: tuple[str, ...]
    producers: tuple[int, ...]
    readers: tuple[tuple[int, ...], ...]
    transfer_ms: NDArray[np.float64]
    scales: Mapping[str, float]

    @classmethod
    def from_profile(cls, profile: Profile, *, calibrated: bool = True, transfer_factor: float = 1.0) -> "LatencyModel":
        """The model of a profile: median layer times, each device's scaled so that they add up to its baseline run.

        A device without a baseline (or one of 0 ms: a clock too coarse), or that cannot run every layer, keeps its own
        times. `transfer_factor` scales every transfer cost: for what-if questions only. Raises ProfileError on a factor
        that is not a number >= 0.
        """
        if not (np.isfinite(transfer_factor) and transfer_factor >= 0):
            raise ProfileError(f"a transfer factor of {transfer_factor} makes no sense", hint="use a number >= 0")
        graph, devices = profile.graph, profile.devices
        layer_ms = np.full((len(graph.layers), len(devices)), np.inf)
        for column, device in enumerate(devices):
            for layer, samples in profile.samples.get(device, {}).items():
                layer_ms[graph.index[layer], column] = np.median(samples)
        scales = dict.fromkeys(devices, 1.0)
        for column, device in enumerate(devices):
            total, whole = layer_ms[:, column].sum(), profile.baselines.get(device)
            scale = float(np.median(whole)) / float(total) if calibrated and whole and total > 0 else 0.0
            if np.isfinite(total) and 0 < scale < np.inf:
                scales[device] = scale
                layer_ms[:, column] *= scale
        moved = [(tensor, graph.producer[tensor]) for tensor in graph.readers if tensor in graph.producer]
        transfer_ms = np.zeros((len(moved), len(devices), len(devices)))
        sizes = np.array([graph.tensors[tensor].bytes for tensor, _ in moved], dtype=float)
        for row, source in enumerate(devices):
            for column, target in enumerate(devices):
                if row != column:
                    cost = profile.transfer_cost(source, target)
                    priced = np.maximum(cost.floor_ms, cost.fixed_ms + cost.ms_per_byte * sizes)
                    transfer_ms[:, row, column] = transfer_factor * priced
        return cls(
            graph=graph,
            devices=devices,
            layer_ms=layer_ms,
            tensors=tuple(tensor for tensor, _ in moved),
            producers=tuple(producer for _, producer in moved),
            readers=tuple(graph.readers[tensor] for tensor, _ in moved),
            transfer_ms=transfer_ms,
            scales=scales,
        )

    @cached_property
    def reads(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Every reading of a tensor: its row in `tensors`, and the place of the layer that reads it."""
        counts = [len(places) for places in self.readers]
        rows = np.repeat(np.arange(len(counts)), counts)
        return rows, np.fromiter(chain.from_iterable(self.readers), dtype=np.intp, count=sum(counts))

    @cached_property
    def rows(self) -> dict[str, int]:
        """Tensor -> its row in `tensors`; what is never transferred is absent."""
        return {tensor: row for row, tensor in enumerate(self.tensors)}

    def touching(self, place: int) -> tuple[list[int], list[int]]:
        """The rows in `tensors` of what the layer at a place reads, and of what it writes."""
        (rows, starts), (written, begins) = self._by_layer
        return rows[starts[place] : starts[place + 1]], written[begins[place] : begins[place + 1]]

    @cached_property
    def _by_layer(self) -> tuple[tuple[list[int], list[int]], tuple[list[int], list[int]]]:
        """Rows sorted by the layer that reads them, and where each layer's begin; then by the one that writes them."""
        rows, places = self.reads
        numbers = np.arange(len(self.layer_ms) + 1)
        read, wrote = np.argsort(places, kind="stable"), np.argsort(self.writers, kind="stable")
        return (
            (rows[read].tolist(), np.searchsorted(places[read], numbers).tolist()),
            (wrote.tolist(), np.searchsorted(self.writers[wrote], numbers).tolist()),
        )

    @cached_property
    def writers(self) -> NDArray[np.intp]:
        """`producers` as an array, [tensors]."""
        return np.array(self.producers, dtype=np.intp)

    def choice(self, assignment: Mapping[str, str]) -> NDArray[np.intp]:
        """The assignment as device columns, [layers]."""
        column = {device: place for place, device in enumerate(self.devices)}
        return np.array([column[assignment[layer.name]] for layer in self.graph.layers], dtype=np.intp)

    def moved(self, choice: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which tensors an assignment moves to which device, [tensors, devices]."""
        rows, places = self.reads
        needed = np.zeros((len(self.tensors), len(self.devices)), dtype=bool)
        needed[rows, choice[places]] = True
        needed[np.arange(len(needed)), choice[self.writers]] = False
        return needed

    def cost(self, choice: NDArray[np.intp]) -> float:
        """Predicted ms of an assignment given as device columns; inf if a layer cannot run where it is put."""
        return Prediction.of(self, choice).total_ms

    def predict(self, assignment: Mapping[str, str]) -> Prediction:
        """The predicted latency of an assignment of exactly this graph's layers."""
        return Prediction.of(self, self.choice(assignment))
