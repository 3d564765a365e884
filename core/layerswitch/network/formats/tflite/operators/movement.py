"""Operators that move numbers without computing: joining, cutting, padding, reshaping, resizing."""

import math
from collections.abc import Callable

import numpy as np

from ..node import Node, Operand, Step, text
from ..records import Shape


def concatenation(node: Node) -> list[Step]:
    """CONCATENATION."""
    parts = tuple(node.input(place) for place in range(len(node.inputs)))
    axis = node.axis(node.option("Axis"), len(node.input(0).shape))
    return node.simple("Concat", parts, joined(node, [part.shape for part in parts], axis), {"axis": axis})


def joined(node: Node, shapes: list[Shape], axis: int) -> Shape:
    """The shape of the parts put together. Raises ModelError when they do not fit."""
    first = shapes[0]
    if len({(shape[:axis], shape[axis + 1 :], len(shape)) for shape in shapes}) > 1:
        raise node.fail(f"joins {' and '.join(map(text, shapes[:4]))} along axis {axis}, which do not fit")
    return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])


def pack(node: Node) -> list[Step]:
    """PACK: each part gets a new axis, then they are joined along it."""
    parts = [node.input(place) for place in range(len(node.inputs))]
    rank = len(node.input(0).shape)
    axis = node.axis(node.option("Axis"), rank + 1)
    if any(part.shape != parts[0].shape for part in parts):
        raise node.fail("packs tensors of different shapes")
    shape = (*parts[0].shape[:axis], 1, *parts[0].shape[axis:])
    if len(parts) == 1:
        return [_reshape(node, parts[0], shape)]
    steps, expanded = [], []
    for place, part in enumerate(parts):
        made = node.between(part.tensor, shape, f"expanded{place}")
        steps.append(Step("Reshape", (part,), (made,), {"shape": list(shape)}, suffix=f"/expand{place}"))
        expanded.append(Operand(made))
    output = node.output(joined(node, [shape] * len(parts), axis))
    return [*steps, Step("Concat", tuple(expanded), (output,), {"axis": axis})]


def unpack(node: Node) -> list[Step]:
    """UNPACK: split along the axis, then each part loses it."""
    data = node.input(0)
    axis = node.axis(node.option("Axis"), len(data.shape))
    count = len(node.outputs)
    if data.shape[axis] != count:
        raise node.fail(f"unpacks {data.shape[axis]} parts into {count} outputs")
    shape = data.shape[:axis] + data.shape[axis + 1 :]
    if count == 1:
        return [_reshape(node, data, shape)]
    wide = (*data.shape[:axis], 1, *data.shape[axis + 1 :])
    parts = tuple(node.between(data.tensor, wide, f"part{place}") for place in range(count))
    steps = [Step("Split", (data,), parts, {"axis": axis, "sizes": [1] * count})]
    for place, part in enumerate(parts):
        made = (node.output(shape, place),)
        steps.append(Step("Reshape", (Operand(part),), made, {"shape": list(shape)}, suffix=f"/squeeze{place}"))
    return steps


def split(node: Node) -> list[Step]:
    """SPLIT (axis, data) and SPLIT_V (data, sizes, axis)."""
    count = len(node.outputs)
    if node.file.code == "SPLIT":
        data = node.input(1)
        axis = node.axis(node.number(0), len(data.shape))
        if not count or data.shape[axis] % count:
            raise node.fail(f"splits {data.shape[axis]} into {count} equal parts")
        sizes = [data.shape[axis] // count] * count
    else:
        data = node.input(0)
        axis = node.axis(node.number(2), len(data.shape))
        sizes = list(node.numbers(1))
        if sizes.count(-1) == 1:
            sizes[sizes.index(-1)] = data.shape[axis] - sum(sizes) - 1
        if len(sizes) != count or min(sizes, default=-1) < 0 or sum(sizes) != data.shape[axis]:
            raise node.fail(f"splits {data.shape[axis]} into parts that do not add up")
    shapes = [(*data.shape[:axis], size, *data.shape[axis + 1 :]) for size in sizes]
    outputs = tuple(node.output(shape, place) for place, shape in enumerate(shapes))
    return [Step("Split", (data,), outputs, {"axis": axis, "sizes": sizes})]


def pad(node: Node) -> list[Step]:
    """PAD, PADV2 and MIRROR_PAD; the value is a real number, whatever the tensors' quantization."""
    data = node.input(0)
    rank = len(data.shape)
    amounts = node.numbers(1)
    if len(amounts) != 2 * rank or min(amounts, default=0) < 0:
        raise node.fail(f"has impossible paddings for {rank} axes")
    begin, end = amounts[::2], amounts[1::2]
    shape = tuple(size + before + after for size, before, after in zip(data.shape, begin, end, strict=True))
    mode, value = "constant", 0.0
    if node.file.code == "MIRROR_PAD":
        mode = "symmetric" if node.option("Mode") else "reflect"
        room = [size - (mode == "reflect") for size in data.shape]
        if any(amount > space for amount, space in zip((*begin, *end), room * 2, strict=True)):
            raise node.fail("mirrors more than there is")
    elif node.file.code == "PADV2":
        value = _scalar(node, node.constant(2))
    return node.simple("Pad", (data,), shape, {"pads": [*begin, *end], "mode": mode, "value": value})


def _scalar(node: Node, operand: Operand) -> float:
    if operand.value is None or operand.value.size != 1 or operand.value.dtype.kind not in "iuf":
        raise node.fail("pads with something that is no number")
    number = float(operand.value.reshape(-1)[0])
    if not math.isfinite(number):
        number = math.copysign(float(np.finfo(np.float32).max), number)  # infinity has no place in JSON
    found = operand.tensor.quantization
    return number if found is None else found.scale[0] * (number - found.zero_point[0])


def reshape(node: Node) -> list[Step]:
    """RESHAPE; the shape is a constant input or an option, with one -1 at most."""
    data = node.input(0)
    if node.has(1):
        wanted = node.numbers(1)
    elif "NewShape" in node.file.options:
        wanted = tuple(node.option("NewShape"))
        wanted = () if wanted == (0,) else wanted  # how old files write a single number
    else:
        raise node.fail("says no shape")
    fixed = math.prod(size for size in wanted if size != -1)
    if wanted.count(-1) > 1 or any(size < -1 for size in wanted):
        raise node.fail(f"has the impossible shape {text(wanted)}")
    if -1 in wanted and fixed:
        wanted = tuple(data.tensor.elements // fixed if size == -1 else size for size in wanted)
    if math.prod(wanted) != data.tensor.elements or -1 in wanted:
        raise node.fail(f"makes {text(wanted)} from {text(data.shape)}, which has another number of elements")
    return [_reshape(node, data, wanted)]


def squeeze(node: Node) -> list[Step]:
    """SQUEEZE; no axes means every axis of 1."""
    data = node.input(0)
    rank = len(data.shape)
    axes = {node.axis(axis, rank) for axis in node.option("SqueezeDims", ())}
    axes = axes or {axis for axis, size in enumerate(data.shape) if size == 1}
    if any(data.shape[axis] != 1 for axis in axes):
        raise node.fail(f"squeezes axes of {text(data.shape)} that are not 1")
    return [_reshape(node, data, tuple(size for axis, size in enumerate(data.shape) if axis not in axes))]


def expand_dims(node: Node) -> list[Step]:
    """EXPAND_DIMS."""
    data = node.input(0)
    axis = node.axis(node.number(1), len(data.shape) + 1)
    return [_reshape(node, data, (*data.shape[:axis], 1, *data.shape[axis:]))]


def _reshape(node: Node, data: Operand, shape: Shape) -> Step:
    return Step("Reshape", (data,), (node.output(shape),), {"shape": list(shape)})


def transpose(node: Node) -> list[Step]:
    """TRANSPOSE."""
    data, order = node.input(0), node.numbers(1)
    rank = len(data.shape)
    if sorted(order) != list(range(rank)):
        raise node.fail(f"orders {rank} axes as {list(order)}")
    shape = tuple(data.shape[axis] for axis in order)
    return node.simple("Transpose", (data,), shape, {"permutation": list(order)})


def resize(node: Node) -> list[Step]:
    """RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR to a constant size [h, w]."""
    data, size = node.input(0, 4), node.numbers(1)
    batch, height, width, channels = data.shape
    if len(size) != 2 or min(size) <= 0 or min(height, width) <= 0:
        raise node.fail(f"resizes {text(data.shape)} to {text(size)}")
    nearest = node.file.code == "RESIZE_NEAREST_NEIGHBOR"
    coordinates = "asymmetric"
    if node.option("AlignCorners", False):
        coordinates = "align_corners"
    elif node.option("HalfPixelCenters", False):
        # nearest rounds down from pixel centres, as ONNX names it
        coordinates = "tf_half_pixel_for_nn" if nearest else "half_pixel"
    attributes = {
        "mode": "nearest" if nearest else "linear",
        "coordinates": coordinates,
        "scales": [size[0] / height, size[1] / width],
    }
    return node.simple("Resize", (data,), (batch, *size, channels), attributes)


def shuffle(node: Node) -> list[Step]:
    """DEPTH_TO_SPACE and SPACE_TO_DEPTH; TensorFlow's order is ONNX's DCR."""
    data, block = node.input(0, 4), node.option("BlockSize")
    batch, height, width, channels = data.shape
    deep = node.file.code == "DEPTH_TO_SPACE"
    if block <= 0 or (channels % block**2 if deep else height % block or width % block):
        raise node.fail(f"shuffles {text(data.shape)} in blocks of {block}")
    shape = (
        (batch, height * block, width * block, channels // block**2)
        if deep
        else (batch, height // block, width // block, channels * block**2)
    )
    kind = "DepthToSpace" if deep else "SpaceToDepth"
    return node.simple(kind, (data,), shape, {"block": block, "mode": "DCR"})


def gather(node: Node) -> list[Step]:
    """GATHER along one axis; indices may be constant."""
    data, indices = node.input(0), node.input(1)
    if indices.tensor.dtype not in ("int16", "int32", "int64"):
        raise node.fail(f"takes {indices.tensor.dtype} for indices")
    axis, shared = node.axis(node.option("Axis"), len(data.shape)), node.option("BatchDims")
    if not 0 <= shared <= min(axis, len(indices.shape)) or data.shape[:shared] != indices.shape[:shared]:
        raise node.fail(f"gathers {text(indices.shape)} from {text(data.shape)} with {shared} batch axes")
    shape = data.shape[:axis] + indices.shape[shared:] + data.shape[axis + 1 :]
    attributes = {"axis": axis} | ({"batch_dims": shared} if shared else {})
    step = Step("Gather", (data, indices), (node.output(shape),), attributes)
    if indices.constant and not data.constant:
        step = Step("Gather", (data,), step.outputs, attributes, {"indices": indices})
    return [step]


def tile(node: Node) -> list[Step]:
    """TILE."""
    data, repeats = node.input(0), node.numbers(1)
    if len(repeats) != len(data.shape) or min(repeats, default=0) < 0:
        raise node.fail(f"repeats {text(data.shape)} by {list(repeats)}")
    shape = tuple(size * times for size, times in zip(data.shape, repeats, strict=True))
    return node.simple("Tile", (data,), shape, {"repeats": list(repeats)})


def broadcast_to(node: Node) -> list[Step]:
    """BROADCAST_TO."""
    data, shape = node.input(0), node.numbers(1)
    pairs = zip(data.shape[::-1], shape[::-1], strict=False)
    if len(shape) < len(data.shape) or any(size not in (1, wanted) for size, wanted in pairs):
        raise node.fail(f"repeats {text(data.shape)} to {text(shape)}")
    return node.simple("Expand", (data,), shape, {"shape": list(shape)})


MOVEMENT: dict[str, Callable[[Node], list[Step]]] = {
    "CONCATENATION": concatenation,
    "PACK": pack,
    "UNPACK": unpack,
    "SPLIT": split,
    "SPLIT_V": split,
    "PAD": pad,
    "PADV2": pad,
    "MIRROR_PAD": pad,
    "RESHAPE": reshape,
    "SQUEEZE": squeeze,
    "EXPAND_DIMS": expand_dims,
    "TRANSPOSE": transpose,
    "RESIZE_BILINEAR": resize,
    "RESIZE_NEAREST_NEIGHBOR": resize,
    "DEPTH_TO_SPACE": shuffle,
    "SPACE_TO_DEPTH": shuffle,
    "GATHER": gather,
    "TILE": tile,
    "BROADCAST_TO": broadcast_to,
}
