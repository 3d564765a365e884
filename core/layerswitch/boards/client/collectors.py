"""The one place where samples become a Profile or a Run: fed by an agent's events, over as many parts as it takes.

A measurement that loses its agent is resumed with what is missing: a part is what one agent measured of it. What has
come so far is a value at any time.
"""

import abc
import contextlib
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from ...errors import LostError
from ...experiments.results import Run
from ...measurement.conditions import Conditions, Reason, Resumption
from ...measurement.profile import BoardDescription, Profile, ProfileSettings, TransferSample, now
from ...measurement.transfer_fit import fit_transfers
from ...network.assignment import Assignment
from ...network.graph import LayerGraph
from .responses import BadAnswerError, LayerSample, Profiled, Ran, Reasons, RunSample, check_reasons, read

INCOMPLETE = "incomplete"
"""The note that marks a profile that did not come to its end; such a run has fewer samples than were asked for."""
LEAST = 5  # inferences that a further part of a profile takes at least: whole-network runs need some
T = TypeVar("T")


class Collector(abc.ABC, Generic[T]):
    """What parts have in common. `count` is how many samples have come, of all parts."""

    def __init__(self) -> None:
        self.count = 0
        self._begun = 0  # samples before the part at work
        self._earlier = 0  # parts that brought samples, before the one at work
        self._reason: Reason = "the link was lost"

    def begin(self) -> None:
        """A part begins."""
        self._earlier, self._begun = self._earlier + (self.count > self._begun), self.count

    @abc.abstractmethod
    def value(self) -> T | None:
        """What there is so far; None when it is not enough."""

    def lose(self, lost: LostError) -> None:
        """The part at work has lost its agent."""
        self._reason = "the link was lost" if lost.link else "the agent ended"

    def _resumed(self, conditions: Conditions) -> Conditions:
        """The last part's conditions as those of all parts."""
        parts = self._earlier + (self.count > self._begun)
        return replace(conditions, resumed=Resumption(parts, self._reason)) if parts > 1 else conditions


class ProfileCollector(Collector[Profile]):
    """Collects a profile: samples of layers, transfers, and in the end what else the engine measured.

    Each layer has as many samples as were asked for, of all parts; whole-network runs are those of the last part.
    """

    def __init__(self, graph: LayerGraph, board: BoardDescription, settings: ProfileSettings) -> None:
        super().__init__()
        self._graph, self._board, self._settings = graph, board, settings
        self._samples: dict[str, dict[str, list[float]]] = {device: {} for device in board.device_names}
        self._before: dict[str, dict[str, int]] = {}  # samples of earlier parts
        self._transfers: list[TransferSample] = []
        self._unsupported: Reasons = {}
        self._rest: Profiled | None = None
        self._whole: Profile | None = None

    def missing(self) -> int:
        """How many inferences the next part needs, so that every layer has as many samples as were asked for."""
        wanted = self._settings.runs
        if not any(self._samples.values()):
            return wanted
        counts = [
            len(self._samples[device].get(layer, ()))
            for device in self._board.device_names
            for layer in self._graph.index
            if layer not in self._unsupported.get(device, {})
        ]
        return max(min(LEAST, wanted), wanted - min(counts, default=wanted))

    def begin_with(self, unsupported: Reasons) -> None:
        """A part begins, of an agent that reported these layers as unsupported."""
        self.begin()
        self._unsupported = unsupported
        self._before = {device: {n: len(s) for n, s in layers.items()} for device, layers in self._samples.items()}

    def take(self, event: str, fields: dict[str, Any]) -> None:
        """One event. Raises BadAnswerError."""
        if event == "transfer":
            moved = read(fields, TransferSample)
            if not {moved.source, moved.target} <= set(self._board.device_names):
                raise BadAnswerError("a transfer between devices it does not have")
            self._transfers.append(moved)
            return
        sample = read(fields, LayerSample)
        if sample.device not in self._samples:
            raise BadAnswerError(f"a sample of device {sample.device!r}, which it does not have")
        for layer, ms in sample.layers.items():
            if layer not in self._graph.index:
                raise BadAnswerError(f"a sample of layer {layer!r}, which the network does not have")
            self._samples[sample.device].setdefault(layer, []).append(ms)
            self.count += 1

    def finish(self, rest: Profiled, runs: int) -> Reasons:
        """The last part of `runs` inferences has ended; the layers that no device or not every one runs.

        Raises BadAnswerError when samples and reasons do not fit.
        """
        later = check_reasons(rest.unsupported, self._graph, self._board)
        reasons = {
            device: {**later.get(device, {}), **self._unsupported.get(device, {})}
            for device in self._board.device_names
            if device in later or device in self._unsupported
        }
        for device, samples in self._samples.items():
            before = self._before.get(device, {})
            for layer in self._graph.index:
                count = len(samples.get(layer, ())) - before.get(layer, 0)
                if layer in reasons.get(device, {}):
                    if count:
                        raise BadAnswerError(f"layer {layer!r} was measured though it cannot run on {device}")
                    samples.pop(layer, None)
                elif count != runs:
                    raise BadAnswerError(f"layer {layer!r} has {count} samples on {device}, not {runs}")
        devices = {*rest.baselines, *rest.kernels, *rest.leftover_ms, *rest.peaks}
        for device in devices - set(self._samples):
            raise BadAnswerError(f"it speaks of device {device!r}, which it does not have")
        self._rest, self._unsupported = rest, reasons
        try:
            self._whole = self._profile()
        except ValueError as error:
            raise BadAnswerError(str(error)) from error
        return reasons

    def value(self) -> Profile | None:
        """The Profile of what there is; None when some layer has no sample yet."""
        with contextlib.suppress(ValueError):
            return self._whole or self._profile()
        return None

    def _profile(self) -> Profile:
        rest, runs = self._rest or Profiled(), self._settings.runs
        incomplete = {} if self._rest else {INCOMPLETE: "the measurement did not come to its end"}
        return Profile(
            graph=self._graph,
            board=self._board,
            samples={
                device: {layer: tuple(layers[layer][:runs]) for layer in self._graph.index if layer in layers}
                for device, layers in self._samples.items()
                if layers or self._rest
            },
            transfer_costs=fit_transfers(self._transfers),
            baselines=rest.baselines,
            transfer_samples=tuple(self._transfers),
            unsupported=self._unsupported,
            kernels=rest.kernels,
            leftover_ms=rest.leftover_ms,
            peaks=rest.peaks,
            settings=self._settings,
            created=now(),
            conditions=self._resumed(rest.conditions),
            notes={**rest.notes, **incomplete},
        )


class RunCollector(Collector[Run]):
    """Collects a run: whole inferences, with each segment's time where the engine says it."""

    def __init__(
        self, graph: LayerGraph, board: BoardDescription, assignment: Assignment, name: str, runs: int, warmup: int
    ) -> None:
        super().__init__()
        self._graph, self._board, self._assignment = graph, board, assignment
        self._name, self._runs, self._warmup = name, runs, warmup
        self._samples: list[RunSample] = []
        self._rest: Ran | None = None
        self._segments: tuple[tuple[str, ...], ...] = ()

    def missing(self) -> int:
        """How many inferences the next part needs."""
        return self._runs if not self._samples else max(1, self._runs - len(self._samples))

    def take(self, event: str, fields: dict[str, Any]) -> None:
        """One event. Raises BadAnswerError."""
        if event != "sample":
            raise BadAnswerError(f"a run has no {event!r} event")
        self._samples.append(read(fields, RunSample))
        self.count += 1

    def finish(self, rest: Ran, runs: int) -> None:
        """The last part of `runs` inferences has ended. Raises BadAnswerError when its samples do not fit."""
        if self.count - self._begun != runs:
            raise BadAnswerError(f"the run has {self.count - self._begun} samples, not {runs}")
        self._segments = _executed(rest.segments, self._graph, self._assignment)
        count = len(self._segments or self._assignment.segments)
        for name in ("segments_ms", "transfers_ms"):
            lengths = {len(getattr(sample, name)) for sample in self._samples}
            if lengths not in ({0}, {count}):
                raise BadAnswerError(f"{name} are not of {count} segments in each sample")
        self._rest = rest

    def value(self) -> Run | None:
        """The Run of what there is; None when there is nothing. Segments have times once it has come to its end."""
        if not self._samples:
            return None
        samples, rest = self._samples[: self._runs], self._rest or Ran()
        ended = samples if self._rest else []
        return Run(
            name=self._name,
            network=self._graph.name,
            fingerprint=self._graph.fingerprint,
            board=self._board,
            assignment=self._assignment,
            samples_ms=tuple(sample.ms for sample in samples),
            segments_ms=tuple(zip(*(sample.segments_ms for sample in ended), strict=True)),
            transfers_ms=tuple(zip(*(sample.transfers_ms for sample in ended), strict=True)),
            segments=self._segments,
            warmup=self._warmup,
            verified=rest.verified,
            created=now(),
            conditions=self._resumed(rest.conditions),
            notes=rest.notes,
        )


def _executed(
    segments: tuple[tuple[str, ...], ...], graph: LayerGraph, assignment: Assignment
) -> tuple[tuple[str, ...], ...]:
    """The segments as the engine executed them; nothing where that is the network's order. Raises BadAnswerError."""
    order = [layer for layers in segments for layer in layers]
    if not order or order == list(assignment):
        return ()
    place = {layer: number for number, layer in enumerate(order)}
    if len(place) != len(order) or set(place) != set(assignment):
        raise BadAnswerError("its segments are not of every layer once")
    for layers in segments:
        if not layers or len({assignment[layer] for layer in layers}) > 1:
            raise BadAnswerError("a segment of its is not of layers on one device")
    for layer in graph.layers:
        for tensor in layer.inputs:
            producer = graph.producer.get(tensor)
            if producer is not None and place[graph.layers[producer].name] > place[layer.name]:
                raise BadAnswerError(f"it executed layer {layer.name!r:.80} before what that reads")
    return segments
