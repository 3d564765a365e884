"""Poolings."""

from collections.abc import Callable

from ..node import Node, Step
from . import windows


def pool(node: Node) -> list[Step]:
    """AVERAGE_POOL_2D and MAX_POOL_2D; TFLite's average leaves padding out."""
    data = node.input(0, 4)
    batch, height, width, channels = data.shape
    kernel = windows.positive(node, (node.option("FilterHeight"), node.option("FilterWidth")), "window")
    strides = windows.strides(node)
    (oh, ow), pads = windows.slide(node, (height, width), kernel, strides)
    whole = kernel == (height, width) and (oh, ow) == (1, 1) and not any(pads)
    attributes = {"kernel": list(kernel), "strides": list(strides), "pads": pads, "global": whole}
    if node.file.code == "AVERAGE_POOL_2D":
        kind, attributes["count_include_pad"] = "AveragePool", False
    else:
        kind, attributes["dilations"] = "MaxPool", [1, 1]
    return node.simple(kind, (data,), (batch, oh, ow, channels), attributes)


POOLS: dict[str, Callable[[Node], list[Step]]] = {"AVERAGE_POOL_2D": pool, "MAX_POOL_2D": pool}
