"""Nodes -> operators of LayerSwitch's vocabulary (docs/operators.md), one small function per family."""

from collections.abc import Iterator

from ....errors import ModelError
from ...graph import Operator
from ..budgets import check_operators
from . import convolution, elementwise, matrix, movement, normalization, pooling, quantization_nodes
from .node import Node
from .operator_builder import Translator, unknown
from .partial_network import Network

TABLE: dict[tuple[str, str], Translator] = {}
for family in (convolution, elementwise, matrix, normalization, pooling, quantization_nodes, movement):
    TABLE.update(family.TABLE)

LARGEST_MACS = 2**62
"""More than any machine computes; JSON readers hold integers of 64 bits."""


def operators(network: Network) -> list[Operator]:
    """Every live node as one operator or, rarely, a few. Raises ModelError for an impossible attribute."""
    made: list[Operator] = []
    for node in network.nodes:
        # Sum, Max and Min of many tensors are as many operators less one
        check_operators(len(made) + max(len(node.inputs) - 1, 1), network.where)
        made += _translated(network, node)
    return made


def _translated(network: Network, node: Node) -> Iterator[Operator]:
    translate = TABLE.get((node.domain, node.type), unknown)
    try:
        made = translate(network, node)
    except (LookupError, TypeError, ValueError, ZeroDivisionError, AttributeError, OverflowError):
        # a parameter that is computed at run time, or of a form the vocabulary has no words for
        made = unknown(network, node)
    for operator in made:
        if operator.macs > LARGEST_MACS:
            raise ModelError(f"{node.title} computes an impossible {operator.macs} MACs", where=network.where)
        yield operator
