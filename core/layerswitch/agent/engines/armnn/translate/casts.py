"""Numbers of another kind, and rounding to whole ones."""

from typing import List

from ...network_graph import Operator
from ..network_builder import Builder, TranslationError, Value
from ..pyarmnn_adapter import TYPES

MAGIC = 12582912.0  # 1.5 * 2^23: float32 numbers of that size are whole, and adding it rounds halves to even


def cast(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Cast: real numbers and bytes by (de)quantizing them, others by Arm NN's own layer (from 21.08 on)."""
    value, output = inputs[0], build.graph.tensors[operator.outputs[0]]
    if output.dtype not in TYPES:
        raise TranslationError("Arm NN has no tensors of {}".format(output.dtype))
    if TYPES[value.dtype] == TYPES[output.dtype] and not (value.scale or output.scale):
        return build.copied(value)
    small = ("int8", "uint8")  # for Arm NN quantized numbers, which its own layer would round
    if value.dtype in small and output.dtype == "float32":  # their scale is 1 where they have none
        return build.add(build.network.AddDequantizeLayer(build.name), [value], output)
    if value.dtype == "float32" and output.dtype in small:
        above = _floor(build, build.activation(value, "ReLu"))
        below = _floor(build, build.activation(build.activation(value, "Linear", -1.0, 0.0), "ReLu"))
        whole = build.binary("Subtraction", above, below)  # toward zero, as casting does
        return build.add(build.network.AddQuantizeLayer(build.name), [whole], output)
    if hasattr(build.network, "AddCastLayer"):
        return build.add(build.network.AddCastLayer(build.name), [value], output)
    what = "{} cast to {} is not in Arm NN {}"
    raise TranslationError(what.format(value.dtype, output.dtype, build.library.release))


def rounded(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Round, halves to even: by adding a number so large that nothing behind the point is left, and taking it away."""
    return build.activation(build.activation(_real(operator, inputs), "Linear", 1.0, MAGIC), "Linear", 1.0, -MAGIC)


def floor(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Floor."""
    return _floor(build, _real(operator, inputs))


def ceil(build: Builder, operator: Operator, inputs: List[Value]) -> Value:
    """Ceil: -floor(-x)."""
    below = _floor(build, build.activation(_real(operator, inputs), "Linear", -1.0, 0.0))
    return build.activation(below, "Linear", -1.0, 0.0)


def _floor(build: Builder, value: Value) -> Value:
    return build.add(build.network.AddFloorLayer(build.name), [value], value)


def _real(operator: Operator, inputs: List[Value]) -> Value:
    if not inputs[0].floating:
        raise TranslationError("{} of quantized numbers".format(operator.type))
    return inputs[0]


TRANSLATIONS = {"Cast": cast, "Round": rounded, "Floor": floor, "Ceil": ceil}
