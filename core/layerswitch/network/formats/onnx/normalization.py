"""Normalizations and softmax."""

from typing import Any

from ...graph import Operator
from .node import Node
from .operator_builder import Table, Translator, activations_only, operator, own, single_output, unknown
from .partial_network import Network


def batch(network: Network, node: Node) -> list[Operator]:
    """BatchNormalization at inference, per channel."""
    single_output(network, node)
    roles = dict(zip(("scale", "bias", "mean", "variance"), node.inputs[1:5], strict=True))
    if node.attributes.get("spatial", 1) != 1 or node.attributes.get("training_mode"):
        return unknown(network, node)
    return [_made(network, node, "BatchNormalization", roles, {"epsilon": _epsilon(node)})]


def scaled(kind: str, **more: tuple[str, int]) -> Translator:
    """The translation of a normalization with scale and bias; `more`: attribute -> (its ONNX name, default)."""

    def translate(network: Network, node: Node) -> list[Operator]:
        single_output(network, node)
        attributes: dict[str, Any] = {"epsilon": _epsilon(node)}
        rank = len(network.shape(node.input(0)))
        for name, (onnx_name, default) in more.items():
            value = int(node.attributes.get(onnx_name, default))
            attributes[name] = value % rank if name == "axis" else value
        roles = {role: node.input(place) for place, role in enumerate(("scale", "bias"), start=1)}
        return [_made(network, node, kind, roles, attributes)]

    return translate


def local_response(network: Network, node: Node) -> list[Operator]:
    """LRN across channels."""
    defaults = {"size": 0, "alpha": 0.0001, "beta": 0.75, "bias": 1.0}
    attributes = {name: node.attributes.get(name, value) for name, value in defaults.items()}
    x = activations_only(network, node)
    return [operator(network, node, "LocalResponseNormalization", x, attributes=attributes)]


def lp(network: Network, node: Node) -> list[Operator]:
    """LpNormalization with p = 2."""
    [x] = activations_only(network, node)
    if node.attributes.get("p", 2) != 2:
        return unknown(network, node)
    axis = node.attributes.get("axis", -1) % len(network.shape(x))
    return [operator(network, node, "L2Normalization", [x], attributes={"axis": axis, "epsilon": 0.0})]


def softmax(kind: str) -> Translator:
    """The translation of Softmax and LogSoftmax (versions before 13 arrive here already rewritten)."""

    def translate(network: Network, node: Node) -> list[Operator]:
        [x] = activations_only(network, node)
        axis = node.attributes.get("axis", -1) % max(len(network.shape(x)), 1)
        return [operator(network, node, kind, [x], attributes={"axis": axis, "beta": 1.0})]

    return translate


def _epsilon(node: Node) -> float:
    return float(node.attributes.get("epsilon", 1e-5))


def _made(network: Network, node: Node, kind: str, roles: dict[str, str], attributes: dict[str, Any]) -> Operator:
    if any(name and not network.constant(name) for name in roles.values()):
        raise LookupError(node.type)
    x = activations_only(network, node)
    return operator(network, node, kind, x, attributes=attributes, constants=roles, learned=("scale", "bias"))


TABLE: Table = own(
    BatchNormalization=batch,
    InstanceNormalization=scaled("InstanceNormalization"),
    LayerNormalization=scaled("LayerNormalization", axis=("axis", -1)),
    GroupNormalization=scaled("GroupNormalization", group=("num_groups", 1)),
    LRN=local_response,
    LpNormalization=lp,
    Softmax=softmax("Softmax"),
    LogSoftmax=softmax("LogSoftmax"),
)
