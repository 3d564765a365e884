"""Reading assignments as people give them: a plan's file, a device, or letters."""

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..atomic_write import is_file, read_whole
from ..errors import AssignmentError, FileError
from ..experiments.results import AssignmentFile, Run
from ..network.assignment import LETTERS, Assignment
from ..network.graph import LayerGraph
from ..network.named_assignment import Kind, NamedAssignment
from ..planner.plan import Plan
from ..serialization import decode, kind_of


@dataclass(frozen=True)
class Given:
    """One assignment from the command line; `plan` where it came from a plan's file."""

    named: NamedAssignment
    plan: Plan | None = None


def read(text: str, graph: LayerGraph, devices: Sequence[str]) -> Given:
    """Read PLAN.json, a device's name, or letters (GGBB). Raises AssignmentError or FileError."""
    if not text.strip():
        raise AssignmentError("is empty", where="--assignment", hint=f"a file, letters, or {' or '.join(devices)}")
    path = Path(text)
    if not (path.suffix or os.path.exists(text)):  # noqa: PTH110  # thousands of letters are no name of a file
        try:
            kind: Kind = "baseline" if text.strip() in devices else "own"
            return Given(NamedAssignment(text, kind, Assignment.parse(text, graph, devices)))
        except AssignmentError as error:
            where = error.where or f"assignment {text!r}"
            raise AssignmentError(error.what, where=where, hint=_meant(text, devices) or error.hint) from None
    try:
        found: Plan | Run | AssignmentFile = decode(read_whole(path), Plan | Run | AssignmentFile)
    except OSError as error:
        raise FileError(error.strerror or "cannot be read", where=text) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        if (other := kind_of(path)) not in ("", "plan", "run", "assignment"):
            raise FileError(f"is a {other}, not a plan, run or assignment", where=text) from error
        raise FileError(f"not a plan, run or assignment of LayerSwitch: {error}", where=text) from error
    if found.fingerprint and found.fingerprint != graph.fingerprint:
        raise AssignmentError(
            f"was made for another network, {found.network!r}, not for this {graph.name!r}",
            where=text,
            hint="plan again from a profile of this network",
        )
    try:
        assignment = Assignment.checked(_spread(found.assignment, graph), graph, devices)
    except AssignmentError as error:
        hint = error.hint
        if found.fingerprint and set(found.assignment) != set(graph.index):
            hint = "made at another level? give the --group it was planned with"
        raise AssignmentError(error.what, where=f"{text}: {error.where}".rstrip(": "), hint=hint) from None
    kind = "own" if isinstance(found, AssignmentFile) else found.kind
    return Given(NamedAssignment(found.name or path.stem, kind, assignment), found if isinstance(found, Plan) else None)


def _meant(text: str, devices: Sequence[str]) -> str:
    """What else than letters a person may have meant; "" where nothing comes to mind."""
    if text.upper() in devices:
        return f"did you mean {text.upper()}?"
    if text.upper() in LETTERS:
        return f"this board has {' and '.join(devices)} only"
    if text == "greedy":
        return "greedy is for `compare`, with --profile"
    if is_file(Path(f"{text}.json")):
        return f"did you mean {text}.json?"
    return "letters are capitals" if text.islower() else ""


def _spread(assignment: Mapping[str, str], graph: LayerGraph) -> Mapping[str, str]:
    """A whole assignment of the blocks (which may be named as one of their layers is), said of their layers."""
    members = _members(graph)
    if set(assignment) != set(members):
        return by_layer(assignment, graph)
    return {layer: device for block, device in assignment.items() for layer in members[block]}


def _members(graph: LayerGraph) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for layer in graph.layers:
        members.setdefault(layer.block or layer.name, []).append(layer.name)
    return members


def by_layer(mapping: Mapping[str, str], graph: LayerGraph) -> Mapping[str, str]:
    """Layers and blocks mixed, said of layers: a layer's own word wins over its block's. Other names: unchanged."""
    if all(name in graph.index for name in mapping):
        return mapping
    members = _members(graph)
    if not all(name in members or name in graph.index for name in mapping):
        return mapping
    spread = {layer: device for name, device in mapping.items() for layer in members.get(name, ())}
    return spread | {name: device for name, device in mapping.items() if name in graph.index}


def read_pins(texts: Sequence[str], graph: LayerGraph, devices: Sequence[str]) -> dict[str, str]:
    """LAYER=DEVICE (or BLOCK=DEVICE), any number of times. Raises AssignmentError."""
    pins: dict[str, str] = {}
    for text in texts:
        layer, equals, device = text.rpartition("=")
        if not equals or device not in devices:
            hint = " or ".join(f"LAYER={device}" for device in devices)
            raise AssignmentError(f"cannot read {text!r}", where="--pin", hint=f"write {hint}")
        if pins.setdefault(layer, device) != device:
            raise AssignmentError(f"{layer!r} is pinned to both {pins[layer]} and {device}", where="--pin")
    pins = dict(by_layer(pins, graph))
    for layer in pins:
        if layer not in graph.index:
            near = difflib.get_close_matches(layer, {**graph.index, **_members(graph)}, 3, 0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "`layerswitch show` lists them"
            raise AssignmentError(f"{graph.name!r} has no layer {layer!r}", where="--pin", hint=hint)
    return pins
