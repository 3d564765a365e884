"""Where a window goes over a map: padding SAME and VALID made explicit, as TFLite's kernels compute it.

Source: ComputePaddingHeightWidth in tensorflow/lite/kernels/padding.h.
"""

import tflite

from ..node import Node
from ..records import Shape

Pair = tuple[int, int]


def strides(node: Node) -> Pair:
    """Strides [h, w]. Raises ModelError when they are not positive."""
    return positive(node, (node.option("StrideH"), node.option("StrideW")), "strides")


def dilations(node: Node) -> Pair:
    """Dilations [h, w]. Raises ModelError when they are not positive."""
    return positive(node, (node.option("DilationHFactor", 1), node.option("DilationWFactor", 1)), "dilations")


def positive(node: Node, pair: Pair, what: str) -> Pair:
    """The pair itself. Raises ModelError when one is not positive."""
    if min(pair) <= 0:
        raise node.fail(f"has the impossible {what} {pair[0]}x{pair[1]}")
    return pair


def slide(node: Node, sizes: Shape, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> tuple[Pair, list[int]]:
    """Output size [h, w] and pads [top, left, bottom, right]. Raises ModelError when nothing would come out."""
    out, begin, end = [], [], []
    same = _same(node)
    for size, window, step, spread in zip(sizes, kernel, stride, dilation, strict=True):
        reach = (window - 1) * spread + 1
        count = -(-size // step) if same else (size - reach) // step + 1
        total = max(0, (count - 1) * step + reach - size) if same else 0
        if count <= 0:
            raise node.fail(f"slides a window of {kernel[0]}x{kernel[1]} over a map of {sizes[0]}x{sizes[1]}")
        out.append(count)
        begin.append(total // 2)
        end.append(total - total // 2)
    return (out[0], out[1]), [*begin, *end]


def spread(node: Node, sizes: Shape, made: Shape, kernel: Pair, stride: Pair) -> tuple[list[int], list[int]]:
    """Pads and output padding of a transposed convolution that makes maps of size `made` from `sizes`.

    Raises ModelError when the strides cannot lead from one to the other.
    """
    begin, end, extra = [], [], []
    same = _same(node)
    for size, out, window, step in zip(sizes, made, kernel, stride, strict=True):
        expected = -(-out // step) if same else (out - window) // step + 1
        if expected != size:
            raise node.fail(f"makes maps of {made[0]}x{made[1]} from maps of {sizes[0]}x{sizes[1]}, which cannot be")
        full = (size - 1) * step + window
        total = max(0, full - out)
        begin.append(total // 2)
        end.append(total - total // 2)
        extra.append(out - (full - total))
    return [*begin, *end], extra


def _same(node: Node) -> bool:
    kind = node.option("Padding")
    if kind not in (tflite.Padding.SAME, tflite.Padding.VALID):
        raise node.fail(f"has the unknown padding {kind}")
    return bool(kind == tflite.Padding.SAME)
