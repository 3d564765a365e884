"""Padding: by a constant; by what stands next to the edge, from slices where Arm NN has no mode for it."""

from typing import List, Sequence

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from .movement import joined, strided

MODES = {"reflect": "Reflect", "symmetric": "Symmetric"}  # names of Arm NN's own, from 21.08 on


def pad(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Pad with a constant ("constant"), the tensor mirrored ("reflect", "symmetric") or its edge ("edge")."""
    value, attributes = inputs[0], operator.attributes
    rank, mode = len(value.shape), attributes.get("mode") or "constant"
    pads = [int(one) for one in attributes["pads"]]
    if min(pads) < 0:
        raise TranslationError("padding by less than nothing")
    if mode == "constant":
        return plain(build, value, pads, float(attributes.get("value") or 0.0))
    if mode in MODES and hasattr(build.ann, "PaddingMode_" + MODES[mode]):
        return plain(build, value, pads, 0.0, getattr(build.ann, "PaddingMode_" + MODES[mode]))
    if mode not in (*MODES, "edge"):
        raise TranslationError("padding by {}".format(mode))
    for axis in range(rank):
        value = _mirrored(build, value, axis, pads[axis], pads[axis + rank], mode)
    return value


def plain(build: Builder, value: Value, pads: Sequence[int], number: float, mode: object = None) -> Value:
    """A value with a margin; `pads` are those before every axis, then those behind."""
    rank = len(value.shape)
    descriptor = build.ann.PadDescriptor(list(zip(pads[:rank], pads[rank:])))
    descriptor.m_PadValue = number
    if mode is not None:
        descriptor.m_PaddingMode = mode
    shape = tuple(length + pads[axis] + pads[axis + rank] for axis, length in enumerate(value.shape))
    return build.add(build.network.AddPadLayer(descriptor, build.name), [value], value, shape)


def _mirrored(build: Builder, value: Value, axis: int, before: int, behind: int, mode: str) -> Value:
    """One axis longer by what stands next to its ends."""
    length, skipped = value.shape[axis], 1 if mode == "reflect" else 0
    if mode != "edge" and max(before, behind) > length - skipped:
        raise TranslationError("mirrored padding that is wider than the tensor")
    parts = []
    if before:
        first = (0, 1, 1) if mode == "edge" else (before - 1 + skipped, skipped - 1, -1)
        parts += [strided(build, value, {axis: first})] * (before if mode == "edge" else 1)
    parts.append(value)
    if behind:
        end = length - 1 - skipped
        last = (length - 1, length, 1) if mode == "edge" else (end, end - behind, -1)
        parts += [strided(build, value, {axis: last})] * (behind if mode == "edge" else 1)
    return joined(build, parts, axis)


TRANSLATIONS = {"Pad": pad}
