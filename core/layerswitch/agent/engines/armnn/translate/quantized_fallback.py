"""8-bit operators that Arm NN cannot be given as they are: weights per channel, softmax to any scale. In float then."""

from typing import Any, Callable, Dict, List, Tuple

from ...network_graph import Graph, Operator
from ..network_builder import Builder, Scale, Value
from ..pyarmnn_adapter import Library

SOFTMAX: Dict[str, Dict[str, Tuple[float, int]]] = {  # what backends write: scale and zero point by dtype
    "Softmax": {"int8": (1 / 256, -128), "uint8": (1 / 256, 0)},
    "LogSoftmax": {},
}
NAMED = 5  # layers that a note names
NATIVE = ("Convolution", "DepthwiseConvolution")


def is_per_channel(graph: Graph, operator: Operator) -> bool:
    """Whether an operator on quantized numbers has weights with several scales, or signed ones beside unsigned inputs.

    The latter are what ONNX Runtime's quantizer writes by default; Arm NN takes that pair if scales are per channel.
    """
    weights = graph.tensors.get(operator.constants.get("weights", ""))
    given = graph.tensors[operator.inputs[0]] if operator.inputs else None
    if weights is None or given is None or given.dtype.startswith("float"):
        return False
    return len(set(weights.scales)) > 1 or (given.dtype, weights.dtype) == ("uint8", "int8")


def scale_of(graph: Graph, operator: Operator, channels: int) -> Scale:
    """The scale of an operator's weights, or those of all its output channels."""
    weights = graph.tensors[operator.constants["weights"]]
    if not is_per_channel(graph, operator):
        return weights.scale
    return tuple(weights.scales) if len(weights.scales) > 1 else (weights.scale,) * channels


def in_float(library: Library, graph: Graph, operator: Operator) -> bool:
    """Whether an operator on quantized numbers has to be computed in real ones, between dequantizing and quantizing."""
    if operator.type in SOFTMAX:
        output = graph.tensors[operator.outputs[0]]
        return bool(output.scales) and (output.scale, output.zero_point) != SOFTMAX[operator.type].get(output.dtype)
    if not is_per_channel(graph, operator):
        return False
    late = library.weights_are_layers  # 20.08's CpuAcc takes no transposed convolution with weights per channel
    if not (operator.type in NATIVE or (late and operator.type == "TransposedConvolution")):
        return True
    if not library.per_axis.works:
        return True
    weights = graph.tensors[operator.constants["weights"]]
    if weights.dtype != "int8" or any(weights.zero_points):
        return True  # Arm NN's weights per channel are signed, and have scales only
    several = operator.type == "DepthwiseConvolution" and int(operator.attributes.get("multiplier", 1)) > 1
    return several and not late  # [M, C, H, W] has no axis with a place for each of C * M


def notes(library: Library, graph: Graph) -> Dict[str, str]:
    """What people must know of how layers are computed, for a profile's conditions."""
    wide = [layer.name for layer in graph.layers if any(in_float(library, graph, one) for one in layer.operators)]
    if not wide:
        return {}
    named = ", ".join(wide[:NAMED]) + (" and {} more".format(len(wide) - NAMED) if len(wide) > NAMED else "")
    reason = "Arm NN cannot be given their quantization; times are those of real numbers"
    return {"layers computed in float32": "{}: {}".format(named, reason)}


def through_float(
    build: Builder, operator: Operator, inputs: List[Value], compute: Callable[[List[Value], Any], Value]
) -> Value:
    """Dequantize, compute in float32, quantize."""
    output = build.graph.tensors[operator.outputs[0]]
    wide = inputs[0]._replace(dtype="float32", scale=0.0, zero_point=0)
    real = build.add(build.network.AddDequantizeLayer(build.name), inputs, wide)
    found = compute([real], output._replace(dtype="float32", scales=(), zero_points=()))
    return build.add(build.network.AddQuantizeLayer(build.name), [found], output)
