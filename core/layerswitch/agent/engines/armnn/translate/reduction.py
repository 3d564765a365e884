"""Reductions over axes, and ArgMax."""

from typing import List, Sequence

import numpy as np

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value

REDUCTIONS = {
    "ReduceMean": "Mean",
    "ReduceSum": "Sum",
    "ReduceMax": "Max",
    "ReduceMin": "Min",
    "ReduceProd": "Prod",
}


def mean(build: Builder, value: Value, axes: Sequence[int], keep: bool, like: object = None) -> Value:
    """The mean over some axes."""
    descriptor = build.ann.MeanDescriptor()
    descriptor.m_Axis = [int(axis) for axis in axes]
    descriptor.m_KeepDims = keep
    lengths = [1 if axis in axes else length for axis, length in enumerate(value.shape)]
    shape = tuple(lengths) if keep else tuple(value.shape[axis] for axis in range(len(lengths)) if axis not in axes)
    return build.add(build.network.AddMeanLayer(descriptor, build.name), [value], like or value, shape or (1,))


def reduce(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """ReduceMean, and the others: by Arm NN's own layer (from 21.05 on), by means (sums), by pooling (maxima)."""
    value, output = inputs[0], build.graph.tensors[operator.outputs[0]]
    rank, kind = len(value.shape), REDUCTIONS[operator.type]
    axes = sorted(int(axis) % rank for axis in operator.attributes.get("axes") or range(rank))
    if kind == "Mean":
        return build.reshape(mean(build, value, axes, True, output), tuple(output.shape))
    lengths = tuple(1 if axis in axes else length for axis, length in enumerate(value.shape))
    if hasattr(build.network, "AddReduceLayer"):
        descriptor = build.ann.ReduceDescriptor()
        descriptor.m_vAxis, descriptor.m_KeepDims = axes, True
        descriptor.m_ReduceOperation = getattr(build.ann, "ReduceOperation_" + kind)
        found = build.add(build.network.AddReduceLayer(descriptor, build.name), [value], output, lengths)
    elif kind == "Sum" and value.floating:
        count = int(np.prod([value.shape[axis] for axis in axes]))
        found = build.activation(mean(build, value, axes, True), "Linear", float(count), 0.0)
    elif kind == "Max" and rank == 4 and axes == ([2, 3] if build.graph.layout == "NCHW" else [1, 2]):
        descriptor = build.ann.Pooling2dDescriptor()
        descriptor.m_PoolType = build.ann.PoolingAlgorithm_Max
        descriptor.m_PoolHeight, descriptor.m_PoolWidth = (value.shape[axis] for axis in axes)
        descriptor.m_StrideX = descriptor.m_StrideY = 1
        descriptor.m_DataLayout = build.layout
        found = build.add(build.network.AddPooling2dLayer(descriptor, build.name), [value], output, lengths)
    else:
        raise TranslationError("{} over these axes is not in Arm NN {}".format(operator.type, build.library.release))
    return build.reshape(found, tuple(output.shape))


def arg_max(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """ArgMax."""
    value, output = inputs[0], build.graph.tensors[operator.outputs[0]]
    axis = int(operator.attributes.get("axis", 0)) % len(value.shape)
    descriptor = build.ann.ArgMinMaxDescriptor()
    descriptor.m_Function, descriptor.m_Axis = build.ann.ArgMinMaxFunction_Max, axis
    shape = tuple(length for place, length in enumerate(value.shape) if place != axis) or (1,)
    found = build.add(build.network.AddArgMinMaxLayer(descriptor, build.name), inputs, output, shape)
    return build.reshape(found, tuple(output.shape))


TRANSLATIONS = dict.fromkeys(REDUCTIONS, reduce)
TRANSLATIONS["ArgMax"] = arg_max
