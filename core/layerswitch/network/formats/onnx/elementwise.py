"""Activations and arithmetic, element by element."""

import math
from typing import Any

import numpy as np

from ...graph import Operator
from .node import Node
from .operator_builder import Table, Translator, activations_only, is_learned, operator, own, unknown
from .partial_network import Network


def unary(kind: str, **defaults: float | str) -> Translator:
    """The translation of an operator on one tensor; `defaults` are its attributes and their ONNX defaults."""

    def translate(network: Network, node: Node) -> list[Operator]:
        attributes = {name: node.attributes.get(name, value) for name, value in defaults.items()}
        return [operator(network, node, kind, activations_only(network, node), attributes=attributes)]

    return translate


def clip(network: Network, node: Node) -> list[Operator]:
    """Clip: limits in attributes or inputs; an open side is null."""
    limits: dict[str, Any] = {}
    for place, side in enumerate(("min", "max"), start=1):
        value = network.argument(node, side, place)
        number = math.nan if value is None else float(value if not isinstance(value, list) else value[0])
        limits[side] = number if abs(number) < 3.4e38 else None
    return [operator(network, node, "Clip", activations_only(network, node), attributes=limits)]


def swish(network: Network, node: Node) -> list[Operator]:
    """Swish: x * sigmoid(alpha x); the vocabulary knows alpha 1 only."""
    if node.attributes.get("alpha", 1.0) != 1.0:
        return unknown(network, node)
    return unary("Swish")(network, node)


def prelu(network: Network, node: Node) -> list[Operator]:
    """PRelu with a learned slope."""
    if not network.constant(node.input(1)):
        return unknown(network, node)
    held = {"slope": node.input(1)}
    x = activations_only(network, node)
    return [operator(network, node, "PRelu", x, constants=held, learned=("slope",))]


def binary(kind: str) -> Translator:
    """The translation of an operator on two tensors, one of which may be constant."""

    def translate(network: Network, node: Node) -> list[Operator]:
        a, b = node.inputs
        if not network.constant(a) and not network.constant(b):
            return [operator(network, node, kind, [a, b])]
        moving, held = (b, a) if network.constant(a) else (a, b)
        return [_with_operand(network, node, kind, moving, held, first=held == a)]

    return translate


def power(network: Network, node: Node) -> list[Operator]:
    """Pow: squares and square roots have names of their own."""
    exponent = network.value(node.input(1))
    if exponent is not None and exponent.size == 1 and not network.constant(node.input(0)):
        kind = {2.0: "Square", 0.5: "Sqrt"}.get(float(exponent.reshape(-1)[0]))
        if kind:
            return [operator(network, node, kind, [node.input(0)])]
    return binary("Power")(network, node)


def reciprocal(network: Network, node: Node) -> list[Operator]:
    """Reciprocal: one divided by x."""
    [x] = activations_only(network, node)
    one = network.literal(f"{node.name}/one", np.ones((), network.type(x).dtype))
    return [_with_operand(network, node, "Divide", x, one, first=True)]


def several(kind: str) -> Translator:
    """The translation of Sum, Max, Min of any number of tensors: a chain of two at a time."""

    def translate(network: Network, node: Node) -> list[Operator]:
        rest = [name for name in node.inputs if not network.constant(name)]
        rest += [name for name in node.inputs if network.constant(name)]
        made, result = list[Operator](), rest[0]
        for place, name in enumerate(rest[1:], start=1):
            last = place == len(rest) - 1
            output = node.outputs[0] if last else network.fresh(f"{node.outputs[0]}/part{place}")
            own_name = node.name if last else f"{node.name}/part{place}"
            if not last:
                shape = np.broadcast_shapes(network.shape(result), network.shape(name))
                network.types[output] = network.type(node.outputs[0])._replace(shape=shape)
            if network.constant(name):
                one = _with_operand(network, node, kind, result, name, first=False, output=output, name=own_name)
            else:
                one = operator(network, node, kind, [result, name], outputs=[output], name=own_name)
            made.append(one)
            result = output
        return made

    return translate


def _with_operand(
    network: Network, node: Node, kind: str, moving: str, held: str, *, first: bool, output: str = "", name: str = ""
) -> Operator:
    return operator(
        network,
        node,
        kind,
        [moving],
        outputs=[output or node.outputs[0]],
        name=name,
        attributes={"operand_first": first},
        constants={"operand": held},
        learned=("operand",) if is_learned(network, held) else (),
    )


SAME_NAME = ("Relu", "Sigmoid", "Tanh", "HardSwish", "Mish", "Softplus", "Abs", "Exp", "Log", "Sqrt", "Floor", "Ceil")

TABLE: Table = own(
    **{name: unary(name) for name in (*SAME_NAME, "Round", "Sin", "Cos")},
    Neg=unary("Negate"),
    LeakyRelu=unary("LeakyRelu", alpha=0.01),
    Elu=unary("Elu", alpha=1.0),
    Selu=unary("Selu", alpha=1.67326319217681884765625, gamma=1.05070102214813232421875),
    HardSigmoid=unary("HardSigmoid", alpha=0.2, beta=0.5),
    Gelu=unary("Gelu", approximate="none"),
    Swish=swish,
    Clip=clip,
    PRelu=prelu,
    Add=binary("Add"),
    Sub=binary("Subtract"),
    Mul=binary("Multiply"),
    Div=binary("Divide"),
    Pow=power,
    Reciprocal=reciprocal,
    Sum=several("Add"),
    Max=several("Maximum"),
    Min=several("Minimum"),
)
