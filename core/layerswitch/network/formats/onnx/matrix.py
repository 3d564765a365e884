"""Fully connected layers and matrix products: Gemm, MatMul and their quantized forms."""

import math
from typing import Any

from ...graph import Operator
from .convolution import moving_zero_point
from .node import Node, TensorType
from .operator_builder import Table, operator, own, unknown
from .partial_network import Network


def gemm(network: Network, node: Node) -> list[Operator]:
    """Gemm: alpha * A x B + beta * C. With constant B it is fully connected; a C that is no bias is added after."""
    a, b, c = (node.input(place) for place in range(3))
    scale = {name: float(node.attributes.get(name, 1.0)) for name in ("alpha", "beta")}
    turned_a, turned_b = bool(node.attributes.get("transA", 0)), bool(node.attributes.get("transB", 0))
    y = network.shape(node.outputs[0])
    depth = network.shape(a)[0 if turned_a else 1]
    macs = math.prod(y) * depth
    if network.constant(a):
        return unknown(network, node, macs)
    units = y[-1]
    is_bias = not c or (network.constant(c) and math.prod(network.shape(c)) == units == network.shape(c)[-1])
    full = network.constant(b) and not turned_a
    if is_bias and full:
        attributes: dict[str, Any] = {"units": units, "weight_layout": "OI" if turned_b else "IO"}
        attributes |= {name: value for name, value in scale.items() if value != 1.0 and (name == "alpha" or c)}
        return [_connected(network, node, a, b, c, attributes, macs)]
    if scale["alpha"] != 1.0 or (c and scale["beta"] != 1.0) or network.constant(b) != full:
        return unknown(network, node, macs)
    product = network.fresh(f"{node.outputs[0]}/product") if c else node.outputs[0]
    network.types[product] = TensorType(y, network.type(node.outputs[0]).dtype)
    if full:
        attributes = {"units": units, "weight_layout": "OI" if turned_b else "IO"}
        main = _connected(network, node, a, b, "", attributes, macs, product)
    else:
        turned = {"transpose_a": turned_a, "transpose_b": turned_b}
        main = operator(network, node, "MatMul", [a, b], outputs=[product], attributes=turned, macs=macs)
    if not c:
        return [main]
    if network.constant(c):
        held = {"operand": c}
        moving, attributes = [product], {"operand_first": False}
    else:
        held, moving, attributes = {}, [product, c], {}
    added = operator(
        network,
        node,
        "Add",
        moving,
        name=f"{node.name}/add",
        attributes=attributes,
        constants=held,
        learned=("operand",),
    )
    return [main, added]


def matmul(network: Network, node: Node) -> list[Operator]:
    """MatMul: fully connected when the right side is a constant matrix."""
    return _matmul(network, node, node.input(0), node.input(1))


def quantized_matmul(network: Network, node: Node) -> list[Operator]:
    """QLinearMatMul: the scales and zero points are in the tensors' quantization already."""
    return _matmul(network, node, node.input(0), node.input(3))


def integer_matmul(network: Network, node: Node) -> list[Operator]:
    """MatMulInteger; a zero point computed at run time is a further input."""
    return _matmul(network, node, node.input(0), node.input(1), moving_zero_point(network, node))


def _matmul(network: Network, node: Node, a: str, b: str, more: list[str] | None = None) -> list[Operator]:
    y, left, right = network.shape(node.outputs[0]), network.shape(a), network.shape(b)
    macs = math.prod(y) * left[-1]
    if network.constant(b) and len(right) == 2 and not network.constant(a):
        attributes = {"units": right[1], "weight_layout": "IO"}
        made = _connected(network, node, a, b, "", attributes, macs)
        return [operator_with_inputs(made, more)]
    held = {f"input{place}": name for place, name in enumerate((a, b)) if network.constant(name)}
    moving = [name for name in (a, b) if not network.constant(name)] + (more or [])
    attributes = {"transpose_a": False, "transpose_b": False}
    return [
        operator(network, node, "MatMul", moving, attributes=attributes, constants=held, learned=tuple(held), macs=macs)
    ]


def operator_with_inputs(made: Operator, more: list[str] | None) -> Operator:
    """The operator reading further tensors."""
    import msgspec

    return msgspec.structs.replace(made, inputs=(*made.inputs, *more)) if more else made


def _connected(
    network: Network, node: Node, a: str, b: str, c: str, attributes: dict[str, Any], macs: int, output: str = ""
) -> Operator:
    return operator(
        network,
        node,
        "FullyConnected",
        [a],
        outputs=[output or node.outputs[0]],
        attributes=attributes,
        constants={"weights": b, "bias": c},
        learned=("weights", "bias"),
        macs=macs,
    )


TABLE: Table = own(Gemm=gemm, MatMul=matmul, QLinearMatMul=quantized_matmul, MatMulInteger=integer_matmul)
