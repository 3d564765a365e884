"""The columns of the layer table: what each is called, holds and sorts by, worked out from the document."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from layerswitch.network.graph import Layer

from ...document.document import Document
from ...widgets import formatting
from ...widgets.text_safety import one_line


@dataclass(frozen=True)
class State:
    """A document's numbers by place, gathered once for each change."""

    document: Document
    entering: np.ndarray | None  # ms, [layers]
    here: np.ndarray | None  # predicted ms where assigned, [layers]
    total: float

    @cached_property
    def shares(self) -> np.ndarray | None:
        """Each layer's part of the latency as it is shown, in tenths of a percent, [layers]."""
        if self.here is None or self.entering is None or not self.total > 0:
            return None
        with np.errstate(invalid="ignore"):  # where a layer cannot run
            return np.asarray(np.round(1000 * (self.here + self.entering) / self.total))

    @classmethod
    def of(cls, document: Document) -> "State":
        """The state of a document now."""
        prediction = document.prediction
        if prediction is None:
            return cls(document, None, None, math.nan)
        return cls(document, prediction.waits_ms, prediction.layers_ms, prediction.total_ms)


@dataclass(frozen=True)
class Row:
    """A layer, its place, and the state it is looked at in."""

    state: State
    place: int
    layer: Layer


Value = Callable[[Row], Any]  # a number, a text, or None for nothing known


@dataclass(frozen=True)
class Column:
    """`value` is what it sorts by; `text` what it shows. `moves` says whether an edit of the assignment changes it."""

    key: str
    title: str
    tip: str
    value: Value
    text: Callable[[Any], str] = str
    number: bool = True
    moves: bool = False


def columns(document: Document) -> tuple[Column, ...]:
    """The columns for a document's devices."""
    origin = formatting.origin(document.origin)
    devices = document.devices
    first, second = devices[0], devices[-1]
    return (
        Column("number", "#", "Place in the execution order", lambda row: row.place + 1),
        Column("layer", "Layer", "Name", lambda row: row.layer.name, one_line, number=False),
        Column("type", "Type", "Type of the main operator", lambda row: row.layer.type, one_line, number=False),
        Column("assigned", "Assigned", "Where the layer runs; edit it here, or press the device's letter",
               lambda row: row.state.document.assignment.get(row.layer.name, ""), number=False, moves=True),
        *(
            Column(f"ms:{device}", f"{device} ms", f"Predicted ms on the {device}, {origin}", _time(device), _ms)
            for device in devices
        ),
        Column("ratio", f"{first}/{second}", f"{first} time over {second} time", _ratio(first, second), _ratio_text),
        Column("faster", "Faster", "The device that runs the layer faster", _faster, number=False),
        Column("agrees", "Optimum agrees", "Whether the optimum puts the layer there too", _agrees, number=False,
               moves=True),
        Column("sure", "Sure", "Share of resampled profiles whose optimum puts the layer where the plan does; near "
               "50 % its device does not matter", _sure, formatting.percent),
        Column("entering", "Transfer in ms", f"Predicted ms of moving its inputs from the other device, {origin}",
               lambda row: None if row.state.entering is None else float(row.state.entering[row.place]), _ms,
               moves=True),
        Column("share", "Share", "Part of the predicted latency, transfers in included", _share, formatting.percent,
               moves=True),
        Column("block", "Block", "The block the layer belongs to", lambda row: row.layer.block, one_line, number=False),
        Column("shape", "Output shape", "Shape of the first output", _shape, number=False),
        Column("macs", "MACs", "Multiply-accumulates of one inference", lambda row: row.layer.macs, formatting.count),
        Column("parameters", "Parameters", "Numbers learned", lambda row: row.layer.parameters, formatting.count),
        Column("bytes", "Output size", "Bytes of the outputs, what a transfer moves", _bytes, formatting.size),
    )  # fmt: skip


def _shape(row: Row) -> str:
    graph = row.state.document.graph
    outputs = row.layer.outputs
    return formatting.shape(graph.tensors[outputs[0]].shape) if graph and outputs else ""


def _bytes(row: Row) -> int:
    graph = row.state.document.graph
    return sum(graph.tensors[name].bytes for name in row.layer.outputs) if graph else 0


def _time(device: str) -> Value:
    return lambda row: row.state.document.layer_ms(row.layer.name, device)


def _ms(value: float) -> str:
    return formatting.ms(value, unit=False)


def _ratio(first: str, second: str) -> Value:
    def ratio(row: Row) -> float | None:
        over, under = (
            row.state.document.layer_ms(row.layer.name, first),
            row.state.document.layer_ms(row.layer.name, second),
        )
        if over is None or under is None or not (math.isfinite(over) or math.isfinite(under)):
            return None
        return over / under if under > 0 else math.inf

    return ratio


def _ratio_text(value: float) -> str:
    return formatting.times(value) if math.isfinite(value) and value > 0 else "–"


def _faster(row: Row) -> str | None:
    times = {device: row.state.document.layer_ms(row.layer.name, device) for device in row.state.document.devices}
    known = {device: ms for device, ms in times.items() if ms is not None}
    return min(known, key=lambda device: known[device]) if known else None


def _agrees(row: Row) -> str | None:
    plan = row.state.document.plan
    if plan is None:
        return None
    best = plan.assignment.get(row.layer.name)
    return "yes" if best == row.state.document.assignment.get(row.layer.name) else f"no: {best}"


def _sure(row: Row) -> float | None:
    return row.state.document.trust.share(row.layer.name)


def _share(row: Row) -> float | None:
    if row.state.here is None or row.state.entering is None or not row.state.total > 0:
        return None
    return float(row.state.here[row.place] + row.state.entering[row.place]) / row.state.total
