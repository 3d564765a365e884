"""Shapes: those of the network's inputs, and those a node's outputs have given its inputs' shapes."""

from collections.abc import Callable, Mapping

import onnx
from onnx import TypeProto

from ....errors import InputShapeError, ModelError
from . import guards
from .constants import ConstantTable
from .node import Node, TensorType
from .stored_tensors import NAMES, check_shape, dtype_name

NUMBERS = {name: number for number, name in NAMES.items()}

SAME_AS_FIRST = {
    *("Relu", "Sqrt", "Abs", "Exp", "Log", "Neg", "Floor", "Ceil", "Reciprocal", "Sigmoid", "Tanh", "Elu", "Selu"),
    *("Clip", "HardSigmoid", "LeakyRelu", "PRelu", "BatchNormalization", "InstanceNormalization", "Identity"),
    *("GroupNormalization", "Softsign", "LpNormalization", "Hardmax", "LogSoftmax", "Softmax", "Dropout", "Sum"),
}
"""Operators whose first output has the first input's shape; several old versions have no inference of their own."""

INFERENCE_ERRORS = (onnx.shape_inference.InferenceError, onnx.checker.ValidationError)

_schemas: dict[tuple[str, str, int], list[onnx.defs.OpSchema]] = {}


def input_types(graph: onnx.GraphProto, given: Mapping[str, tuple[int, ...]], where: str) -> dict[str, TensorType]:
    """Name -> type of the network's own inputs, with free dimensions taken from `given`.

    Raises InputShapeError when a dimension stays free, or `given` names no input or contradicts a fixed dimension.
    """
    stored = {tensor.name for tensor in graph.initializer}
    declared: dict[str, tuple[list[int | str | None] | None, str]] = {}
    for value in graph.input:
        if value.name in stored:
            continue  # weights used to be listed among the inputs
        if value.type.WhichOneof("value") != "tensor_type":
            raise ModelError(f"input {value.name!r} is not a tensor", where=where)
        tensor = value.type.tensor_type
        dims = [dim.dim_value if dim.dim_value > 0 else dim.dim_param or None for dim in tensor.shape.dim]
        dtype = dtype_name(tensor.elem_type, f"input {value.name!r}", where)
        declared[value.name] = (dims if tensor.HasField("shape") else None, dtype)
    _check_given(declared, given, where)
    symbols: dict[str, int] = {
        size: given[name][axis]
        for name, (sizes, _) in declared.items()
        if name in given
        for axis, size in enumerate(sizes or ())
        if isinstance(size, str)
    }
    found, open_inputs = dict[str, TensorType](), dict[str, tuple[int | None, ...]]()
    for name, (sizes, dtype) in declared.items():
        resolved = tuple(symbols.get(size) if isinstance(size, str) else size for size in sizes or ())
        shape: tuple[int | None, ...] = given.get(name) or resolved
        if (sizes is None and name not in given) or None in shape:
            open_inputs[name] = tuple(shape)
            continue
        found[name] = TensorType(check_shape(tuple(size or 0 for size in shape), f"input {name!r}", where), dtype)
    if open_inputs:
        name, shape = next(iter(open_inputs.items()))
        written = "x".join("?" if size is None else str(size) for size in shape) or "any shape"
        raise InputShapeError(
            f"input {name!r} has a size that the file leaves free: {written}",
            where=where,
            hint=f"give it: {' '.join(f'--input-shape {n}={_example(s)}' for n, s in open_inputs.items())}",
            inputs=open_inputs,
        )
    return found


def _example(shape: tuple[int | None, ...]) -> str:
    usual = (1, 3, 224, 224) if len(shape) in (0, 4) else (1, *[224] * (len(shape) - 1))
    return "x".join(str(usual[axis] if size is None else size) for axis, size in enumerate(shape or (None,) * 4))


def _check_given(
    declared: Mapping[str, tuple[list[int | str | None] | None, str]],
    given: Mapping[str, tuple[int, ...]],
    where: str,
) -> None:
    for name, shape in given.items():
        text = "x".join(map(str, shape))
        if name not in declared:
            hint = f"its inputs: {', '.join(declared)}"
            raise InputShapeError(f"there is no input named {name!r}", where=where, hint=hint)
        sizes = declared[name][0]
        if any(size < 1 for size in shape):
            raise InputShapeError(f"input {name!r} cannot have the shape {text}", where=where)
        if sizes is None:
            continue
        fits = len(sizes) == len(shape) and all(
            not isinstance(size, int) or size == wanted for size, wanted in zip(sizes, shape, strict=True)
        )
        if not fits:
            fixed = "x".join(str(size) if isinstance(size, int) else "?" for size in sizes) or "a single number"
            raise InputShapeError(f"input {name!r} is {fixed} in the file, it cannot be {text}", where=where)


def declared_types(graph: onnx.GraphProto) -> dict[str, TensorType]:
    """What the file itself says of its tensors, where it says a concrete shape: the help for unknown operators."""
    found = {}
    for value in (*graph.value_info, *graph.output):
        kind = concrete(value.type)
        if kind is not None:
            found[value.name] = kind
    return found


def concrete(kind: TypeProto) -> TensorType | None:
    """The type if it is of a tensor whose every dimension is known, else None."""
    if kind.WhichOneof("value") != "tensor_type" or not kind.tensor_type.HasField("shape"):
        return None
    dims = kind.tensor_type.shape.dim
    if kind.tensor_type.elem_type == 0 or any(not dim.HasField("dim_value") for dim in dims):
        return None
    shape = tuple(dim.dim_value for dim in dims)
    if any(size < 0 for size in shape):
        return None
    return TensorType(shape, NAMES.get(kind.tensor_type.elem_type, "undefined"))


def infer(
    node: Node, type_of: Callable[[str], TensorType], constants: ConstantTable, opsets: Mapping[str, int], where: str
) -> dict[str, TensorType]:
    """Output -> type, for those outputs whose shape can be known. Raises ModelError when the inputs do not fit."""
    kinds = {name: type_of(name) for name in node.inputs if name}
    complaint: str | None = None
    assert node.proto is not None  # only patterns have none, and they come later
    if wrong := guards.complaint(node, [kinds[name] for name in node.inputs if name]):
        raise ModelError(f"{node.title} does not fit its inputs: {wrong}", where=where)
    for schema in _candidates(node.type, node.domain, node.opset):
        try:
            found = onnx.shape_inference.infer_node_outputs(
                schema,
                node.proto,
                {name: onnx.helper.make_tensor_type_proto(NUMBERS[k.dtype], k.shape) for name, k in kinds.items()},
                {
                    name: onnx.numpy_helper.from_array(value, name)
                    for name in kinds
                    if name in constants and (value := constants.small(name)) is not None
                },
                opset_imports=[onnx.helper.make_opsetid(domain, version) for domain, version in opsets.items()],
            )
        except (*INFERENCE_ERRORS, RuntimeError, TypeError, ValueError) as error:
            complaint = complaint or _message(error)
            continue
        types = {name: kind for name, proto in found.items() if (kind := concrete(proto)) is not None}
        if types:
            return types
    if node.own and node.type in SAME_AS_FIRST and node.inputs and node.inputs[0]:
        return {node.outputs[0]: kinds[node.inputs[0]]}
    if complaint:
        raise ModelError(f"{node.title} does not fit its inputs: {complaint}", where=where)
    return {}


def _message(error: Exception) -> str:
    """The first line of what the library says; it quotes the file, whose text may be none."""
    try:
        lines = str(error).replace("[ShapeInferenceError]", "").strip().splitlines()
    except UnicodeError:
        lines = []
    return lines[0] if lines else "it is malformed"


def _candidates(kind: str, domain: str, opset: int) -> list[onnx.defs.OpSchema]:
    """The operator's schema, then later ones: many first versions came without shape inference."""
    key = (kind, domain, opset)
    if key not in _schemas:
        found = []
        try:
            first = onnx.defs.get_schema(kind, opset, domain)
        except onnx.defs.SchemaError:
            first = None
        if first is not None and first.has_type_and_shape_inference_function:
            found.append(first)
        elif first is not None:
            for version in range(opset + 1, 14):
                schema = onnx.defs.get_schema(kind, version, domain)
                if schema.has_type_and_shape_inference_function:
                    found.append(schema)
                    break
        _schemas[key] = found
    return _schemas[key]
