"""What the planner works on: a latency model with the devices each layer may use."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import AssignmentError, PlanError
from ..prediction.latency_model import LatencyModel

Floats = NDArray[np.float64]
Choice = NDArray[np.intp]
"""An assignment as device columns, [layers]."""


@dataclass(frozen=True)
class Problem:
    """A latency model and `allowed` [layers, devices]: where each layer can run, and pins let it."""

    model: LatencyModel
    allowed: NDArray[np.bool_]

    @classmethod
    def of(cls, model: LatencyModel, pins: Mapping[str, str]) -> "Problem":
        """The problem with pinned layers held where they are.

        Raises AssignmentError when a pin names an unknown layer or device, and PlanError when a layer can run nowhere,
        a pin asks for what its device cannot do, or the model's times are negative or not numbers.
        """
        graph, devices = model.graph, model.devices
        if np.isnan(model.layer_ms).any() or (model.layer_ms < 0).any():
            raise PlanError("a layer's time is negative or not a number", where=graph.name)
        if not np.isfinite(model.transfer_ms).all() or (model.transfer_ms < 0).any():
            raise PlanError("a transfer's cost is negative or not a finite number", where=graph.name)
        allowed = np.isfinite(model.layer_ms)
        nowhere = np.flatnonzero(~allowed.any(axis=1))
        if nowhere.size:
            name = graph.layers[nowhere[0]].name
            raise PlanError("no device can run this layer", where=f"layer {name!r} of {graph.name!r}")
        for layer, device in pins.items():
            if layer not in graph.index:
                raise AssignmentError(f"{graph.name!r} has no layer {layer!r}", where="pin")
            if device not in devices:
                known = ", ".join(devices)
                raise AssignmentError(
                    f"unknown device {device!r}", where=f"pin of layer {layer!r}", hint=f"use {known}"
                )
            place, column = graph.index[layer], devices.index(device)
            if not allowed[place, column]:
                able = ", ".join(devices[other] for other in np.flatnonzero(allowed[place]))
                raise PlanError(
                    f"is pinned to {device}, which cannot run it", where=f"layer {layer!r}", hint=f"only on {able}"
                )
            allowed[place] = False
            allowed[place, column] = True
        return cls(model, allowed)

    @property
    def layer_ms(self) -> NDArray[np.float64]:
        """Layer times, [layers, devices], inf wherever a layer may not run."""
        return np.where(self.allowed, self.model.layer_ms, np.inf)

    def named(self, choice: Choice) -> dict[str, str]:
        """The assignment that device columns stand for."""
        devices = self.model.devices
        columns = choice.tolist()
        return {layer.name: devices[columns[i]] for i, layer in enumerate(self.model.graph.layers)}

    def fewest_switches(self) -> Choice:
        """An assignment with as few switches as any: each segment as long as some one device allows."""
        choice = np.zeros(len(self.allowed), dtype=np.intp)
        first, common = 0, np.ones(len(self.model.devices), dtype=bool)
        for place, row in enumerate(self.allowed):
            if not (common & row).any():
                choice[first:place] = np.argmax(common)
                first, common = place, row
            else:
                common = common & row
        choice[first:] = np.argmax(common)
        return choice

    def obvious(self) -> list[Choice]:
        """Assignments that need no search: greedy, as few switches as can be, all on one device where that can be."""
        greedy = np.argmin(self.layer_ms, axis=1)
        uniform = [np.full_like(greedy, column) for column in np.flatnonzero(self.allowed.all(axis=0))]
        return [greedy, *(uniform or [self.fewest_switches()])]


def switches(choice: Choice) -> int:
    """Boundaries between segments."""
    return int(np.count_nonzero(np.diff(choice)))


@dataclass(frozen=True)
class Solution:
    """What a search found: an assignment, a lower bound in ms that it proved, and how it was found."""

    choice: Choice
    lower_bound_ms: float
    method: str


RELATIVE = 1e-9
"""Of the predicted latency, how far under it a bound may be that proves it; a cut or a table proves about 1e-12."""
ABSOLUTE_MS = 1e-12
"""A femtosecond: for networks that take no time."""


def proven(predicted_ms: float, lower_bound_ms: float) -> bool:
    """Whether a plan may be called optimal: the bound equals the prediction, to rounding."""
    return predicted_ms - lower_bound_ms <= max(ABSOLUTE_MS, RELATIVE * predicted_ms)
