"""Prediction: the predicted latency of one assignment, taken apart, and what it is after some layers moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..prediction.transfer import Transfer

if TYPE_CHECKING:
    from .latency_model import LatencyModel

FEW = 64
"""Layers that `changed` follows one by one; of more the whole prediction is made anew, which costs less then."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The predicted latency of one assignment under a model; its arrays are never written to.

    choice: the device column of each layer, [layers]. layers_ms: each layer's ms there, [layers]. readings: how many
    layers on each device read each tensor of the model, [tensors, devices]. moves_ms: what moving a tensor to a device
    costs, 0 where it is not moved, [tensors, devices]. switches: changes of device in execution order.
    """

    model: "LatencyModel"
    choice: NDArray[np.intp]
    layers_ms: NDArray[np.float64]
    readings: NDArray[np.int32]
    moves_ms: NDArray[np.float64]
    switches: int
    total_ms: float

    @classmethod
    def of(cls, model: "LatencyModel", choice: NDArray[np.intp]) -> "Prediction":
        """The prediction of an assignment given as device columns, [layers]; O(layers + readings of tensors)."""
        tensors, devices = len(model.tensors), len(model.devices)
        rows, places = model.reads
        cells = rows * devices + choice[places]
        readings = np.bincount(cells, minlength=tensors * devices).astype(np.int32).reshape(tensors, devices)
        sources = choice[model.writers]
        numbers = np.arange(tensors)
        moves = np.where(readings > 0, model.transfer_ms[numbers, sources], 0.0)
        moves[numbers, sources] = 0.0
        layers = model.layer_ms[np.arange(len(choice)), choice]
        return cls(model, choice, layers, readings, moves, _switches(choice), float(layers.sum() + moves.sum()))

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
            reads, writes = model.touching(place)
            for row in reads:
                readings[row, before] -= 1
                readings[row, column] += 1
            touched.update(reads, writes)
        for row in touched:
            source = choice.item(model.producers[row])
            priced = zip(readings[row].tolist(), model.transfer_ms[row, source].tolist(), strict=True)
            moves[row] = [ms if count and column != source else 0.0 for column, (count, ms) in enumerate(priced)]
        switches += sum(choice.item(edge - 1) != choice.item(edge) for edge in edges)
        return Prediction(model, choice, layers, readings, moves, switches, float(layers.sum() + moves.sum()))

    @cached_property
    def moved(self) -> NDArray[np.bool_]:
        """Which tensors are moved to which device, [tensors, devices]."""
        moved = self.readings > 0
        moved[np.arange(len(moved)), self.choice[self.model.writers]] = False
        return moved

    @cached_property
    def first_readers(self) -> NDArray[np.intp]:
        """The first layer to read each tensor on each device, -1 for none, [tensors, devices]; it is who waits."""
        rows, places = self.model.reads  # of each tensor in execution order: written backwards, the first one stays
        first = np.full(self.readings.shape, -1, dtype=np.intp)
        first[rows[::-1], self.choice[places[::-1]]] = places[::-1]
        return first

    @cached_property
    def waits_ms(self) -> NDArray[np.float64]:
        """What each layer waits for transfers, [layers]; they add up to `transfers_ms`."""
        moved = self.moved
        waits: NDArray[np.float64] = np.bincount(
            self.first_readers[moved], self.moves_ms[moved], minlength=len(self.choice)
        ).astype(np.float64)  # bincount of nothing counts in integers
        return waits

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """Every transfer paid, in the order of the model's tensors."""
        return self.transfers_of(range(len(self.model.tensors)))

    def transfers_of(self, rows: "range | tuple[int, ...]") -> tuple[Transfer, ...]:
        """The transfers paid of some of the model's tensors."""
        model = self.model
        found = []
        numbers = np.asarray(rows, dtype=np.intp)
        which, targets = np.nonzero(self.moved[numbers])
        for row, target in zip(numbers[which].tolist(), targets.tolist(), strict=True):
            source, tensor = int(self.choice[model.producers[row]]), model.tensors[row]
            size, ms = model.graph.tensors[tensor].bytes, float(self.moves_ms[row, target])
            found.append(Transfer(tensor, model.devices[source], model.devices[target], size, ms))
        return tuple(found)

    @property
    def transfer_count(self) -> int:
        """How many transfers are paid."""
        return int(np.count_nonzero(self.moved))

    @cached_property
    def transfers_ms(self) -> float:
        """What moving tensors costs in all."""
        return float(self.moves_ms.sum())


def _switches(choice: NDArray[np.intp]) -> int:
    return int(np.count_nonzero(choice[1:] != choice[:-1]))
