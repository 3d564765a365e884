"""What agents answer, checked field by field."""

from typing import Any, TypeVar

import msgspec

from ...agent.engines.base import Kind
from ...measurement.conditions import UNKNOWN, Conditions
from ...measurement.profile import BoardDescription, Kernel, Peaks
from ...network.graph import LayerGraph
from ...serialization import Count, Milliseconds, Value

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
    """The fields of a Profile that do not stream in."""

    baselines: dict[str, tuple[Milliseconds, ...]] = {}
    kernels: dict[str, dict[str, tuple[Kernel, ...]]] = {}
    leftover_ms: dict[str, float] = {}
    peaks: dict[str, Peaks] = {}
    conditions: Conditions = UNKNOWN
    notes: dict[str, str] = {}
    unsupported: Reasons = {}


class Ran(Value, frozen=True):
    """The fields of a Run that do not stream in."""

    segments: tuple[tuple[str, ...], ...] = ()
    verified: bool | None = None
    conditions: Conditions = UNKNOWN
    notes: dict[str, str] = {}


class Failure(msgspec.Struct, frozen=True):
    """An error event."""

    kind: Kind
    what: str
    where: str = ""
    hint: str = ""


class Step(msgspec.Struct, frozen=True):
    """A progress event."""

    done: Milliseconds
    total: Milliseconds
    text: str = ""


class LayerSample(msgspec.Struct, frozen=True):
    """A sample event while profiling: ms of layers on a device in one inference."""

    device: str
    layers: dict[str, Milliseconds]


class RunSample(msgspec.Struct, frozen=True):
    """A sample event while running: ms of one inference, of each segment, and of entering each segment."""

    ms: Milliseconds
    segments_ms: tuple[Milliseconds, ...] = ()
    transfers_ms: tuple[Milliseconds, ...] = ()


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
