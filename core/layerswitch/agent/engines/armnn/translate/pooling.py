"""Pooling over the two axes of a map."""

from typing import List

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from .activation import LARGEST
from .movement import strided
from .padding import plain

KINDS = {"MaxPool": "Max", "AveragePool": "Average", "LpPool": "L2"}


def pool(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """MaxPool, AveragePool, LpPool (p = 2); the rounding is the one that gives the output its known shape."""
    value, output, attributes = inputs[0], build.graph.tensors[operator.outputs[0]], operator.attributes
    kernel, strides, pads = attributes["kernel"], attributes["strides"], attributes["pads"]
    if len(kernel) != 2 or len(value.shape) != 4:
        raise TranslationError("Arm NN pools over two axes only")
    if list(attributes.get("dilations") or [1, 1]) != [1, 1]:
        return dilated(build, operator, value)
    if operator.type == "LpPool" and attributes.get("p", 2) != 2:
        raise TranslationError("Arm NN has no norm but L2 for pooling")
    first = 2 if build.graph.layout == "NCHW" else 1
    before, after = value.shape[first : first + 2], tuple(output.shape[first : first + 2])
    rests = [before[i] + pads[i] + pads[i + 2] - kernel[i] for i in range(2)]
    floor = tuple(rest // stride + 1 for rest, stride in zip(rests, strides))
    ceiling = tuple(-(-rest // stride) + 1 for rest, stride in zip(rests, strides))
    if after not in (floor, ceiling):
        raise TranslationError("a pooled map of {} where Arm NN makes {} or {}".format(after, floor, ceiling))
    ann, descriptor = build.ann, build.ann.Pooling2dDescriptor()
    descriptor.m_PoolType = getattr(ann, "PoolingAlgorithm_" + KINDS[operator.type])
    descriptor.m_PoolHeight, descriptor.m_PoolWidth = kernel
    descriptor.m_StrideY, descriptor.m_StrideX = strides
    descriptor.m_PadTop, descriptor.m_PadLeft, descriptor.m_PadBottom, descriptor.m_PadRight = pads
    counted = operator.type == "AveragePool" and attributes.get("count_include_pad", False)
    descriptor.m_PaddingMethod = ann.PaddingMethod_IgnoreValue if counted else ann.PaddingMethod_Exclude
    descriptor.m_OutputShapeRounding = (
        ann.OutputShapeRounding_Floor if after == floor else ann.OutputShapeRounding_Ceiling
    )
    descriptor.m_DataLayout = build.layout
    return build.add(build.network.AddPooling2dLayer(descriptor, build.name), inputs, output)


def dilated(build: Builder, operator: Operator, value: Value) -> Value:
    """A dilated MaxPool, which Arm NN has not: the largest of strided slices, one axis after the other."""
    output, attributes = build.graph.tensors[operator.outputs[0]], operator.attributes
    if operator.type != "MaxPool" or not value.floating:
        raise TranslationError("dilated pooling of other than the largest real number")
    first = 2 if build.graph.layout == "NCHW" else 1
    top, left, bottom, right = attributes["pads"]
    if any(attributes["pads"]):
        margins = [0] * 8
        margins[first], margins[first + 1], margins[first + 4], margins[first + 5] = top, left, bottom, right
        value = plain(build, value, margins, -LARGEST)
    for place in range(2):
        axis, step, spread = first + place, attributes["strides"][place], attributes["dilations"][place]
        count = int(output.shape[axis])
        parts = []
        for tap in range(attributes["kernel"][place]):
            start = tap * spread
            parts.append(strided(build, value, {axis: (start, start + (count - 1) * step + 1, step)}))
        value = parts[0]
        for part in parts[1:]:
            value = build.binary("Maximum", value, part)
    return value


TRANSLATIONS = dict.fromkeys(KINDS, pool)
