"""Which kernels an operator becomes on a device, and the work of each."""

from typing import Any, Dict, List, Tuple

from ...operator_shapes import Map, as_map, pair
from . import convolution_kernels
from .kernel_work import Library, Work

FREE = ("Reshape", "Identity")
ACTIVATIONS = {"Relu", "Clip", "LeakyRelu", "PRelu", "Abs", "Negate", "Floor", "Ceil", "Round", "Cast"}
EXPONENTIALS = {
    "Sigmoid", "Tanh", "HardSwish", "HardSigmoid", "Swish", "Mish", "Softplus", "Elu", "Selu", "Gelu",
    "Exp", "Log", "Sqrt", "Rsqrt", "Sin", "Cos", "Power", "Square",
}  # fmt: skip
BINARY = {"Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum"}
NORMALIZATIONS = {"InstanceNormalization", "LayerNormalization", "GroupNormalization", "L2Normalization"}
COPIES = {
    "Concat", "Split", "Slice", "Pad", "Transpose", "Resize", "DepthToSpace", "SpaceToDepth", "Gather", "Expand",
    "Tile", "Quantize", "Dequantize",
}  # fmt: skip
POOLS = {"MaxPool", "AveragePool", "LpPool"}
REDUCTIONS = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ArgMax"}
CONVOLUTIONS = {"Convolution", "DepthwiseConvolution", "TransposedConvolution", "FullyConnected", "MatMul"}
NORMALIZING = {"BatchNormalization", "LocalResponseNormalization", "Softmax", "LogSoftmax"}
KNOWN = (
    CONVOLUTIONS | ACTIVATIONS | EXPONENTIALS | BINARY | NORMALIZATIONS | COPIES | POOLS | REDUCTIONS | NORMALIZING
) | set(FREE)


def works(operator: Dict[str, Any], tensors: Dict[str, Any], layout: str, library: Library) -> List[Work]:
    """The kernels of an operator of a LayerGraph's JSON form as `library` chooses them, in the order they run."""
    name, attributes = operator["type"], operator.get("attributes") or {}
    sources, target = _maps(operator, tensors, layout)
    source = sources[0]
    moved = sum(one.bytes for one in sources) + target.bytes
    if name in ("Convolution", "DepthwiseConvolution"):
        if name == "DepthwiseConvolution":
            return convolution_kernels.depthwise(attributes, source, target)
        return convolution_kernels.convolution(attributes, source, target, library)
    if name == "TransposedConvolution":
        return convolution_kernels.transposed(attributes, source, target, library)
    if name == "FullyConnected":
        rows = max(1, target.elements // max(1, int(attributes.get("units") or target.elements)))
        return convolution_kernels.fully_connected(source, target, library, rows)
    if name == "MatMul":
        return _matmul(operator, tensors, library)
    if name in POOLS:
        whole = attributes.get("global") or not attributes.get("kernel")
        window = [source.height, source.width] if whole else pair(attributes, "kernel", 1)
        units = float(target.elements) * window[0] * window[1]
        return [Work("pool", "pool", units, moved)]
    if name == "LocalResponseNormalization":
        return [Work("lrn", "lrn", float(target.elements), moved)]
    if name in ("Softmax", "LogSoftmax") or name in NORMALIZATIONS:
        work = Work("reduce", "exponential", float(target.elements), source.bytes)
        return [work, work._replace(name="normalize", stream=moved)]
    if name in REDUCTIONS:
        return [Work("reduce", "pool", float(source.elements), moved)]
    if name in FREE:
        return [Work("reshape", "copy", float(target.elements), 2 * target.bytes)]
    family = "exponential" if name in EXPONENTIALS else "copy" if name in COPIES else "elementwise"
    elements = max(float(target.elements), max(float(one.elements) for one in sources))
    label = {"copy": name.lower(), "exponential": "activation"}.get(family, _label(name))
    return [Work(label, family, elements, moved)]


def unsupported(operator: Dict[str, Any]) -> str:
    """Why no device can run an operator; empty when both can."""
    attributes = operator.get("attributes") or {}
    if attributes.get("unknown") or operator["type"] not in KNOWN:
        return "the simulated board has no cost for operator type {}".format(operator["type"])
    return ""


def _label(name: str) -> str:
    if name == "BatchNormalization":
        return "batch normalization"
    return "activation" if name in ACTIVATIONS else "arithmetic"


def _maps(operator: Dict[str, Any], tensors: Dict[str, Any], layout: str) -> Tuple[List[Map], Map]:
    targets = [as_map(tensors[name], layout) for name in operator.get("outputs", ())]
    sources = [as_map(tensors[name], layout) for name in operator.get("inputs", ()) if name in tensors]
    target = targets[0] if targets else Map(1, 1, 1, 1, 4.0)
    if len(targets) > 1:  # a split: all its parts are written
        target = target._replace(channels=sum(one.channels for one in targets))
    return sources or [target], target


def _matmul(operator: Dict[str, Any], tensors: Dict[str, Any], library: Library) -> List[Work]:
    left = [int(size) for size in tensors[operator["inputs"][0]]["shape"]] or [1]
    target = [int(size) for size in tensors[operator["outputs"][0]]["shape"]] or [1]
    total = 1
    for size in left:
        total *= size
    attributes = operator.get("attributes") or {}
    depth = left[-2] if attributes.get("transpose_a") and len(left) > 1 else left[-1]
    rows = target[-2] if len(target) > 1 else 1
    batches = 1
    for size in target[:-2]:
        batches *= size
    return [convolution_kernels.product("gemm", library, rows, max(1, depth), target[-1], 4.0, batches)]
