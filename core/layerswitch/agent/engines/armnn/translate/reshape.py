"""Reshape, transpose, resize, depth and space, quantize."""

from typing import List, Sequence, Tuple

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value

MOST_PERMUTED = 4  # axes the backends permute


def reshape(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Reshape to the output's known shape."""
    return build.reshape(inputs[0], tuple(build.graph.tensors[operator.outputs[0]].shape))


def transpose(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Transpose."""
    return permuted(build, inputs[0], [int(axis) for axis in operator.attributes["permutation"]])


def permuted(build: Builder, value: Value, permutation: Sequence[int]) -> Value:
    """A value with its axes in another order: those that stay together taken as one, those of length 1 left out."""
    (shape, merged), after = merge_axes(value.shape, permutation), tuple(value.shape[axis] for axis in permutation)
    if merged == sorted(merged):
        return build.reshape(value, after)
    if len(merged) > MOST_PERMUTED:
        raise TranslationError("a transposition of {} axes".format(len(merged)))
    mapping = [merged.index(axis) for axis in range(len(merged))]  # Arm NN: source -> destination
    descriptor = build.ann.PermuteDescriptor(build.ann.PermutationVector(tuple(mapping)))
    layer = build.network.AddPermuteLayer(descriptor, build.name)
    found = build.add(layer, [build.reshape(value, shape)], value, tuple(shape[axis] for axis in merged))
    return build.reshape(found, after)


def merge_axes(shape: Sequence[int], permutation: Sequence[int]) -> Tuple[Tuple[int, ...], List[int]]:
    """The same transposition of fewer axes: (shape, permutation)."""
    runs: List[List[int]] = []
    for axis in permutation:
        if shape[axis] == 1:
            continue
        if runs and all(shape[between] == 1 for between in range(runs[-1][-1] + 1, axis)) and axis > runs[-1][-1]:
            runs[-1].append(axis)
        else:
            runs.append([axis])
    ordered = sorted(runs)
    lengths = []
    for run in ordered:
        length = 1
        for axis in run:
            length *= shape[axis]
        lengths.append(length)
    return tuple(lengths), [ordered.index(run) for run in runs]


def resize(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Resize of a map, nearest or linear."""
    value, output, attributes = inputs[0], build.graph.tensors[operator.outputs[0]], operator.attributes
    mode, coordinates = attributes["mode"], attributes.get("coordinates", "half_pixel")
    if mode not in ("nearest", "linear") or len(value.shape) != 4:
        raise TranslationError("resizing that is {} in {} axes".format(mode, len(value.shape)))
    first, channels = (2, 1) if build.graph.layout == "NCHW" else (1, 3)
    if value.shape[0] != output.shape[0] or value.shape[channels] != output.shape[channels]:
        raise TranslationError("resizing of batch or channels")
    if coordinates not in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
        raise TranslationError("resizing by coordinates {!r}".format(coordinates))
    descriptor = build.ann.ResizeDescriptor()
    descriptor.m_TargetHeight, descriptor.m_TargetWidth = output.shape[first : first + 2]
    name = "NearestNeighbor" if mode == "nearest" else "Bilinear"
    descriptor.m_Method = getattr(build.ann, "ResizeMethod_" + name)
    descriptor.m_AlignCorners = coordinates == "align_corners"
    whole = all(after % before == 0 for before, after in zip(value.shape, output.shape))
    if mode == "nearest" and not whole and attributes.get("rounding", "floor") != "floor":
        raise TranslationError("resizing to the nearest, rounded by {}".format(attributes["rounding"]))
    # growing by a whole number, every rule but align_corners picks the same neighbour as the plain one
    plain = mode == "nearest" and whole and attributes.get("rounding", "floor") != "ceil"
    descriptor.m_HalfPixelCenters = "half_pixel" in coordinates and not plain
    descriptor.m_DataLayout = build.layout
    return build.add(build.network.AddResizeLayer(descriptor, build.name), inputs, output)


def depth_space(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """DepthToSpace and SpaceToDepth; in the order CRD the channels are put in the order DCR first, or back at last."""
    value, output, crd = inputs[0], build.graph.tensors[operator.outputs[0]], operator.attributes.get("mode") == "CRD"
    area, axis = int(operator.attributes["block"]) ** 2, build.channel_axis
    if crd and operator.type == "DepthToSpace":
        value = _shuffled(build, value, axis, value.shape[axis] // area)
    descriptor = getattr(build.ann, operator.type + "Descriptor")()
    descriptor.m_BlockSize = int(operator.attributes["block"])
    descriptor.m_DataLayout = build.layout
    layer = getattr(build.network, "Add{}Layer".format(operator.type))(descriptor, build.name)
    found = build.add(layer, [value], output)
    return _shuffled(build, found, axis, area) if crd and operator.type == "SpaceToDepth" else found


def _shuffled(build: Builder, value: Value, axis: int, groups: int) -> Value:
    """Channels counted group by group -> counted by their place in the group."""
    channels = value.shape[axis]
    apart = (*value.shape[:axis], groups, channels // groups, *value.shape[axis + 1 :])
    order = [*range(axis), axis + 1, axis, *range(axis + 2, len(apart))]
    return build.reshape(permuted(build, build.reshape(value, apart), order), value.shape)


def quantize(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Quantize and Dequantize; the tensors say how."""
    layer = getattr(build.network, "Add{}Layer".format(operator.type))(build.name)
    return build.add(layer, inputs, build.graph.tensors[operator.outputs[0]])


TRANSLATIONS = {
    "Reshape": reshape,
    "Transpose": transpose,
    "Resize": resize,
    "DepthToSpace": depth_space,
    "SpaceToDepth": depth_space,
    "Quantize": quantize,
    "Dequantize": quantize,
}
