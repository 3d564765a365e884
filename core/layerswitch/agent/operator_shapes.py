"""Sizes of an operator's tensors, whatever the layout of the network's file."""

from typing import Any, Dict, List, NamedTuple

ITEM_BYTES = {"bool": 1.0, "int4": 0.5, "uint4": 0.5, "bfloat16": 2.0, "string": 0.0}
for _bits in (8, 16, 32, 64):
    for _kind in ("int", "uint", "float"):
        ITEM_BYTES[_kind + str(_bits)] = _bits / 8


class Map(NamedTuple):
    """A tensor as a stack of feature maps: batch (all leading axes), channels, height, width, bytes per number."""

    batch: int
    channels: int
    height: int
    width: int
    item: float

    @property
    def pixels(self) -> int:
        """Positions of one channel, over the whole batch."""
        return self.batch * self.height * self.width

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return self.pixels * self.channels

    @property
    def bytes(self) -> float:
        """Its size in bytes."""
        return self.elements * self.item


def item_bytes(dtype: str) -> float:
    """Bytes of one number of a type named as in a LayerGraph; an unknown name counts as float32."""
    return ITEM_BYTES.get(dtype, 4.0)


def as_map(tensor: Dict[str, Any], layout: str) -> Map:
    """A tensor of a LayerGraph's JSON form as feature maps; [batch, features] has maps of one pixel."""
    shape = [int(size) for size in tensor.get("shape", ())]
    item = item_bytes(tensor.get("dtype", "float32"))
    if len(shape) == 4:
        batch, one, two, three = shape
        if layout == "NHWC":
            return Map(batch, three, one, two, item)
        return Map(batch, one, two, three, item)
    if len(shape) == 3:
        first, second, third = shape
        if layout == "NHWC":
            return Map(1, third, first, second, item)
        return Map(first, second, third, 1, item)
    if len(shape) == 2:
        return Map(shape[0], shape[1], 1, 1, item)
    total = 1
    for size in shape:
        total *= size
    return Map(1, total, 1, 1, item)


def pair(attributes: Dict[str, Any], key: str, default: int) -> List[int]:
    """A [height, width] attribute as two integers; a single number stands for both."""
    value = attributes.get(key)
    if value is None:
        return [default, default]
    if isinstance(value, (int, float)):
        return [int(value), int(value)]
    found = [int(number) for number in value]
    return found if len(found) == 2 else [found[0] if found else default, 1]
