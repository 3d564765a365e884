"""What has been measured so far, kept while samples stream in, so that the end of an agent does not lose it."""

from typing import Any

from ...experiments.results import Run
from ...measurement.profile import BoardDescription, Profile, ProfileSettings, TransferSample, now
from ...measurement.transfer_fit import fit_transfers
from ...network.assignment import Assignment
from ...network.graph import LayerGraph
from .responses import BadAnswerError, Reasons, Sample, TransferEvent, read

INCOMPLETE = "incomplete"
"""The condition that marks a partial profile; a partial run has fewer samples than were asked for."""


class PartialProfile:
    """Collects a profile's samples and transfers."""

    def __init__(self, graph: LayerGraph, board: BoardDescription, settings: ProfileSettings, missing: Reasons) -> None:
        self._graph, self._board, self._settings, self._missing = graph, board, settings, missing
        self._samples: dict[str, dict[str, list[float]]] = {}
        self._transfers: list[TransferSample] = []

    def take(self, event: str, fields: dict[str, Any]) -> None:
        """One event. Raises BadAnswerError."""
        if event == "transfer":
            moved = read(fields, TransferEvent)
            if not {moved.source, moved.target} <= set(self._board.device_names):
                raise BadAnswerError("a transfer between devices it does not have")
            self._transfers.append(TransferSample(moved.source, moved.target, moved.bytes, moved.ms))
            return
        sample = read(fields, Sample)
        if sample.device not in self._board.device_names:
            raise BadAnswerError(f"a sample of device {sample.device!r}, which it does not have")
        for layer, ms in sample.layers.items():
            if layer not in self._graph.index:
                raise BadAnswerError(f"a sample of layer {layer!r}, which the network does not have")
            self._samples.setdefault(sample.device, {}).setdefault(layer, []).append(ms)

    def value(self) -> Profile | None:
        """The Profile of what there is; None when some layer has no sample yet."""
        try:
            return Profile(
                graph=self._graph,
                board=self._board,
                samples={
                    device: {layer: tuple(taken) for layer, taken in layers.items()}
                    for device, layers in self._samples.items()
                },
                transfer_costs=fit_transfers(self._transfers),
                transfer_samples=tuple(self._transfers),
                unsupported=self._missing,
                settings=self._settings,
                created=now(),
                conditions={INCOMPLETE: "the measurement did not come to its end"},
            )
        except ValueError:
            return None


class PartialRun:
    """Collects a run's whole inferences."""

    def __init__(
        self, graph: LayerGraph, board: BoardDescription, assignment: Assignment, name: str, warmup: int
    ) -> None:
        self._graph, self._board, self._assignment = graph, board, assignment
        self._name, self._warmup = name, warmup
        self._samples: list[float] = []

    def take(self, event: str, fields: dict[str, Any]) -> None:
        """One event. Raises BadAnswerError."""
        sample = read(fields, Sample)
        if event != "sample" or sample.ms is None:
            raise BadAnswerError(f"a run has no {event!r} event without `ms`")
        self._samples.append(sample.ms)

    def value(self) -> Run | None:
        """The Run of what there is; None when there is nothing."""
        if not self._samples:
            return None
        return Run(
            name=self._name,
            network=self._graph.name,
            fingerprint=self._graph.fingerprint,
            board=self._board,
            assignment=self._assignment,
            samples_ms=tuple(self._samples),
            warmup=self._warmup,
            created=now(),
        )
