"""group: a network at another level. Regrouping loses nothing: every level holds the same operators."""

from collections.abc import Sequence

from msgspec.structs import replace

from ...errors import ModelError
from ..adjacency import Adjacency
from ..graph import Layer, LayerGraph, Level, Operator
from .blocks import Block, find_blocks
from .fusion import fold
from .operator_roles import importance
from .partition import in_order


def group(graph: LayerGraph, level: Level) -> LayerGraph:
    """The same network at `level`, from a graph at any level: same operators, tensors, MACs and fingerprint.

    Execution order: blocks in an order near the given one, their layers together, the layers' operators together; a
    graph that is at `level` already is returned as it is. At level "layer", `Layer.block` names the block that a layer
    is part of; at level "block" a layer is a block, its type "Inception", "Residual", "Fire", "Dense", "Separable" or
    its main operator's type. Raises ModelError when the layers hold no operators. O(n log n) for n operators.

    >>> blocks = group(model.graph, "block")
    >>> [(block.name, block.type) for block in blocks.layers[:3]]
    [('conv1', 'Convolution'), ('fire2', 'Fire'), ('fire3', 'Fire')]
    >>> blocks.macs == model.graph.macs, blocks.fingerprint == model.graph.fingerprint
    (True, True)
    """
    if graph.level == level:
        return graph
    if bare := next((layer.name for layer in graph.layers if not layer.operators), None):
        hint = "such a graph, from measured times alone, has one level only"
        raise ModelError("has no operators, so the network cannot be regrouped", where=f"layer {bare!r}", hint=hint)
    operators = [operator for layer in graph.layers for operator in layer.operators]
    if level == "operator":
        return _with_layers(graph, level, [Layer.of(operator) for operator in operators])
    links = Adjacency(operators, graph.outputs)
    parts = in_order(fold(graph, operators, links).members(), links.predecessors)
    layers = [_layer(links, operators, part) for part in parts]
    over = Adjacency(layers, graph.outputs)
    blocks = find_blocks(graph, layers, over)
    if level == "layer":
        named = [replace(layers[place], block=block.name) for block in blocks for place in block.members]
        return _with_layers(graph, level, named)
    return _with_layers(graph, level, [_merged(over, layers, block) for block in blocks])


def _layer(links: Adjacency, operators: Sequence[Operator], part: Sequence[int]) -> Layer:
    main = min((operators[place] for place in part), key=lambda operator: importance(operator.type))
    inputs, outputs = links.crossing(part)
    return Layer(main.name, main.type, inputs, outputs, tuple(operators[place] for place in part))


def _merged(links: Adjacency, layers: Sequence[Layer], block: Block) -> Layer:
    inputs, outputs = links.crossing(block.members)
    operators = tuple(operator for place in block.members for operator in layers[place].operators)
    return Layer(block.name, block.kind, inputs, outputs, operators)


def _with_layers(graph: LayerGraph, level: Level, layers: Sequence[Layer]) -> LayerGraph:
    return replace(graph, layers=tuple(layers), level=level)
