"""Activations, on their own or fused to another operator, and normalizations."""

from collections.abc import Callable
from typing import Any

from ..fused_activations import FUSED
from ..node import Node, Step, text

SIMPLE: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: FUSED[name] for name in ("RELU", "RELU6", "RELU_N1_TO_1", "TANH")},
    "RELU_0_TO_1": ("Clip", {"min": 0.0, "max": 1.0}),
    "ELU": ("Elu", {"alpha": 1.0}),
    "LOGISTIC": ("Sigmoid", {}),
    "HARD_SWISH": ("HardSwish", {}),
    "ABS": ("Abs", {}),
    "EXP": ("Exp", {}),
    "LOG": ("Log", {}),
    "SQRT": ("Sqrt", {}),
    "RSQRT": ("Rsqrt", {}),
    "SQUARE": ("Square", {}),
    "NEG": ("Negate", {}),
    "FLOOR": ("Floor", {}),
    "CEIL": ("Ceil", {}),
    "ROUND": ("Round", {}),
    "SIN": ("Sin", {}),
    "COS": ("Cos", {}),
    "QUANTIZE": ("Quantize", {}),
    "DEQUANTIZE": ("Dequantize", {}),
}
"""TFLite's name -> type and attributes of operators that work on each element alone."""

L2_EPSILON = 1e-6  # tensorflow/lite/kernels/l2norm.cc


def elementwise(node: Node) -> list[Step]:
    """An operator that works on each element alone, without options."""
    kind, attributes = SIMPLE[node.file.code]
    data = node.input(0)
    return [Step(kind, (data,), (node.output(data.shape),), dict(attributes))]


def with_options(node: Node) -> list[Step]:
    """LEAKY_RELU, GELU, SOFTMAX, LOG_SOFTMAX, L2_NORMALIZATION, LOCAL_RESPONSE_NORMALIZATION, CAST."""
    data = node.input(0)
    last = max(len(data.shape) - 1, 0)
    attributes: dict[str, Any]
    match node.file.code:
        case "LEAKY_RELU":
            kind, attributes = "LeakyRelu", {"alpha": node.option("Alpha", 0.0)}
        case "GELU":
            kind, attributes = "Gelu", {"approximate": "tanh" if node.option("Approximate", False) else "none"}
        case "SOFTMAX":
            kind, attributes = "Softmax", {"axis": last, "beta": node.option("Beta", 1.0)}
        case "LOG_SOFTMAX":
            kind, attributes = "LogSoftmax", {"axis": last, "beta": 1.0}
        case "L2_NORMALIZATION":
            kind, attributes = "L2Normalization", {"axis": last, "epsilon": L2_EPSILON}
        case "LOCAL_RESPONSE_NORMALIZATION":
            kind, attributes = "LocalResponseNormalization", _local_response(node)
        case _:
            kind, attributes = "Cast", {"to": node.output(data.shape).dtype}
    return node.simple(kind, (data,), data.shape, attributes)


def slope(node: Node) -> list[Step]:
    """PRELU with a constant slope."""
    data, slope = node.input(0), node.constant(1)
    # only the map's own axes may be repeated, never the slope's result grown
    fits = all(size in (1, own) for size, own in zip(slope.shape[::-1], data.shape[::-1], strict=False))
    if not fits or len(slope.shape) > len(data.shape):
        raise node.fail(f"has a slope of shape {text(slope.shape)} for {text(data.shape)}")
    return [Step("PRelu", (data,), (node.output(data.shape),), {}, {"slope": slope})]


def _local_response(node: Node) -> dict[str, Any]:
    # TFLite's alpha is for each element, ONNX's for the whole window
    size = 2 * node.option("Radius") + 1
    if size < 1:
        raise node.fail(f"has the impossible radius {node.option('Radius')}")
    alpha = node.option("Alpha", 0.0) * size
    return {"size": size, "alpha": alpha, "beta": node.option("Beta", 0.0), "bias": node.option("Bias", 0.0)}


NAMED = ["LEAKY_RELU", "GELU", "SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION", "LOCAL_RESPONSE_NORMALIZATION", "CAST"]
ACTIVATION_OPERATORS: dict[str, Callable[[Node], list[Step]]] = {
    **dict.fromkeys(SIMPLE, elementwise),
    **dict.fromkeys(NAMED, with_options),
    "PRELU": slope,
}
