"""Pooling over the two axes of a map."""

from typing import List

from ..building import Builder, TranslationError, Value
from ..graph import Operator

KINDS = {"MaxPool": "Max", "AveragePool": "Average", "LpPool": "L2"}


def pool(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """MaxPool, AveragePool, LpPool (p = 2); the rounding is the one that gives the output its known shape."""
    value, output, attributes = inputs[0], build.graph.tensors[operator.outputs[0]], operator.attributes
    kernel, strides, pads = attributes["kernel"], attributes["strides"], attributes["pads"]
    if len(kernel) != 2 or len(value.shape) != 4:
        raise TranslationError("Arm NN pools over two axes only")
    if list(attributes.get("dilations") or [1, 1]) != [1, 1]:
        raise TranslationError("Arm NN pools without dilation only")
    if operator.type == "LpPool" and attributes.get("p", 2) != 2:
        raise TranslationError("Arm NN has no norm but L2 for pooling")
    first = 2 if build.graph.layout == "NCHW" else 1
    before, after = value.shape[first : first + 2], tuple(output.shape[first : first + 2])
    rests = [before[i] + pads[i] + pads[i + 2] - kernel[i] for i in range(2)]
    floor = tuple(rest // stride + 1 for rest, stride in zip(rests, strides))  # noqa: B905
    ceiling = tuple(-(-rest // stride) + 1 for rest, stride in zip(rests, strides))  # noqa: B905
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


TRANSLATIONS = dict.fromkeys(KINDS, pool)
