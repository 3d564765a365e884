"""The kernels a convolution or matrix product becomes, as the Arm Compute Library chooses them.

Winograd for 3x3 (and 1x3 ... 7x1) at stride 1 with at least 16 input channels, otherwise im2col and a matrix product;
1x1 needs no im2col; a fully connected layer is a matrix-vector product bound by reading its weights; depthwise has a
kernel of its own. Sources: Arm Compute Library 20.05, NEConvolutionLayer and CLConvolutionLayer
(get_convolution_method), NEWinogradConvolutionLayer, a64_sgemm_12x8.
"""

import math
from typing import Any, Dict, List, Optional, Tuple

from ...operator_shapes import Map, pair
from .kernel_work import Library, Work

Pair = Tuple[int, int]

TILES = {"cpu": (8, 12), "gpu": (4, 4)}  # rows and columns of the product that one kernel step computes


def padded(size: float, tile: int) -> int:
    """`size` rounded up to whole tiles."""
    return math.ceil(size / tile) * tile


def product(name: str, library: Library, rows: int, depth: int, columns: int, item: float, batches: int = 1) -> Work:
    """A matrix product [rows, depth] x [depth, columns], `batches` times, the right side constant."""
    tall, wide = TILES[library.kind]
    units = float(batches) * padded(rows, tall) * padded(columns, wide) * depth
    stream = batches * (rows * depth + rows * columns) * item
    return Work(
        name, "gemm", units, stream, batches * depth * columns * item, depth, columns, padded(rows, tall) // tall
    )


def winograd_tile(kernel: List[int], strides: List[int], dilations: List[int]) -> Optional[Tuple[Pair, Pair]]:
    """(output tile, input tile) as (height, width) pairs where Winograd applies, else None."""
    if strides != [1, 1] or dilations != [1, 1]:
        return None
    if kernel == [3, 3]:
        return (4, 4), (6, 6)
    lines = {3: (4, 6), 5: (4, 8), 7: (2, 8)}
    if kernel[0] == 1 and kernel[1] in lines:
        out, size = lines[kernel[1]]
        return (1, out), (1, size)
    if kernel[1] == 1 and kernel[0] in lines:
        out, size = lines[kernel[0]]
        return (out, 1), (size, 1)
    return None


def convolution(attributes: Dict[str, Any], source: Map, target: Map, library: Library) -> List[Work]:
    """Kernels of a convolution from `source` to `target`, groups one after the other as the library runs them."""
    kernel, strides = pair(attributes, "kernel", 1), pair(attributes, "strides", 1)
    dilations, group = pair(attributes, "dilations", 1), max(1, int(attributes.get("group") or 1))
    if group > 1 and group == source.channels:
        return depthwise(attributes, source, target)
    if group > 1:
        part = source._replace(channels=max(1, source.channels // group))
        piece = target._replace(channels=max(1, target.channels // group))
        works = convolution(dict(attributes, group=1), part, piece, library) * group
        return [*works, Work("concat", "copy", target.elements, 2 * target.bytes)]
    if target.pixels == 1:  # a convolution over the whole map is a fully connected layer
        window = source._replace(height=min(source.height, kernel[0]), width=min(source.width, kernel[1]))
        return fully_connected(window, target, library, 1)
    tile = winograd_tile(kernel, strides, dilations)
    low, high = library.winograd_channels
    if tile and low <= source.channels <= high:
        (out_h, out_w), (in_h, in_w) = tile
        tiles = target.batch * math.ceil(target.height / out_h) * math.ceil(target.width / out_w)
        points = in_h * in_w
        before, after = points * tiles * source.channels * source.item, points * tiles * target.channels * source.item
        return [
            Work("winograd input transform", "transform", before / source.item, source.bytes + before),
            product("winograd gemm", library, tiles, source.channels, target.channels, source.item, points)._replace(
                family="winograd"
            ),
            Work("winograd output transform", "transform", after / source.item, after + target.bytes),
        ]
    depth = source.channels * kernel[0] * kernel[1]
    works = []
    if kernel != [1, 1] or strides != [1, 1]:
        columns = target.pixels * depth
        works.append(Work("im2col", "im2col", columns, source.bytes + columns * source.item))
    works.append(product("gemm", library, target.pixels, depth, target.channels, source.item))
    return works


def depthwise(attributes: Dict[str, Any], source: Map, target: Map) -> List[Work]:
    """The depthwise kernel: one pass over the map, every tap a multiply-accumulate."""
    kernel = pair(attributes, "kernel", 3)
    units = float(target.elements) * kernel[0] * kernel[1]
    weights = target.channels * kernel[0] * kernel[1] * source.item
    return [Work("depthwise", "depthwise", units, source.bytes + target.bytes, weights)]


def transposed(attributes: Dict[str, Any], source: Map, target: Map, library: Library) -> List[Work]:
    """A transposed convolution as the library runs it: spread the input out, then convolve at stride 1."""
    spread = target._replace(channels=source.channels)
    dense = dict(attributes, strides=[1, 1])
    return [
        Work("upsample", "copy", spread.elements, source.bytes + spread.bytes),
        *convolution(dense, spread, target, library),
    ]


def fully_connected(source: Map, target: Map, library: Library, rows: int) -> List[Work]:
    """A fully connected layer: a matrix-vector product for one row, a matrix product for more."""
    depth = max(1, source.elements // max(1, rows))
    columns = max(1, target.elements // max(1, rows))
    if rows == 1:
        size = float(depth) * columns
        return [Work("gemv", "gemv", size, source.bytes + target.bytes, size * source.item, columns=columns)]
    return [product("gemm", library, rows, depth, columns, source.item)]
