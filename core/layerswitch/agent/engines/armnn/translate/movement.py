"""Putting tensors together and taking them apart."""

from typing import Any, List, Mapping, Sequence, Tuple

import numpy as np

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value

MOST_CUT = 4  # axes that the backends slice


def concatenated(build: Builder, parts: Sequence[Value], axis: int, output: Any) -> Value:
    """Several values one after the other along an axis.

    A piece of a split tensor is copied first: CpuAcc and GpuAcc (20.08) lay it within the concatenation's tensor, and
    the split, finding it within another, does nothing: it never arrives.
    """
    parts = [build.copied(part) if part.part else part for part in parts]
    shapes = [build.ann.TensorShape(part.shape) for part in parts]
    descriptor = build.ann.CreateDescriptorForConcatenation(shapes, axis)
    return build.add(build.network.AddConcatLayer(descriptor, build.name), parts, output)


def concat(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Concat."""
    output = build.graph.tensors[operator.outputs[0]]
    if len(inputs) == 1:
        return build.reshape(inputs[0], tuple(output.shape))
    return concatenated(build, inputs, int(operator.attributes["axis"]) % len(output.shape), output)


def split(build: Builder, value: Value, axis: int, sizes: Sequence[int], outputs: Any = None) -> List[Value]:
    """A value cut along an axis."""
    rank = len(value.shape)
    descriptor, origin, shapes = build.ann.SplitterDescriptor(len(sizes), rank), 0, []
    for view, size in enumerate(sizes):
        shape = tuple(int(size) if place == axis else length for place, length in enumerate(value.shape))
        for place, length in enumerate(shape):
            descriptor.SetViewSize(view, place, length)
            descriptor.SetViewOriginCoord(view, place, origin if place == axis else 0)
        origin += int(size)
        shapes.append(shape)
    layer = build.network.AddSplitterLayer(descriptor, build.name)
    value.slot.Connect(layer.GetInputSlot(0))
    return [
        build.described(layer, view, value if outputs is None else outputs[view], shape)._replace(part=True)
        for view, shape in enumerate(shapes)
    ]


def splitting(build: Builder, operator: Operator, inputs: List[Value]) -> List[Value]:
    """Split."""
    axis = int(operator.attributes["axis"]) % len(inputs[0].shape)
    outputs = [build.graph.tensors[name] for name in operator.outputs]
    sizes = operator.attributes.get("sizes") or [output.shape[axis] for output in outputs]
    return split(build, inputs[0], axis, sizes, outputs)


def joined(build: Builder, parts: Sequence[Value], axis: int) -> Value:
    """Several values one after the other, quantized as the first."""
    if len(parts) == 1:
        return parts[0]
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    return concatenated(build, parts, axis, parts[0]._replace(shape=tuple(shape)))


def slicing(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Slice, with steps forward and backward."""
    value, attributes = inputs[0], operator.attributes
    output, rank = build.graph.tensors[operator.outputs[0]], len(value.shape)
    axes = attributes.get("axes") or range(len(attributes["starts"]))
    steps = attributes.get("steps") or [1] * len(attributes["starts"])
    cuts = {
        int(axis) % rank: slice(start, stop, step).indices(value.shape[int(axis) % rank])
        for axis, start, stop, step in zip(axes, attributes["starts"], attributes["ends"], steps)
    }
    return build.reshape(strided(build, value, cuts, output), tuple(output.shape))


def strided(build: Builder, value: Value, cuts: Mapping[int, Tuple[int, int, int]], like: Any = None) -> Value:
    """A part of a value: start, stop and step by axis, as Python's `range` takes them (stop -1: down to the first)."""
    whole = {axis: (0, length, 1) for axis, length in enumerate(value.shape)}
    cuts = {axis: cut for axis, cut in cuts.items() if tuple(cut) != whole[axis]}
    rank, lengths = len(value.shape), [len(range(*cuts.get(axis, whole[axis]))) for axis in range(len(value.shape))]
    if rank > MOST_CUT:  # axes that stay whole are taken as one with their neighbours
        runs = together(rank, cuts)
        shape = tuple(int(np.prod([value.shape[axis] for axis in run])) for run in runs)
        fewer = {place: cuts[run[0]] for place, run in enumerate(runs) if run[0] in cuts}
        if len(runs) > MOST_CUT:
            raise TranslationError("a slice of {} axes".format(len(runs)))
        found = strided(build, build.reshape(value, shape), fewer, like)
        return build.reshape(found, tuple(lengths))
    begin, end, stride, down = [0] * rank, list(value.shape), [1] * rank, 0
    for axis, (start, stop, step) in cuts.items():
        begin[axis], end[axis], stride[axis] = int(start), int(stop), int(step)
        if stop < 0:
            end[axis], down = 0, down | 1 << axis
    descriptor = build.ann.StridedSliceDescriptor(begin, end, stride)
    descriptor.m_EndMask = down  # Arm NN counts an end below 0 from behind
    descriptor.m_DataLayout = build.layout
    layer = build.network.AddStridedSliceLayer(descriptor, build.name)
    return build.add(layer, [value], like or value, tuple(lengths))


def together(rank: int, cuts: Mapping[int, Any]) -> List[List[int]]:
    """Axes in runs: those that are cut alone, those in between as one."""
    runs: List[List[int]] = []
    for axis in range(rank):
        if axis in cuts or not runs or runs[-1][-1] in cuts:
            runs.append([axis])
        else:
            runs[-1].append(axis)
    return runs


def gather(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Gather by constant indices."""
    indices = build.array(operator, "indices")
    if indices is None:
        raise TranslationError("indices that are computed by the network")
    axis = int(operator.attributes.get("axis", 0)) % len(inputs[0].shape)
    descriptor = build.ann.GatherDescriptor()
    descriptor.m_Axis = axis
    wrapped = indices % inputs[0].shape[axis]
    layer = build.network.AddGatherLayer(descriptor, build.name)
    given = [inputs[0], build.constant(wrapped.reshape(wrapped.shape or (1,)), "int32")]
    output = build.graph.tensors[operator.outputs[0]]
    shape = inputs[0].shape[:axis] + (wrapped.shape or (1,)) + inputs[0].shape[axis + 1 :]
    return build.reshape(build.add(layer, given, output, shape), tuple(output.shape))


TRANSLATIONS = {"Concat": concat, "Split": splitting, "Slice": slicing, "Gather": gather}
