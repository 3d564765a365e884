"""SLICE and STRIDED_SLICE made one: concrete starts, ends and steps on every axis that is cut."""

from collections.abc import Callable

from ..node import Node, Operand, Step, text
from ..records import Shape


def plain(node: Node) -> list[Step]:
    """SLICE: begin and size, -1 meaning to the end."""
    data, begin, size = node.input(0), node.numbers(1), node.numbers(2)
    if not len(begin) == len(size) == len(data.shape):
        raise node.fail(f"cuts {text(data.shape)} with {len(begin)} starts and {len(size)} sizes")
    cuts = []
    for own, start, length in zip(data.shape, begin, size, strict=True):
        stop = own if length == -1 else start + length
        if not 0 <= start <= stop <= own:
            raise node.fail(f"cuts {start} to {stop} out of {own}")
        cuts.append((start, stop, 1))
    return [_step(node, data, cuts)]


def strided(node: Node) -> list[Step]:
    """STRIDED_SLICE with every mask; axes that appear or vanish are a reshape of their own behind the cut."""
    data = node.input(0)
    begin, end, steps = _bounds(node)
    if 0 in steps:
        raise node.fail("cuts with a step of 0")
    spec = _spec(node, len(begin), len(data.shape))
    cuts: list[tuple[int, int, int]] = []
    shape: list[int] = []
    for entry in spec:
        if entry == "new":
            shape.append(1)
            continue
        size = data.shape[len(cuts)]
        start, stop, step = (0, size, 1) if entry is None else _cut(node, int(entry), begin, end, steps, size)
        cuts.append((start, stop, step))
        if entry is None or not _bit(node, "ShrinkAxisMask", int(entry)):
            shape.append(len(range(start, stop, step)))
    kept = tuple(len(range(*cut)) for cut in cuts)
    if kept == tuple(shape):
        return [_step(node, data, cuts)]
    output = node.output(tuple(shape))
    if cuts == [(0, size, 1) for size in data.shape]:
        return [Step("Reshape", (data,), (output,), {"shape": shape})]
    made = node.between(output, kept, "cut")
    return [
        Step("Slice", (data,), (made,), _attributes(data.shape, cuts)),
        Step("Reshape", (Operand(made),), (output,), {"shape": shape}, suffix="/reshape"),
    ]


def _bounds(node: Node) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    begin, end, steps = node.numbers(1), node.numbers(2), node.numbers(3)
    if not len(begin) == len(end) == len(steps):
        raise node.fail("has starts, ends and steps of different length")
    if node.option("Offset", False):  # ends count from the starts
        end = tuple(start + length for start, length in zip(begin, end, strict=True))
    return begin, end, steps


def _bit(node: Node, mask: str, place: int) -> bool:
    return bool(node.option(mask) >> place & 1)


def _spec(node: Node, count: int, rank: int) -> list[int | str | None]:
    """For each axis the place of its bounds, None for a whole axis, "new" for one that appears."""
    new = {place for place in range(count) if _bit(node, "NewAxisMask", place)}
    ellipsis = [place for place in range(count) if _bit(node, "EllipsisMask", place)]
    new -= set(ellipsis)
    missing = rank - (count - len(new) - len(ellipsis))
    if missing < 0 or len(ellipsis) > 1:
        raise node.fail(f"cuts more than the {rank} axes there are")
    spec: list[int | str | None] = []
    for place in range(count):
        if place in ellipsis:
            spec += [None] * missing
        else:
            spec.append("new" if place in new else place)
    return spec if ellipsis else spec + [None] * missing


def _cut(
    node: Node, place: int, begin: tuple[int, ...], end: tuple[int, ...], steps: tuple[int, ...], size: int
) -> tuple[int, int, int]:
    """Start, stop and step as Python's range takes them."""
    if _bit(node, "ShrinkAxisMask", place):
        # unlike TensorFlow, the interpreter lets a masked start win here too
        chosen = 0 if _bit(node, "BeginMask", place) else begin[place]
        start = chosen + size if chosen < 0 else chosen
        if not 0 <= start < size:
            raise node.fail(f"picks number {chosen} of {size}")
        return start, start + 1, 1
    first = None if _bit(node, "BeginMask", place) else begin[place]
    last = None if _bit(node, "EndMask", place) else end[place]
    return slice(first, last, steps[place]).indices(size)


def _step(node: Node, data: Operand, cuts: list[tuple[int, int, int]]) -> Step:
    shape = tuple(len(range(*cut)) for cut in cuts)
    return Step("Slice", (data,), (node.output(shape),), _attributes(data.shape, cuts))


def _attributes(shape: Shape, cuts: list[tuple[int, int, int]]) -> dict[str, list[int]]:
    axes = [axis for axis, cut in enumerate(cuts) if cut != (0, shape[axis], 1)] or list(range(len(cuts)))[:1]
    # backwards past the first element is written as ONNX does: an end before the start counted from the back
    ends = [cuts[axis][1] if cuts[axis][1] >= 0 else -shape[axis] - 1 for axis in axes]
    return {
        "starts": [cuts[axis][0] for axis in axes],
        "ends": ends,
        "axes": axes,
        "steps": [cuts[axis][2] for axis in axes],
    }


SLICES: dict[str, Callable[[Node], list[Step]]] = {"SLICE": plain, "STRIDED_SLICE": strided}
