"""Node: an operator of the file while it is being read, with its attributes as Python values."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import onnx

from ....errors import ModelError

OWN_DOMAINS = ("", "ai.onnx")
"""The two spellings of ONNX's own operator set."""


class TensorType(NamedTuple):
    """What is known of a tensor: its concrete shape and the name of its element type."""

    shape: tuple[int, ...]
    dtype: str


@dataclass
class Node:
    """One node. `inputs` and `outputs` keep their places; an empty name is an optional one left out."""

    name: str
    type: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    domain: str = ""
    opset: int = 1
    proto: onnx.NodeProto | None = None

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"operator {self.name!r} ({f'{self.domain}.' if self.domain else ''}{self.type})"

    @property
    def own(self) -> bool:
        """Whether it is of ONNX's own operator set."""
        return self.domain in OWN_DOMAINS

    def input(self, place: int) -> str:
        """The name of an input, empty when it is left out."""
        return self.inputs[place] if place < len(self.inputs) else ""


def node_from(proto: onnx.NodeProto, name: str, opset: int, where: str) -> Node:
    """The node of a NodeProto. Raises ModelError when an attribute is malformed, or not of the type ONNX gives it."""
    node = Node(name, proto.op_type, list(proto.input), list(proto.output), {}, proto.domain, opset, proto)
    if node.domain == "ai.onnx":
        node.domain = ""
    kinds = attribute_kinds(node.type, opset) if node.own else {}
    for attribute in proto.attribute:
        kind = kinds.get(attribute.name, attribute.type)
        try:
            if kind != attribute.type:
                raise ValueError("is of another type")
            value = onnx.helper.get_attribute_value(attribute)
        except ValueError as error:
            raise ModelError(f"{node.title} has a malformed attribute {attribute.name!r}", where=where) from error
        node.attributes[attribute.name] = _text(value)
    return node


@cache
def attribute_kinds(kind: str, opset: int) -> dict[str, int]:
    """Attribute -> its type (AttributeProto.type) in ONNX's own operator of that version; empty for an unknown one."""
    try:
        attributes = onnx.defs.get_schema(kind, opset, "").attributes
    except onnx.defs.SchemaError:
        return {}
    return {name: int(attribute.type) for name, attribute in attributes.items()}  # type: ignore[call-overload]  # an enum of ints


def subgraphs(node: Node) -> list[onnx.GraphProto]:
    """The bodies of If, Loop and Scan."""
    values = (value if isinstance(value, list) else [value] for value in node.attributes.values())
    return [value for group in values for value in group if isinstance(value, onnx.GraphProto)]


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "__len__") and not isinstance(value, str) and not hasattr(value, "DESCRIPTOR"):
        return [_text(item) for item in value]
    return value
