"""Sparse constants made dense: the format of TFLite's SparsityParameters (tensorflow/lite/schema/schema.fbs).

A tensor of rank d is stored as d + b levels, where b axes are cut into blocks. Each level is dense (every step is
there) or compressed rows (segments say which indices belong to which step of the levels above).
"""

import math

import numpy as np

from ....errors import ModelError
from .records import Array, Shape, Sparsity

SPARSEST = 1000
"""Elements for each stored number, at most: a file that claims more wants memory, not a network."""


def check_sparsity(sparsity: Sparsity, shape: Shape, stored: int) -> None:
    """Raises ModelError when the description, the shape and the number of stored values do not fit each other."""
    segments = sum(axis.segments.size for axis in sparsity.axes if axis.segments is not None)
    if math.prod(shape) > SPARSEST * (stored + segments + 1):
        raise ModelError(f"a sparse constant of shape {'x'.join(map(str, shape))} stores only {stored} values")
    found = _places(sparsity, shape, stored + segments).size
    if found != stored:
        raise ModelError(f"a sparse constant holds {stored} values, but its indices name {found}")


def densify(values: Array, shape: Shape, sparsity: Sparsity) -> Array:
    """The dense tensor, [shape], zero where nothing is stored. `check_sparsity` has passed."""
    dense = np.zeros(math.prod(shape), values.dtype)
    dense[_places(sparsity, shape, math.prod(shape))] = values
    return dense.reshape(shape)


def _places(sparsity: Sparsity, shape: Shape, limit: int) -> Array:
    """Where in the flat dense tensor each stored value goes, in stored order; never more than `limit` of them."""
    sizes, strides = _levels(sparsity, shape)
    places = np.zeros(1, np.int64)
    for axis, size, stride in zip(sparsity.axes, sizes, strides, strict=True):
        if axis.indices is None or axis.segments is None:
            if axis.size != size or places.size * size > limit:
                raise ModelError("a sparse constant's description contradicts its shape")
            places = (places[:, None] + np.arange(size) * stride).reshape(-1)
        else:
            places = _compressed(places, axis.segments.astype(np.int64), axis.indices.astype(np.int64), size, stride)
    return places


def _compressed(places: Array, segments: Array, indices: Array, size: int, stride: int) -> Array:
    counts = np.diff(segments)
    fits = segments.size == places.size + 1 and segments[0] == 0 and segments[-1] == indices.size
    if not fits or (counts < 0).any() or (indices < 0).any() or (indices >= size).any():
        raise ModelError("a sparse constant's indices contradict its shape")
    found: Array = np.repeat(places, counts) + indices * stride
    return found


def _levels(sparsity: Sparsity, shape: Shape) -> tuple[list[int], list[int]]:
    """Steps of each level in traversal order, and how far one step goes in the flat dense tensor."""
    rank, blocks = len(shape), len(sparsity.block_map)
    if sorted(sparsity.order) != list(range(rank + blocks)) or len(sparsity.axes) != rank + blocks:
        raise ModelError("a sparse constant's levels do not fit its rank")
    if len(set(sparsity.block_map)) != blocks or any(not 0 <= axis < rank for axis in sparsity.block_map):
        raise ModelError("a sparse constant has blocks along an axis it does not have")
    strides = [math.prod(shape[axis + 1 :]) for axis in range(rank)]
    inner = dict(zip(sparsity.order, sparsity.axes, strict=True))
    sizes, steps = list(shape), list(strides)
    for place, axis in enumerate(sparsity.block_map):
        block = inner[rank + place]
        # a block's own level is dense: its size is the block's
        if block.indices is not None or block.size <= 0 or shape[axis] % block.size:
            raise ModelError("a sparse constant's blocks do not fit its shape")
        sizes[axis], steps[axis] = shape[axis] // block.size, strides[axis] * block.size
        sizes.append(block.size)
        steps.append(strides[axis])
    return [sizes[level] for level in sparsity.order], [steps[level] for level in sparsity.order]
