"""What the translation functions share: how an operator is made and its parameters counted."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...graph import Operator
from .node import Node
from .partial_network import Network

Translator = Callable[[Network, Node], list[Operator]]
"""Raises LookupError, TypeError or ValueError when the node has no words in the vocabulary; it is then unknown."""

LARGEST_FLOAT = 3.4028234663852886e38
"""The largest float32: stands for infinity, which JSON cannot write."""

Table = dict[tuple[str, str], Translator]


def own(**translators: Translator) -> Table:
    """A table of operators of ONNX's own domain."""
    return {("", name): translator for name, translator in translators.items()}


def operator(
    network: Network,
    node: Node,
    kind: str,
    inputs: Iterable[str],
    *,
    outputs: Iterable[str] | None = None,
    name: str = "",
    attributes: Mapping[str, Any] | None = None,
    constants: Mapping[str, str] | None = None,
    learned: Iterable[str] = (),
    macs: int = 0,
) -> Operator:
    """An operator; `constants` with an empty name are left out, `learned` are the roles that count as parameters."""
    held = {role: constant for role, constant in (constants or {}).items() if constant}
    parameters = 0
    for role in learned:
        constant = held.get(role)
        if constant and constant not in network.counted:  # weights that two operators share are learned once
            network.counted.add(constant)
            parameters += math.prod(network.shape(constant))
    written = node.outputs[:1] if outputs is None else outputs
    return Operator(
        name=name or node.name,
        type=kind,
        inputs=tuple(inputs),
        outputs=tuple(written),
        attributes={name: _json(value) for name, value in (attributes or {}).items()},
        constants=held,
        macs=macs,
        parameters=parameters,
    )


def _json(value: Any) -> Any:
    """The value as JSON can hold it. Raises ValueError for not-a-number, TypeError for what is no JSON value."""
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError("not a number")
        return min(max(value, -LARGEST_FLOAT), LARGEST_FLOAT)
    if value is None or isinstance(value, int | str):
        return value
    raise TypeError(type(value).__name__)


def unknown(network: Network, node: Node, macs: int = 0) -> list[Operator]:
    """The node under its own type name: drawn, counted, and supported by no engine."""
    attributes: dict[str, Any] = {"unknown": True}
    if node.domain:
        attributes["domain"] = node.domain
    activations = dict.fromkeys(name for name in node.inputs if name and not network.constant(name))
    constants = {f"input{place}": name for place, name in enumerate(node.inputs) if network.constant(name)}
    learned = [role for role, name in constants.items() if is_learned(network, name)]
    outputs = [name for name in node.outputs if name in network.types]
    return [
        operator(
            network,
            node,
            node.type,
            activations,
            outputs=outputs,
            attributes=attributes,
            constants=constants,
            learned=learned,
            macs=macs,
        )
    ]


def activations_only(network: Network, node: Node, count: int = 1) -> list[str]:
    """The node's first `count` inputs. Raises LookupError when one is a constant or missing."""
    names = [node.input(place) for place in range(count)]
    if not all(names) or any(network.constant(name) for name in names):
        raise LookupError(node.type)
    return names


def single_output(network: Network, node: Node) -> None:
    """Raise LookupError when an output beside the first is used: the vocabulary's operators write one tensor."""
    if any(name in network.read for name in node.outputs[1:] if name):
        raise LookupError(node.type)


def is_learned(network: Network, name: str) -> bool:
    """Whether a constant of unknown meaning looks learned: several floating-point numbers."""
    kind = network.type(name)
    return "float" in kind.dtype and math.prod(kind.shape) > 1
