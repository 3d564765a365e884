"""Segments -> networks that Arm NN has loaded, and what each backend refuses."""

import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from ..base import Cancelled, Emit, EngineError, JobCancelled, never, silent
from ..network_graph import Graph
from ..segments import Segment, of_layers
from .gpu_memory import too_large, too_much
from .network_builder import Builder, TranslationError
from .pyarmnn_adapter import TYPES, Library
from .translate import translate

TELL_SECONDS = 0.2  # between two words of progress
FEWER = "the device has too little memory for this segment: give it fewer layers"
SHORT = 64  # numbers: a constant of so many may decide how an operator is translated


class SegmentError(EngineError):
    """A backend took a segment, and then could not load or run it."""

    def __init__(self, segment: Segment, backend: str, what: str, where: str, hint: str) -> None:
        super().__init__(what, where, hint)
        self.segment, self.backend = segment, backend


Buffers = Dict[Tuple[str, str], np.ndarray]
"""(device, tensor) -> where its numbers are for that device's segments."""


class Compiled(NamedTuple):
    """A loaded segment: Arm NN's number for it, the backend, its buffers by tensor, and its layers' order.

    `inputs` are those to copy numbers into; what an earlier segment of the device wrote or got is read from there.
    """

    segment: Segment
    backend: str
    number: int
    inputs: Dict[str, np.ndarray]
    outputs: Dict[str, np.ndarray]
    given: List[Tuple[int, Any]]
    taken: List[Tuple[int, Any]]
    order: List[Tuple[str, str]]


class Blank(Mapping[str, Any]):
    """Constants without content, but for short ones (exponents, indices), for asking what a backend takes."""

    def __init__(self, graph: Graph, constants: Mapping[str, Any]) -> None:
        self._graph, self._constants = graph, constants

    def __getitem__(self, name: str) -> Any:
        tensor = self._graph.tensors[name]
        if int(np.prod(tensor.shape)) <= SHORT:
            return self._constants[name]
        return np.zeros(tensor.shape, tensor.dtype)

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph.tensors)

    def __len__(self) -> int:
        return len(self._graph.tensors)


def build(library: Library, graph: Graph, segment: Segment, constants: Mapping[str, Any]) -> Builder:
    """The network of a segment, its inputs and outputs bound in order. Raises TranslationError."""
    builder = Builder(library, graph, constants)
    try:
        for binding, name in enumerate(segment.inputs):
            builder.values[name] = builder.input(graph.tensors[name], binding)
        for place in segment.places:
            translate(builder, place, graph.layers[place])
        for binding, name in enumerate(segment.outputs):
            value = builder.values[name]
            if name in segment.inputs:
                raise TranslationError("a layer that does nothing")
            builder.output(value, binding)
    except (ValueError, TypeError) as error:
        raise TranslationError(str(error)) from error
    return builder


def refusals(
    library: Library,
    graph: Graph,
    backends: Dict[str, str],
    constants: Mapping[str, Any],
    emit: Emit = silent,
    cancelled: Cancelled = never,
) -> Dict[str, Dict[str, str]]:
    """device -> layer -> why it cannot run there: Arm NN's own answer to each layer alone on each backend.

    Raises JobCancelled.
    """
    found: Dict[str, Dict[str, str]] = {device: {} for device in backends}
    blank, reported = Blank(graph, constants), time.monotonic()
    for place, layer in enumerate(graph.layers):
        if cancelled():
            raise JobCancelled()
        if time.monotonic() - reported > TELL_SECONDS:
            reported = time.monotonic()
            emit("progress", done=place, total=len(graph.layers), text="asking Arm NN about layer " + layer.name)
        try:
            builder = build(library, graph, of_layers(graph, "", (place,)), blank)
        except TranslationError as error:
            for reasons in found.values():
                reasons[layer.name] = str(error)
            continue
        for number, (device, backend) in enumerate(backends.items()):
            if number:  # optimizing changes the network it is given
                builder = build(library, graph, of_layers(graph, "", (place,)), blank)
            try:
                library.optimize(builder.network, backend)
            except RuntimeError as error:
                found[device][layer.name] = "{} refuses it: {}".format(backend, short(error))
                continue
            memory = library.memory(backend)
            reason = too_large(graph, place, memory) if memory else ""
            if reason:
                found[device][layer.name] = reason
    return found


def load(
    library: Library,
    graph: Graph,
    segment: Segment,
    backend: str,
    constants: Mapping[str, Any],
    buffers: Optional[Buffers] = None,
) -> Compiled:
    """Build, optimize and load a segment into the library's runtime. Raises EngineError naming its layers.

    `buffers` are those of the execution's segments before; this one's are added.
    """
    where = graph.layers[segment.places[0]].name
    if len(segment.places) > 1:
        where += " to " + graph.layers[segment.places[-1]].name
    memory = library.memory(backend)
    reason = too_much(graph, segment.places, memory) if memory else ""
    if reason:
        raise SegmentError(segment, backend, "{} cannot load it: {}".format(backend, reason), where, FEWER)
    try:
        builder = build(library, graph, segment, constants)
        optimized = library.optimize(builder.network, backend)
        order = library.order(optimized)
        runtime = library.runtime(library.profiling)
        number, _ = runtime.LoadNetwork(optimized)
    except TranslationError as error:
        raise EngineError(str(error), where, kind="unsupported") from error
    except (RuntimeError, MemoryError) as error:
        hint = FEWER if any(word in str(error).lower() for word in ("alloc", "memory", "resources")) else ""
        what = "{} cannot load it: {}".format(backend, short(error))
        raise SegmentError(segment, backend, what, where, hint) from error
    inputs, outputs, given, taken = {}, {}, [], []
    buffers = {} if buffers is None else buffers
    for binding, name in enumerate(segment.inputs):
        info, tensor, key = runtime.GetInputTensorInfo(number, binding), graph.tensors[name], (segment.device, name)
        kind = np.dtype(TYPES[tensor.dtype][1])
        if key not in buffers or buffers[key].dtype != kind:
            buffers[key] = inputs[name] = np.zeros(tensor.shape or (1,), kind)
        given.append((binding, library.constant(info, buffers[key])))
    for binding, name in enumerate(segment.outputs):
        output = library.ann.Tensor(runtime.GetOutputTensorInfo(number, binding))
        outputs[name] = output.get_memory_area().reshape(graph.tensors[name].shape or (1,))
        buffers[segment.device, name] = outputs[name]
        taken.append((binding, output))
    return Compiled(segment, backend, int(number), inputs, outputs, given, taken, order)


def short(error: BaseException) -> str:
    """What an error of Arm NN says, on one line."""
    return " ".join(str(error).split())[:300] or type(error).__name__
