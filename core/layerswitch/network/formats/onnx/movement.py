"""Operators that move numbers about: concat, split, slice, pad, reshape, transpose, reduce, resize, gather."""

from typing import Any

from ...graph import Operator
from .node import Node
from .operator_builder import Table, Translator, activations_only, operator, own, unknown
from .partial_network import Network
from .stored_tensors import NAMES


def concat(network: Network, node: Node) -> list[Operator]:
    """Concat; a constant among the inputs is named by its place."""
    axis = node.attributes["axis"] % len(network.shape(node.outputs[0]))
    moving = [name for name in node.inputs if not network.constant(name)]
    held = {f"input{place}": name for place, name in enumerate(node.inputs) if network.constant(name)}
    return [operator(network, node, "Concat", moving, attributes={"axis": axis}, constants=held)]


def split(network: Network, node: Node) -> list[Operator]:
    """Split; every part is an output, also one that nobody reads."""
    [x] = activations_only(network, node)
    axis = node.attributes.get("axis", 0) % len(network.shape(x))
    if not all(node.outputs):
        raise LookupError(node.type)
    sizes = [network.shape(name)[axis] for name in node.outputs]
    attributes = {"axis": axis, "sizes": sizes}
    return [operator(network, node, "Split", [x], outputs=node.outputs, attributes=attributes)]


def crop(network: Network, node: Node) -> list[Operator]:
    """Slice; starts and ends are counted from 0 and cut to the tensor (an end of -1 - size goes down to the start)."""
    [x] = activations_only(network, node)
    shape = network.shape(x)
    starts, ends = network.argument(node, "starts", 1), network.argument(node, "ends", 2)
    axes = network.argument(node, "axes", 3)
    axes = [axis % len(shape) for axis in (range(len(starts)) if axes is None else axes)]
    steps = network.argument(node, "steps", 4) or [1] * len(starts)
    made: dict[str, list[int]] = {"starts": [], "ends": [], "axes": axes, "steps": list(steps)}
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        first, last, _ = slice(start, end, step).indices(shape[axis])
        made["starts"].append(first)
        made["ends"].append(last if last >= 0 else -1 - shape[axis])
    return [operator(network, node, "Slice", [x], attributes=made)]


def pad(network: Network, node: Node) -> list[Operator]:
    """Pad; the amounts are given for every axis."""
    [x] = activations_only(network, node)
    rank = len(network.shape(x))
    amounts, axes = network.argument(node, "pads", 1), network.argument(node, "axes", 3)
    axes = range(rank) if axes is None else [axis % rank for axis in axes]
    pads = [0] * (2 * rank)
    for place, axis in enumerate(axes):
        pads[axis], pads[axis + rank] = amounts[place], amounts[place + len(axes)]
    value = network.argument(node, "value", 2)
    value = value[0] if isinstance(value, list) else value
    attributes = {"pads": pads, "mode": node.attributes.get("mode", "constant"), "value": float(value or 0)}
    return [operator(network, node, "Pad", [x], attributes=attributes)]


def reshape(network: Network, node: Node) -> list[Operator]:
    """Reshape, Flatten, Squeeze, Unsqueeze: all say the shape that comes out."""
    shape = list(network.shape(node.outputs[0]))
    return [operator(network, node, "Reshape", activations_only(network, node), attributes={"shape": shape})]


def expand(network: Network, node: Node) -> list[Operator]:
    """Expand to a shape."""
    shape = list(network.shape(node.outputs[0]))
    return [operator(network, node, "Expand", activations_only(network, node), attributes={"shape": shape})]


def tile(network: Network, node: Node) -> list[Operator]:
    """Tile: how often each axis is repeated."""
    [x] = activations_only(network, node)
    repeats = [after // before for before, after in zip(network.shape(x), network.shape(node.outputs[0]), strict=True)]
    return [operator(network, node, "Tile", [x], attributes={"repeats": repeats})]


def transpose(network: Network, node: Node) -> list[Operator]:
    """Transpose; the default turns the axes round."""
    [x] = activations_only(network, node)
    permutation = list(node.attributes.get("perm") or range(len(network.shape(x)))[::-1])
    return [operator(network, node, "Transpose", [x], attributes={"permutation": permutation})]


def reduce(kind: str) -> Translator:
    """The translation of the reductions."""

    def translate(network: Network, node: Node) -> list[Operator]:
        [x] = activations_only(network, node)
        rank = len(network.shape(x))
        axes = network.argument(node, "axes", 1)
        if not axes and node.attributes.get("noop_with_empty_axes"):
            return unknown(network, node)
        chosen = sorted(axis % rank for axis in axes) if axes else list(range(rank))
        attributes = {"axes": chosen, "keep_dims": bool(node.attributes.get("keepdims", 1))}
        return [operator(network, node, kind, [x], attributes=attributes)]

    return translate


def arg_max(network: Network, node: Node) -> list[Operator]:
    """ArgMax, the first of equals."""
    [x] = activations_only(network, node)
    if node.attributes.get("select_last_index"):
        return unknown(network, node)
    axis = node.attributes.get("axis", 0) % len(network.shape(x))
    attributes = {"axis": axis, "keep_dims": bool(node.attributes.get("keepdims", 1))}
    return [operator(network, node, "ArgMax", [x], attributes=attributes)]


def resize(network: Network, node: Node) -> list[Operator]:
    """Resize and its forerunner Upsample; scales for every axis, those of the shapes when the file gives sizes."""
    [x] = activations_only(network, node)
    before, after = network.shape(x), network.shape(node.outputs[0])
    old = node.type == "Upsample" or node.opset < 11
    scales: Any = None
    if node.type == "Upsample" or old:
        scales = network.argument(node, "scales", 1)
    elif node.input(2):
        scales = network.argument(node, "scales", 2)
    if not scales or len(scales) != len(before):
        scales = [new / size for new, size in zip(after, before, strict=True)]
    attributes: dict[str, Any] = {
        "mode": node.attributes.get("mode", "nearest").replace("bilinear", "linear"),
        "coordinates": "asymmetric" if old else node.attributes.get("coordinate_transformation_mode", "half_pixel"),
        "scales": [float(scale) for scale in scales],
    }
    if attributes["mode"] == "nearest":
        attributes["rounding"] = "floor" if old else node.attributes.get("nearest_mode", "round_prefer_floor")
    if attributes["mode"] == "cubic":
        attributes["cubic_a"] = float(node.attributes.get("cubic_coeff_a", -0.75))
    special = ("antialias", "exclude_outside")
    if attributes["coordinates"] == "tf_crop_and_resize" or any(node.attributes.get(name) for name in special):
        return unknown(network, node)
    return [operator(network, node, "Resize", [x], attributes=attributes)]


def shuffle(kind: str) -> Translator:
    """The translation of DepthToSpace and SpaceToDepth."""

    def translate(network: Network, node: Node) -> list[Operator]:
        attributes = {"block": node.attributes["blocksize"], "mode": node.attributes.get("mode", "DCR")}
        return [operator(network, node, kind, activations_only(network, node), attributes=attributes)]

    return translate


def gather(network: Network, node: Node) -> list[Operator]:
    """Gather; constant indices are a constant, and so is the table of an embedding (`input0`)."""
    data, indices = node.inputs
    axis = node.attributes.get("axis", 0) % len(network.shape(data))
    held = {role: name for role, name in (("input0", data), ("indices", indices)) if network.constant(name)}
    moving = [name for name in node.inputs if not network.constant(name)]
    attributes = {"axis": axis}
    return [operator(network, node, "Gather", moving, attributes=attributes, constants=held, learned=("input0",))]


def cast(network: Network, node: Node) -> list[Operator]:
    """Cast to another element type."""
    attributes = {"to": NAMES[node.attributes["to"]]}
    return [operator(network, node, "Cast", activations_only(network, node), attributes=attributes)]


TABLE: Table = own(
    Concat=concat,
    Split=split,
    Slice=crop,
    Pad=pad,
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), reshape),
    Expand=expand,
    Tile=tile,
    Transpose=transpose,
    **{name: reduce(name) for name in ("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd")},
    ArgMax=arg_max,
    **dict.fromkeys(("Resize", "Upsample"), resize),
    DepthToSpace=shuffle("DepthToSpace"),
    SpaceToDepth=shuffle("SpaceToDepth"),
    Gather=gather,
    Cast=cast,
)
