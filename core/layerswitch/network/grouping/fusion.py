"""Operators -> layers: what an engine computes along with an operator is folded into its layer.

Every step joins an operator to the only producer of what it reads, or to the only reader of what it writes. Neither
can make layers wait for each other. A tensor that is also read elsewhere, or leaves the network, stops the folding.
"""

from collections.abc import Sequence

from ..adjacency import Adjacency
from ..graph import LayerGraph, Operator
from .operator_roles import ACTIVATED, ACTIVATIONS, CONVOLUTIONS, MAIN, POOLS, SCALING
from .partition import Groups

LINEAR, ACTIVE, QUANTIZED = range(3)
"""How far a layer is finished: weights may still change, the activation is in, the result is quantized."""


def fold(graph: LayerGraph, operators: Sequence[Operator], links: Adjacency) -> Groups:
    """The layers as groups of operators, which are in topological order; O(n)."""
    groups = Groups(len(operators))
    stage = [LINEAR if operator.type not in ACTIVATIONS else ACTIVE for operator in operators]
    for place, operator in enumerate(operators):
        producer = links.only_producer(place)
        if producer is not None:
            main = operators[groups.find(producer)].type
            if (step := _behind(graph, operator, main, stage[producer])) is not None:
                groups.join(place, producer)
                stage[place] = step
    for place in reversed(range(len(operators))):
        if groups.alone(place) and (reader := _reader(operators, links, groups, place)) is not None:
            groups.join(place, reader)
    for place, operator in enumerate(operators):
        if operator.type in ("Dequantize", "Reshape") and groups.alone(place):
            producer = links.only_producer(place)
            if producer is not None:
                groups.join(place, producer)
    return groups


def _behind(graph: LayerGraph, operator: Operator, main: str, stage: int) -> int | None:
    """The stage that a layer with this main operator is at once the operator is folded in; None if it is not."""
    if operator.type == "Quantize":
        return QUANTIZED if stage < QUANTIZED and main not in ("Quantize", "Dequantize") else None
    if stage != LINEAR:
        return None
    if main in MAIN and (operator.type == "BatchNormalization" or _scales_channels(graph, operator)):
        return LINEAR
    return ACTIVE if main in ACTIVATED and operator.type in ACTIVATIONS else None


def _scales_channels(graph: LayerGraph, operator: Operator) -> bool:
    """Is it a constant bias or scale, one number per channel or one for all?"""
    if operator.type not in SCALING or "operand" not in operator.constants or len(operator.inputs) != 1:
        return False
    if operator.attributes.get("operand_first") and operator.type == "Divide":
        return False
    operand = graph.constants.get(operator.constants["operand"])
    shape = graph.tensors[operator.outputs[0]].shape
    channels = shape[1 if graph.layout == "NCHW" and len(shape) > 1 else -1] if shape else 1
    return operand is not None and operand.elements in (1, channels)


def _reader(operators: Sequence[Operator], links: Adjacency, groups: Groups, place: int) -> int | None:
    """The operator whose layer an auxiliary one joins from before: its only reader, and that under conditions.

    Pad goes with a convolution or pooling; Reshape, which moves no data, with an operator that reads nothing else, so
    that the parts of a concatenation keep their reshapes to themselves; quantizing the network's input and
    dequantizing with any. Where there is no such reader, Reshape and Dequantize go with their producer; a reshape with
    several producers or readers stays a layer of its own.
    """
    kind, reader = operators[place].type, links.only_reader(place)
    if reader is None:
        return None
    if kind == "Pad":
        return reader if operators[reader].type in CONVOLUTIONS | POOLS else None
    if kind == "Reshape":
        lone = len(set(operators[reader].inputs)) == 1
        waiting = operators[reader].type == "Reshape" and groups.alone(reader)
        return reader if lone and not waiting else None
    return reader if kind in ("Quantize", "Dequantize") else None
