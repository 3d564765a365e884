"""read_onnx: the steps from an ONNX file to a Model at operator level."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import onnx.inliner

from ....errors import ModelError
from ...graph import Layer, LayerGraph, Operator, Tensor
from ...model import Model
from ..budgets import MOST_OPERATORS, check_operators
from . import constant_folding, container, dispatch, patterns, quantized_operators
from .partial_network import Network


def read_onnx(path: Path, input_shapes: Mapping[str, tuple[int, ...]]) -> Model:
    """The network in an ONNX file, at operator level; weights stay in the file.

    `input_shapes` gives inputs whose size the file leaves free. Raises ModelError, InputShapeError.
    """
    proto = container.parse(path)
    where = str(path)
    if proto.functions:
        try:
            check_operators(_expanded(proto), where)
            proto = onnx.inliner.inline_local_functions(proto)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"its local functions cannot be expanded: {error}", where=where) from error
    try:
        network = constant_folding.read(proto, path, input_shapes)
        network.drop_dead()
        patterns.replace(network)
        quantized_operators.fold(network)
        network.drop_dead()
        operators = dispatch.operators(network)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        # an operator without the inputs that its type has, and what else a damaged file can contradict itself by
        raise ModelError(f"contradicts itself: {type(error).__name__}, {error}", where=where) from error
    if not operators:
        raise ModelError("the network computes nothing: it has no operators between inputs and outputs", where=where)
    try:
        graph = _graph(proto.graph.name or path.stem, network, operators)
    except ValueError as error:
        raise ModelError(str(error), where=where) from error
    return Model(graph, network.constants, path)


def _expanded(proto: onnx.ModelProto) -> int:
    """How many operators there are once local functions are expanded, which may call each other; of too many, some."""
    bodies = {(function.domain, function.name): function.node for function in proto.functions}
    sizes: dict[tuple[str, str], int] = {}

    def size(nodes: Iterable[onnx.NodeProto], depth: int) -> int:
        total = 0
        for node in nodes:
            key = (node.domain, node.op_type)
            if key in bodies and key not in sizes:
                if depth > len(bodies):
                    raise ValueError(f"function {node.op_type!r} calls itself")
                sizes[key] = size(bodies[key], depth + 1)
            total += sizes.get(key, 1)
            total += sum(size(body.node, depth) for one in node.attribute for body in (one.g, *one.graphs))
            if total > MOST_OPERATORS:
                break
        return total

    return size(proto.graph.node, 0)


def _graph(name: str, network: Network, operators: list[Operator]) -> LayerGraph:
    used = dict.fromkeys(network.inputs)
    for operator in operators:
        used.update(dict.fromkeys((*operator.inputs, *operator.outputs)))
    constants = dict.fromkeys(name for operator in operators for name in operator.constants.values())
    return LayerGraph(
        name=name,
        layers=tuple(Layer.of(operator) for operator in operators),
        tensors={tensor: _tensor(network, tensor) for tensor in used},
        inputs=tuple(network.inputs),
        outputs=tuple(dict.fromkeys(network.outputs)),
        level="operator",
        layout="NCHW",
        source="onnx",
        constants={constant: _tensor(network, constant) for constant in constants},
    )


def _tensor(network: Network, name: str) -> Tensor:
    kind = network.type(name)
    return Tensor(name, kind.shape, kind.dtype, network.quantization.get(name))
