"""What agents answer, checked field by field, and the values made of it."""

from typing import Any, TypeVar

import msgspec

from ...experiments.results import Run
from ...measurement.profile import BoardDescription, Kernel, Peaks, Profile, ProfileSettings, TransferSample, now
from ...measurement.transfer_fit import fit_transfers
from ...network.assignment import Assignment
from ...network.graph import LayerGraph
from ...serialization import Count, Milliseconds, Value

A = TypeVar("A", bound=Value)
Reasons = dict[str, dict[str, str]]


class BadAnswerError(ValueError):
    """An answer is not what the protocol says."""


class Hello(msgspec.Struct, frozen=True):
    """What an agent is. Unknown fields are let through: the protocol number decides whether both understand."""

    protocol: int
    python: str
    numpy: str
    machine: str
    engines: tuple[str, ...]


class Opened(Value, frozen=True):
    """What an engine is."""

    description: BoardDescription
    needs_constants: bool = False


class Needed(Value, frozen=True):
    """The constants an agent does not have, and of those that came in part the offset to go on from."""

    names: tuple[str, ...]
    begun: dict[str, Count] = {}


class Stored(Value, frozen=True):
    """Whether that was the last piece of the constant."""

    whole: bool


class Loaded(Value, frozen=True):
    """device -> layer -> why it cannot run there."""

    unsupported: Reasons


class Profiled(Value, frozen=True):
    """The fields of a Profile that an engine measures."""

    samples: dict[str, dict[str, tuple[Milliseconds, ...]]]
    baselines: dict[str, tuple[Milliseconds, ...]] = {}
    transfer_samples: tuple[TransferSample, ...] = ()
    kernels: dict[str, dict[str, tuple[Kernel, ...]]] = {}
    leftover_ms: dict[str, float] = {}
    peaks: dict[str, Peaks] = {}
    conditions: dict[str, str] = {}
    unsupported: Reasons = {}


class Ran(Value, frozen=True):
    """The fields of a Run that an engine measures."""

    samples_ms: tuple[Milliseconds, ...]
    segments: tuple[tuple[str, ...], ...] = ()
    segments_ms: tuple[tuple[Milliseconds, ...], ...] = ()
    transfers_ms: tuple[tuple[Milliseconds, ...], ...] = ()
    verified: bool | None = None
    conditions: dict[str, str] = {}


class Failure(msgspec.Struct, frozen=True):
    """An error event."""

    kind: str
    what: str
    where: str = ""
    hint: str = ""


class Step(msgspec.Struct, frozen=True):
    """A progress event."""

    done: Milliseconds
    total: Milliseconds
    text: str = ""


class Sample(msgspec.Struct, frozen=True):
    """A sample event: of layers on a device while profiling, of a whole inference while running."""

    device: str = ""
    layers: dict[str, Milliseconds] = {}
    ms: Milliseconds | None = None


class TransferEvent(msgspec.Struct, frozen=True):
    """A transfer event."""

    source: str
    target: str
    bytes: Count
    ms: Milliseconds


T = TypeVar("T")


def read(fields: dict[str, Any], kind: type[T]) -> T:
    """The fields of a result or event as a value. Raises BadAnswerError naming the field."""
    fields = {name: value for name, value in fields.items() if name not in ("id", "event")}
    try:
        return msgspec.convert(fields, kind)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadAnswerError(f"a bad answer: {error}") from error


def check_description(board: BoardDescription) -> None:
    """Raises BadAnswerError unless the board has devices, each with a name of its own."""
    names = board.device_names
    if not names or not all(names) or len(set(names)) < len(names):
        raise BadAnswerError(f"its devices are {names}")


def check_reasons(unsupported: Reasons, graph: LayerGraph, board: BoardDescription) -> Reasons:
    """The reasons, of existing layers and devices, with the operators nobody knows added. Raises BadAnswerError."""
    for device, reasons in unsupported.items():
        if device not in board.device_names:
            raise BadAnswerError(f"it speaks of device {device!r}, which it does not have")
        for layer in reasons:
            if layer not in graph.index:
                raise BadAnswerError(f"it speaks of layer {layer!r}, which the network does not have")
    found = {device: dict(unsupported.get(device, {})) for device in board.device_names}
    for one in graph.layers:
        for operator in one.operators:
            if operator.attributes.get("unknown"):
                for reasons in found.values():
                    reasons.setdefault(one.name, f"operator {operator.type} is not known")
    return {device: reasons for device, reasons in found.items() if reasons}


def make_profile(
    answer: Profiled, graph: LayerGraph, board: BoardDescription, settings: ProfileSettings, unsupported: Reasons
) -> Profile:
    """The Profile of an answer, its transfer costs fitted. Raises BadAnswerError.

    `unsupported` is what loading the network said, and stays true beside what turned out while measuring.
    """
    later = check_reasons(answer.unsupported, graph, board)
    unsupported = {
        device: {**later.get(device, {}), **unsupported.get(device, {})}
        for device in board.device_names
        if device in later or device in unsupported
    }
    for device in board.device_names:
        measured, missing = answer.samples.get(device, {}), unsupported.get(device, {})
        for layer in graph.index:
            if (layer in measured) == (layer in missing):
                said = "was measured though it cannot run" if layer in measured else "was not measured"
                raise BadAnswerError(f"layer {layer!r} {said} on {device}")
            if layer in measured and len(measured[layer]) != settings.runs:
                raise BadAnswerError(f"layer {layer!r} has {len(measured[layer])} samples, not {settings.runs}")
    devices = {*answer.baselines, *answer.kernels, *answer.leftover_ms, *answer.peaks}
    devices |= {device for sample in answer.transfer_samples for device in (sample.source, sample.target)}
    for device in devices - set(board.device_names):
        raise BadAnswerError(f"it speaks of device {device!r}, which it does not have")
    try:
        return Profile(
            graph=graph,
            board=board,
            samples=answer.samples,
            transfer_costs=fit_transfers(answer.transfer_samples),
            baselines=answer.baselines,
            transfer_samples=answer.transfer_samples,
            unsupported=unsupported,
            kernels=answer.kernels,
            leftover_ms=answer.leftover_ms,
            peaks=answer.peaks,
            settings=settings,
            created=now(),
            conditions=answer.conditions,
        )
    except ValueError as error:
        raise BadAnswerError(str(error)) from error


def make_run(
    answer: Ran, graph: LayerGraph, board: BoardDescription, assignment: Assignment, name: str, runs: int, warmup: int
) -> Run:
    """The Run of an answer. Raises BadAnswerError."""
    executed = _executed(answer.segments, graph, assignment)
    segments = len(executed or assignment.segments)
    for label, parts in ("segments_ms", answer.segments_ms), ("transfers_ms", answer.transfers_ms):
        if parts and (len(parts) != segments or any(len(part) != runs for part in parts)):
            raise BadAnswerError(f"{label} are not {runs} samples of each of {segments} segments")
    if len(answer.samples_ms) != runs:
        raise BadAnswerError(f"the run has {len(answer.samples_ms)} samples, not {runs}")
    return Run(
        name=name,
        network=graph.name,
        fingerprint=graph.fingerprint,
        board=board,
        assignment=assignment,
        samples_ms=answer.samples_ms,
        segments_ms=answer.segments_ms,
        transfers_ms=answer.transfers_ms,
        segments=executed,
        warmup=warmup,
        verified=answer.verified,
        created=now(),
        conditions=answer.conditions,
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
