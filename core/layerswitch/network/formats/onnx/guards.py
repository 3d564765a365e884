"""Checks before ONNX's own shape inference is asked: what a fuzzed file made it hang or crash on (docs/hardening.md).

The library is C++ in this process: an index that it does not check itself would end the program with everything open.
"""

import re
from collections.abc import Sequence

from .node import Node, TensorType

_EQUATION = re.compile(r"[A-Za-z., ]*(->[A-Za-z. ]*)?")
STRICT = ("LayerNormalization", "RMSNormalization")
"""Operators whose axis is one of the first input's; others may name the place of a new one."""
LARGEST = 1 << 31
"""Attributes beyond this size are lengths or places that no tensor has; sums of them overflow."""
UNBOUNDED = ("seed", "cast_to", "value_int", "value_ints", "value", "start", "end")

SIZED = ("ConstantOfShape", "Expand", "Reshape", "Resize", "Tile", "Upsample")
"""Operators whose output has as many dimensions as one input has elements."""
MOST_DIMENSIONS = 64


def complaint(node: Node, kinds: Sequence[TensorType]) -> str:
    """What is wrong with the attributes of an operator of ONNX's own, "" if nothing that is known to do harm."""
    if not node.own:
        return ""
    if node.type in SIZED and any(
        len(kind.shape) == 1 and kind.shape[0] > MOST_DIMENSIONS for kind in sizes_of(node, kinds)
    ):
        return f"its output would have more than {MOST_DIMENSIONS} dimensions"
    if node.type == "Split" and node.attributes.get("num_outputs", len(node.outputs)) != len(node.outputs):
        return f"it has {len(node.outputs)} outputs, but num_outputs is {node.attributes['num_outputs']}"
    rank = max((len(kind.shape) for kind in kinds), default=0)
    for name, value in node.attributes.items():
        numbers = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int)]
        if name == "equation" and not (isinstance(value, str) and _EQUATION.fullmatch(value)):
            return f"{value!r} is no equation"
        if name in ("axis", "axes"):
            most = len(kinds[0].shape) - 1 if node.type in STRICT and kinds else rank + len(numbers)
            if any(not -most - 1 <= one <= most for one in numbers):
                return f"{name} {value} is none of {rank} dimensions"
        elif name not in UNBOUNDED and any(abs(one) > LARGEST for one in numbers):
            return f"{name} is {value}"
    return ""


def sizes_of(node: Node, kinds: Sequence[TensorType]) -> Sequence[TensorType]:
    """The inputs that give sizes."""
    return kinds if node.type == "ConstantOfShape" else kinds[1:]
