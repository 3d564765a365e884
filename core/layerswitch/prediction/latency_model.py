"""LatencyModel: a Profile turned into the predicted latency of any assignment, its Prediction.

Predicted latency of an assignment x (sequential execution in the graph's order):

    sum over layers of t[l, x(l)]
    + for each tensor, once for each device other than its producer's on which it is read: cost(from, to, bytes)

The network's inputs and outputs are not charged: they cost the same wherever the layers run, up to what calibration
absorbs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ProfileError
from ..measurement.profile import Profile
from ..network.graph import LayerGraph
from .calibration import Floats, factors, medians
from .dataflow import DataFlow, Places
from .transfer import Transfer

FEW = 64
"""Layers that `changed` follows one by one; of more the whole prediction is worked out again, which costs less then."""


@dataclass(frozen=True)
class LatencyModel:
    """Costs of one network on one board, as arrays.

    layer_ms: [layers, devices], inf where a device cannot run the layer; calibration already applied. dataflow: the
    tensors that can be transferred. transfer_ms: [tensors, devices from, devices to], 0 on the diagonal.
    scales: device -> the factor that calibration put on its layer times (1.0 without).
    """

    graph: LayerGraph
    devices: tuple[str, ...]
    layer_ms: Floats
    dataflow: DataFlow
    transfer_ms: Floats
    scales: Mapping[str, float]

    @classmethod
    def from_profile(cls, profile: Profile, *, calibrated: bool = True, transfer_factor: float = 1.0) -> "LatencyModel":
        """The model of a profile: median layer times, each device's scaled so that they add up to its baseline run.

        A device without a baseline (or one of 0 ms: a clock too coarse), or that cannot run every layer, keeps its own
        times. `calibrated` False keeps all as measured. `transfer_factor` scales every transfer cost: for what-if
        questions only. Raises ProfileError on a factor that is not a number >= 0. O(samples + tensors).

        >>> latency = LatencyModel.from_profile(profile)
        >>> latency.layer_ms.shape, latency.transfer_ms.shape
        ((39, 2), (38, 2, 2))
        >>> whole = float(np.median(profile.baselines["CPU"]))  # what the CPU's layers add up to
        >>> abs(float(latency.layer_ms[:, 0].sum()) - whole) < 1e-9
        True
        """
        if not (np.isfinite(transfer_factor) and transfer_factor >= 0):
            raise ProfileError(f"a transfer factor of {transfer_factor} makes no sense", hint="use a number >= 0")
        layer_ms, whole_ms = medians(profile)
        scales = np.ones(len(whole_ms))
        if calibrated:
            scales = np.nan_to_num(factors(layer_ms, whole_ms), nan=1.0)
        dataflow, devices = DataFlow.of(profile.graph), profile.devices
        transfer_ms, sizes = np.zeros((len(dataflow.tensors), *[len(devices)] * 2)), dataflow.sizes(profile.graph)
        for cost in profile.transfer_costs:  # a direction without one is free
            transfer_ms[:, devices.index(cost.source), devices.index(cost.target)] = cost.of(sizes)
        return cls(
            graph=profile.graph,
            devices=devices,
            layer_ms=layer_ms * scales,
            dataflow=dataflow,
            transfer_ms=transfer_factor * transfer_ms,
            scales=dict(zip(devices, scales.tolist(), strict=True)),
        )

    def choice(self, assignment: Mapping[str, str]) -> Places:
        """The assignment as device columns, [layers]."""
        column = {device: place for place, device in enumerate(self.devices)}
        return np.array([column[assignment[layer.name]] for layer in self.graph.layers], dtype=np.intp)

    def cost(self, choice: Places) -> float:
        """Predicted ms of an assignment given as device columns; inf if a layer cannot run where it is put."""
        return Prediction.of(self, choice).total_ms

    def predict(self, assignment: Mapping[str, str]) -> "Prediction":
        """The predicted latency of an assignment of exactly this graph's layers."""
        return Prediction.of(self, self.choice(assignment))


def parts_of(
    dataflow: DataFlow, choice: Places, readings: NDArray[np.int32], layers: NDArray[Any], transfers: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """An assignment's cost by layer, [..., layers], and by tensor and the device it moves to, [..., tensors, devices].

    Of `layers` [..., layers, devices] and `transfers` [..., tensors, from, to], in any unit, for any leading axes, and
    of the assignment as device columns with its `DataFlow.readings`.
    """
    sources, numbers = choice[dataflow.writers], np.arange(len(dataflow.tensors))
    moves = np.where(readings > 0, transfers[..., numbers, sources, :], 0)
    moves[..., numbers, sources] = 0
    return layers[..., np.arange(len(choice)), choice], moves


@dataclass(frozen=True, eq=False)
class Prediction:
    """The predicted latency of one assignment under a model; its arrays are never written to.

    choice: the device column of each layer, [layers]. layers_ms: each layer's ms there, [layers]. readings: how many
    layers on each device read each tensor of the model, [tensors, devices]. moves_ms: what moving a tensor to a device
    costs, 0 where it is not moved, [tensors, devices]. switches: changes of device in execution order.
    """

    model: LatencyModel
    choice: Places
    layers_ms: Floats
    readings: NDArray[np.int32]
    moves_ms: Floats
    switches: int
    total_ms: float

    @classmethod
    def of(cls, model: "LatencyModel", choice: Places) -> "Prediction":
        """The prediction of an assignment given as device columns, [layers]; O(layers + readings of tensors)."""
        readings = model.dataflow.readings(choice, len(model.devices))
        layers, moves = parts_of(model.dataflow, choice, readings, model.layer_ms, model.transfer_ms)
        switches = int(np.count_nonzero(choice[1:] != choice[:-1]))
        return cls(model, choice, layers, readings, moves, switches, float(layers.sum() + moves.sum()))

    def changed(self, changes: Mapping[str, str]) -> "Prediction":
        """The prediction with some layers on other devices: equal to the whole one, to the last bit.

        For one layer O(tensors it reads and writes), and copies and sums of the arrays. Raises KeyError on an unknown
        layer or device.
        """
        model, index = self.model, self.model.graph.index
        columns = {device: place for place, device in enumerate(model.devices)}
        moved = [(index[layer], columns[device]) for layer, device in changes.items()]
        choice = self.choice.copy()
        if len(moved) > FEW:
            choice[[place for place, _ in moved]] = [column for _, column in moved]
            return Prediction.of(model, choice)
        layers, readings, moves = self.layers_ms.copy(), self.readings.copy(), self.moves_ms.copy()
        edges = sorted({edge for place, _ in moved for edge in (place, place + 1) if 0 < edge < len(choice)})
        switches = self.switches - sum(choice.item(edge - 1) != choice.item(edge) for edge in edges)
        touched: set[int] = set()
        for place, column in moved:
            before = choice.item(place)
            choice[place] = column
            layers[place] = model.layer_ms[place, column]
            reads, writes = model.dataflow.touching(place)
            for row in reads:
                readings[row, before] -= 1
                readings[row, column] += 1
            touched.update(reads, writes)
        for row in touched:
            source = choice.item(model.dataflow.producers[row])
            priced = zip(readings[row].tolist(), model.transfer_ms[row, source].tolist(), strict=True)
            moves[row] = [ms if count and column != source else 0.0 for column, (count, ms) in enumerate(priced)]
        switches += sum(choice.item(edge - 1) != choice.item(edge) for edge in edges)
        return Prediction(model, choice, layers, readings, moves, switches, float(layers.sum() + moves.sum()))

    @cached_property
    def moved(self) -> NDArray[np.bool_]:
        """Which tensors are moved to which device, [tensors, devices]."""
        moved = self.readings > 0
        moved[np.arange(len(moved)), self.choice[self.model.dataflow.writers]] = False
        return moved

    @cached_property
    def first_readers(self) -> Places:
        """The first layer to read each tensor on each device, -1 for none, [tensors, devices]; it is who waits."""
        rows, places = self.model.dataflow.reads  # in execution order: written backwards, the first one stays
        first = np.full(self.readings.shape, -1, dtype=np.intp)
        first[rows[::-1], self.choice[places[::-1]]] = places[::-1]
        return first

    @cached_property
    def waits_ms(self) -> Floats:
        """What each layer waits for transfers, [layers]; they add up to `transfers_ms`."""
        moved = self.moved
        waits: Floats = np.bincount(self.first_readers[moved], self.moves_ms[moved], minlength=len(self.choice)).astype(
            np.float64
        )  # bincount of nothing counts in integers
        return waits

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """Every transfer paid, in the order of the model's tensors."""
        return self.transfers_of(range(len(self.model.dataflow.tensors)))

    def transfers_of(self, rows: "range | tuple[int, ...]") -> tuple[Transfer, ...]:
        """The transfers paid of some of the model's tensors."""
        model = self.model
        transfers = []
        numbers = np.asarray(rows, dtype=np.intp)
        which, targets = np.nonzero(self.moved[numbers])
        for row, target in zip(numbers[which].tolist(), targets.tolist(), strict=True):
            source, tensor = int(self.choice[model.dataflow.producers[row]]), model.dataflow.tensors[row]
            size, ms = model.graph.tensors[tensor].bytes, float(self.moves_ms[row, target])
            transfers.append(Transfer(tensor, model.devices[source], model.devices[target], size, ms))
        return tuple(transfers)

    @property
    def transfer_count(self) -> int:
        """How many transfers are paid."""
        return int(np.count_nonzero(self.moved))

    @cached_property
    def transfers_ms(self) -> float:
        """What moving tensors costs in all."""
        return float(self.moves_ms.sum())
