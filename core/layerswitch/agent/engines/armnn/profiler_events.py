"""Arm NN's profiler output (JSON) -> the time of each layer, and of its kernels, in the last inferences."""

import json
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..base import EngineError

LAYER = re.compile(r"\bL(\d+)_")  # the mark that the builder puts in front of Arm NN's layer names
NUMBER = re.compile(r"_#\d+$")
NO_WORKLOAD = ("Input", "Output", "MemImport", "MemCopy")
FREE = ("Concat", "Splitter")
KERNELS = ("OpenClKernelTimer/", "NeonKernelTimer/")
WALL = "Wall clock time"


class Event(NamedTuple):
    """One workload of an inference: name, wall clock in ms, and kernels (name, ms)."""

    name: str
    wall_ms: float
    kernels: Tuple[Tuple[str, float], ...]


class Times(NamedTuple):
    """Of one inference: ms by layer place, and the kernels of each; `inference_ms` as the profiler saw it."""

    layers: Dict[int, float]
    kernels: Dict[int, List[Tuple[str, float]]]
    inference_ms: float


def workloads(text: str, last: int = 1) -> List[Tuple[List[Event], float]]:
    """Of each of the last inferences: its workloads in execution order, and its clock in ms. Raises EngineError."""
    try:
        top = json.loads(text)["ArmNN"]
        inference = next(value for key, value in top.items() if key.startswith("inference_measurements"))
        count = max(len(values) for _, values in _measurements(inference))
        execute = next(value for key, value in inference.items() if NUMBER.sub("", key) == "Execute")
        clock = next(raw for name, raw in _measurements(inference) if NUMBER.sub("", name) == WALL)
        if not 1 <= last <= count:
            raise ValueError("{} inferences, not {}".format(count, last))
        timed = []
        for key, value in execute.items():
            if isinstance(value, dict) and value.get("type") == "Event":
                # what only some inferences did, such as preparing weights, is no part of the others
                own = {NUMBER.sub("", name): raw for name, raw in _measurements(value) if len(raw) == count}
                if WALL in own:
                    timed.append((NUMBER.sub("", key), own))
        return [
            ([_event(name, own, place) for name, own in timed], clock[place] / 1000.0)
            for place in range(count - last, count)
        ]
    except (ValueError, KeyError, StopIteration, IndexError, TypeError, AttributeError) as error:
        raise EngineError("Arm NN's profile cannot be read: {!r}".format(error)) from error


def _event(name: str, own: Dict[str, List[float]], place: int) -> Event:
    kernels = tuple((kernel, raw[place] / 1000.0) for kernel, raw in own.items() if kernel.startswith(KERNELS))
    return Event(name, own[WALL][place] / 1000.0, kernels)


def times(text: str, order: List[Tuple[str, str]], gpu: bool, last: int = 1) -> List[Times]:
    """Map the workloads of the last inferences to layers, oldest first.

    Raises EngineError when they do not fit the network's order.
    A GPU layer's time is the sum of its kernels': the wall clock there is only the enqueuing. A workload whose name
    carries layer names (Arm NN 23.08) says itself whose it is; those of 20.08 follow the order of the network.
    """
    return [_times(events, order, gpu, inference_ms) for events, inference_ms in workloads(text, last)]


def _times(events: List[Event], order: List[Tuple[str, str]], gpu: bool, inference_ms: float) -> Times:
    own = [event for event in events if event.name.endswith("_Execute") or LAYER.search(event.name)]
    own = [event for event in own if "CopyMem" not in event.name]
    named = all(LAYER.search(event.name) for event in own) and bool(own)
    names = [event.name for event in own] if named else matched(own, order)
    layers: Dict[int, float] = {}
    kernels: Dict[int, List[Tuple[str, float]]] = {}
    for name, event in zip(names, own):
        layer = owner(name)
        if layer is None:
            continue  # what Arm NN put in by itself belongs to no layer
        ran = [(_kernel(name), ms) for name, ms in event.kernels]
        layers[layer] = layers.get(layer, 0.0) + (sum(ms for _, ms in ran) if gpu else event.wall_ms)
        itself = (event.name.replace("_Execute", ""), 0.0 if gpu else event.wall_ms)
        kernels.setdefault(layer, []).extend(ran or [itself])
    return Times(layers, kernels, inference_ms)


def matched(events: List[Event], order: List[Tuple[str, str]]) -> List[str]:
    """The name of the layer behind each event. Raises EngineError when they do not fit the network's order.

    Concatenations and splits leave no event where the backend lays their parts out within one tensor.
    """
    names: List[str] = []
    for kind, name in order:
        if kind in NO_WORKLOAD:
            continue
        if kind in FREE and (len(names) >= len(events) or kind not in events[len(names)].name):
            continue
        names.append(name)
    if len(names) != len(events):
        what = "Arm NN's profile has {} workloads, the network {}".format(len(events), len(names))
        raise EngineError(what, hint="please report this with the version of Arm NN")
    return names


def owner(name: str) -> Optional[int]:
    """The place of the layer that a marked name belongs to: the one that others were fused into, if some were."""
    marks = LAYER.findall(name.replace("-", " "))
    return int(marks[-1]) if marks else None


def _kernel(name: str) -> str:
    """ "OpenClKernelTimer/0: im2col GWS[..]" -> "im2col"."""
    return name.partition(": ")[2].partition(" GWS")[0] or name


def _measurements(event: Dict[str, Any]) -> Iterator[Tuple[str, List[float]]]:
    for key, value in event.items():
        if isinstance(value, dict) and value.get("type") == "Measurement":
            yield key, value["raw"]
