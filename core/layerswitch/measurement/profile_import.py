"""Published per-layer times (CSV) -> Profile.

Columns `layer, device, time_ms`, and optionally `output_bytes` and `inputs` (names of layers, with ; between). A row
is one sample; a layer may have several on each device. Without the column `inputs` the layers are a chain in the order
of the file; with it, a layer whose cell is empty reads the network's input. Sizes are bytes; 1 MB is 10^6 bytes.
"""

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from pathlib import Path

from ..atomic_write import not_device
from ..errors import FileError, ProfileError
from ..network.graph import Layer, LayerGraph, Tensor
from .profile import LONGEST_MS, BoardDescription, Device, Profile, ProfileSettings, TransferCost, now

REQUIRED = ("layer", "device", "time_ms")
OPTIONAL = ("output_bytes", "inputs")
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
"""Decimal: the published fit of 0.353 ms/MB is of 10^6 bytes (per 2^20 bytes the same data give 0.370)."""

_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+"
_TRANSFER = re.compile(rf"(?P<fixed>{_NUMBER})(?:\s*\+\s*(?P<rate>{_NUMBER})\s*/\s*(?P<unit>[KMG]?B))?")
_SIZE = re.compile(r"[0-9]{1,15}")


@dataclass
class _Read:
    """What the file says of one layer, and the line that said it first."""

    line: int
    samples: dict[str, list[float]] = field(default_factory=dict)
    size: int | None = None
    inputs: tuple[str, ...] | None = None


def parse_transfer(text: str) -> TransferCost:
    """Read "CPU:GPU=0.70+0.353/MB": 0.70 ms and 0.353 ms per 10^6 bytes; the part after + may be absent.

    Raises ProfileError.
    """
    devices, _, cost = text.strip().partition("=")
    source, colon, target = (part.strip() for part in devices.partition(":"))
    match = _TRANSFER.fullmatch(cost.strip())
    if not (source and colon and target and match) or source == target:
        hint = "write FROM:TO=MS+MS/MB, as in CPU:GPU=0.70+0.353/MB"
        raise ProfileError("cannot be read", where=f"transfer {text!r}", hint=hint)
    fixed, rate = float(match["fixed"]), float(match["rate"] or 0) / UNITS[match["unit"] or "B"]
    if not (fixed <= LONGEST_MS and rate <= LONGEST_MS):
        raise ProfileError("is not a cost", where=f"transfer {text!r}")
    return TransferCost(source, target, fixed, rate)


def import_layers(path: Path | str, transfers: Sequence[TransferCost] = (), name: str | None = None) -> Profile:
    """The profile that a CSV file of per-layer times describes, its origin "imported".

    `name` is the network's (else the file's). Layers run in the order of the file, or as near to it as their inputs
    allow. Raises FileError when the file cannot be read, and ProfileError, with file and line, when it makes no sense.
    """
    path = Path(path)
    found, columns = _read(path)
    devices = list(dict.fromkeys(device for read in found.values() for device in read.samples))
    sized = "output_bytes" in columns
    for layer, read in found.items():
        if sized and read.size is None:
            raise ProfileError(f"layer {layer!r} has no output_bytes", where=f"{path}:{read.line}")
    board = BoardDescription(
        "imported", f"imported from {_unicode(path.name)}", "imported", tuple(map(Device, devices))
    )
    samples = {
        device: {layer: tuple(read.samples[device]) for layer, read in found.items() if device in read.samples}
        for device in devices
    }
    return Profile(
        graph=_graph(path, found, _unicode(name or path.stem), chain="inputs" not in columns),
        board=board,
        samples=samples,
        transfer_costs=_checked(transfers, devices),
        unsupported={
            device: missing
            for device in devices
            if (missing := {layer: "no time in the file" for layer in found if layer not in samples[device]})
        },
        settings=ProfileSettings(runs=min(len(s) for layers in samples.values() for s in layers.values()), warmup=0),
        created=now(),
        notes=_notes(path, transfers, devices, sized),
    )


def _unicode(name: str) -> str:
    """A file's name as text that can be written: its bytes may be no UTF-8."""
    return name.encode("utf-8", "replace").decode()


def _read(path: Path) -> tuple[dict[str, _Read], list[str]]:
    """The layers in the order of the file, and the columns it has."""
    found: dict[str, _Read] = {}
    line = 0
    try:
        not_device(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            columns = [cell.strip() for cell in next(rows, [])]
            _check_columns(path, columns)
            for row in rows:
                line = rows.line_num
                if any(cell.strip() for cell in row):
                    _take(f"{path}:{line}", line, columns, [cell.strip() for cell in row], found)
    except OSError as error:
        raise FileError(error.strerror or "cannot be read", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise FileError("is not UTF-8 text", where=str(path)) from error
    except csv.Error as error:
        raise ProfileError(f"is not CSV: {error}", where=f"{path}:{line + 1}") from error
    if not found:
        raise ProfileError("holds no layers", where=str(path), hint=f"columns {', '.join(REQUIRED)}")
    return found, columns


def _check_columns(path: Path, columns: list[str]) -> None:
    where, hint = f"{path}:1", f"columns are {', '.join(REQUIRED)} and optionally {', '.join(OPTIONAL)}"
    for column in columns:
        if ";" in column or "\t" in column:
            raise ProfileError("its cells are not separated by commas", where=where, hint=hint)
        if column not in REQUIRED + OPTIONAL:
            raise ProfileError(f"unknown column {column!r}", where=where, hint=hint)
        if columns.count(column) > 1:
            raise ProfileError(f"column {column!r} appears twice", where=where, hint=hint)
    for column in REQUIRED:
        if column not in columns:
            raise ProfileError(f"column {column!r} is missing", where=where, hint=hint)


def _take(where: str, line: int, columns: list[str], row: list[str], found: dict[str, _Read]) -> None:
    """Take in one row."""
    if len(row) != len(columns):
        raise ProfileError(f"has {len(row)} cells, but the header has {len(columns)}", where=where)
    cells = dict(zip(columns, row, strict=True))
    layer, device = cells["layer"], cells["device"]
    if not layer or not device:
        raise ProfileError(f"names no {'device' if layer else 'layer'}", where=where)
    read = found.setdefault(layer, _Read(line))
    try:
        ms = float(cells["time_ms"])
    except ValueError:
        ms = math.nan
    if not 0 <= ms <= LONGEST_MS or "_" in cells["time_ms"]:
        raise ProfileError(f"time_ms {cells['time_ms']!r} is not a number of ms, 0 to {LONGEST_MS:g}", where=where)
    read.samples.setdefault(device, []).append(ms)
    if size := cells.get("output_bytes"):
        if not _SIZE.fullmatch(size):
            raise ProfileError(f"output_bytes {size!r} is not a whole number of bytes", where=where)
        if read.size not in (None, int(size)):
            raise ProfileError(f"layer {layer!r} had {read.size} output_bytes before", where=where)
        read.size = int(size)
    if "inputs" in cells:
        inputs = tuple(dict.fromkeys(part.strip() for part in cells["inputs"].split(";") if part.strip()))
        if read.inputs not in (None, inputs):
            raise ProfileError(f"layer {layer!r} had other inputs before, on line {read.line}", where=where)
        read.inputs = inputs


def _graph(path: Path, found: dict[str, _Read], name: str, *, chain: bool) -> LayerGraph:
    """The layers, each with one output tensor named as itself; all sizes are of plain bytes."""
    names = list(found)
    if chain:
        for before, after in pairwise(names):
            found[after].inputs = (before,)
    for layer, read in found.items():
        for other in read.inputs or ():
            if other not in found:
                raise ProfileError(f"layer {layer!r} reads {other!r}, which has no row", where=f"{path}:{read.line}")
    source = "input"
    while source in found:
        source += "'"
    order = _ordered(path, found)
    layers = tuple(Layer(layer, "Imported", found[layer].inputs or (source,), (layer,)) for layer in order)
    read_by_some = {other for read in found.values() for other in read.inputs or ()}
    tensors = {layer: Tensor(layer, (read.size or 0,), "uint8") for layer, read in found.items()}
    tensors[source] = Tensor(source, (0,), "uint8")
    outputs = tuple(layer for layer in names if layer not in read_by_some)
    return LayerGraph(name, layers, tensors, (source,), outputs, level="layer", source="csv")


def _ordered(path: Path, found: dict[str, _Read]) -> list[str]:
    """The layers so that each follows its inputs, otherwise as in the file. Raises ProfileError on a cycle."""
    names, place = list(found), {layer: number for number, layer in enumerate(found)}
    readers: list[list[int]] = [[] for _ in names]
    missing = [len(read.inputs or ()) for read in found.values()]
    for number, read in enumerate(found.values()):
        for other in read.inputs or ():
            readers[place[other]].append(number)
    ready = [number for number, count in enumerate(missing) if not count]
    done = []
    while ready:
        done.append(heappop(ready))
        for reader in readers[done[-1]]:
            missing[reader] -= 1
            if not missing[reader]:
                heappush(ready, reader)
    if len(done) < len(names):
        layer = names[min(set(range(len(names))) - set(done))]
        where = f"{path}:{found[layer].line}"
        raise ProfileError(f"layer {layer!r} waits for itself: the inputs run in a cycle", where=where)
    return [names[number] for number in done]


def _checked(transfers: Sequence[TransferCost], devices: Sequence[str]) -> tuple[TransferCost, ...]:
    """The transfers, of known devices, each direction once. Raises ProfileError."""
    seen = set()
    for cost in transfers:
        where = f"transfer {cost.source}:{cost.target}"
        for device in (cost.source, cost.target):
            if device not in devices:
                raise ProfileError(f"device {device!r} has no times", where=where, hint=f"use {', '.join(devices)}")
        if (cost.source, cost.target) in seen:
            raise ProfileError("is given twice", where=where)
        seen.add((cost.source, cost.target))
    return tuple(transfers)


def _notes(path: Path, transfers: Sequence[TransferCost], devices: Sequence[str], sized: bool) -> dict[str, str]:
    """What a reader of the profile has to know of where it comes from."""
    notes = {"imported from": _unicode(path.name)}
    known = {(cost.source, cost.target) for cost in transfers}
    free = [f"{one} to {two}" for one in devices for two in devices if one != two and (one, two) not in known]
    if free:
        notes["transfers taken as free"] = ", ".join(free)
    if transfers and not sized:
        notes["transfer sizes"] = "unknown (no column output_bytes): only the fixed part of a transfer counts"
    return notes
