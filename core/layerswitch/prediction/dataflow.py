"""DataFlow: the tensors that pass between layers, with who writes and who reads each, as arrays."""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ..network.graph import LayerGraph

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class DataFlow:
    """Each tensor's name, the place of the layer that writes it, and the places of those that read it, ascending.

    A tensor's number here is its row in every array of [tensors, ...]. `layers` is how many there are in all.
    """

    layers: int
    tensors: tuple[str, ...]
    producers: tuple[int, ...]
    readers: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, graph: LayerGraph) -> "DataFlow":
        """What a network's layers read from one another; its inputs, and what nobody reads, never pass between."""
        readers, producer = graph.readers, graph.producer
        tensors = tuple(tensor for tensor in readers if tensor in producer)
        writers, read = (tuple(ends[tensor] for tensor in tensors) for ends in (producer, readers))
        return cls(len(graph.layers), tensors, writers, read)  # type: ignore[arg-type]

    def sizes(self, graph: LayerGraph) -> NDArray[np.float64]:
        """Bytes of each tensor, [tensors]."""
        return np.array([graph.tensors[tensor].bytes for tensor in self.tensors], dtype=float)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Tensor -> its row; what is never transferred is absent."""
        return {tensor: row for row, tensor in enumerate(self.tensors)}

    @cached_property
    def writers(self) -> Places:
        """`producers` as an array, [tensors]."""
        return np.array(self.producers, dtype=np.intp)

    @cached_property
    def reads(self) -> tuple[Places, Places]:
        """Every reading of a tensor: its row, and the place of the layer that reads it; by row, then place."""
        counts = [len(places) for places in self.readers]
        rows = np.repeat(np.arange(len(counts)), counts)
        return rows, np.fromiter(chain.from_iterable(self.readers), dtype=np.intp, count=sum(counts))

    def readings(self, choice: Places, devices: int) -> NDArray[np.int32]:
        """How many layers on each device read each tensor, [tensors, devices]; `choice` is their devices' columns."""
        rows, places = self.reads
        counts = np.bincount(rows * devices + choice[places], minlength=len(self.tensors) * devices)
        return counts.astype(np.int32).reshape(-1, devices)

    def touching(self, place: int) -> tuple[list[int], list[int]]:
        """The rows of what the layer at a place reads, and of what it writes."""
        (rows, starts), (written, begins) = self._by_layer
        return rows[starts[place] : starts[place + 1]], written[begins[place] : begins[place + 1]]

    @cached_property
    def _by_layer(self) -> tuple[tuple[list[int], list[int]], tuple[list[int], list[int]]]:
        """Rows sorted by the layer that reads them, and where each layer's begin; then by the one that writes them."""
        rows, places = self.reads
        numbers = np.arange(self.layers + 1)
        read, wrote = np.argsort(places, kind="stable"), np.argsort(self.writers, kind="stable")
        return (
            (rows[read].tolist(), np.searchsorted(places[read], numbers).tolist()),
            (wrote.tolist(), np.searchsorted(self.writers[wrote], numbers).tolist()),
        )
