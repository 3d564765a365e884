"""Layers -> blocks: modules with branches first, then what stands in a row.

In a row, a layer joins the block before it when all that it reads comes from there (so blocks never wait for each
other), and it is

- no main layer: pooling, normalization, softmax, a change of shape, a gate (squeeze-and-excite);
- the classifier: a fully connected layer that reads one averaged number per channel;
- the next of a separable convolution: depthwise after the 1x1 that expands for it, 1x1 after depthwise;
- a spatial convolution after the 1x1 that reduces for it (GoogLeNet's conv2).

Layers that are none of this before the first block go with their only reader. Every other layer begins a block.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..adjacency import Adjacency
from ..graph import Layer, LayerGraph
from .block_names import Names
from .dominators import ENTRY
from .operator_roles import ACTIVATIONS, ELEMENTWISE, MAIN, NORMALIZATIONS
from .partition import Groups, in_order
from .regions import Region, find_regions

MODULES = frozenset({"Inception", "Fire", "Residual", "Dense", "Branches"})
TRANSPARENT = ACTIVATIONS | NORMALIZATIONS | ELEMENTWISE | {"Gate"}
"""Between two convolutions these do not end a separable convolution."""

OTHER, POINTWISE, DEPTHWISE = range(3)
"""What a layer is to the next: nothing, a 1x1 convolution that may prepare it, a depthwise one that awaits its 1x1."""


class Block(NamedTuple):
    """A block: its layers' places in execution order."""

    name: str
    kind: str
    members: list[int]


def find_blocks(graph: LayerGraph, layers: Sequence[Layer], links: Adjacency) -> list[Block]:
    """The blocks in execution order; O(n log n)."""
    row = _Row(graph, layers, links, [_with_fork(region, layers, links) for region in find_regions(layers, links)])
    ordered = in_order(row.blocks(), links.predecessors)
    names = Names([layer.name for layer in layers])
    return [_described(layers, links, row, names, members) for members in ordered]


def _with_fork(region: Region, layers: Sequence[Layer], links: Adjacency) -> Region:
    """The region, with what feeds its branches and nothing else, if that is a split or a fire module's 1x1 squeeze."""
    if region.fork == ENTRY or region.kind not in MODULES or not links.closed([region.fork], region.members):
        return region
    fork = layers[region.fork]
    expands = all(
        layers[place].type == "Convolution" and links.predecessors[place] == [region.fork]
        for place in region.members[:-1]
    )
    squeezes = region.kind == "Inception" and expands and _is_pointwise(fork)
    if squeezes or fork.type == "Split":
        region.members.insert(0, region.fork)
    if squeezes:
        region.kind = "Fire"
    return region


def _is_pointwise(layer: Layer) -> bool:
    main = next((operator for operator in layer.operators if operator.type == layer.type), None)
    return main is not None and main.type == "Convolution" and set(main.attributes.get("kernel", ())) == {1}


class _Row:
    """The blocks in the making: groups of layers, and what each layer is to the next."""

    def __init__(self, graph: LayerGraph, layers: Sequence[Layer], links: Adjacency, regions: Sequence[Region]) -> None:
        self.graph, self.layers, self.links = graph, layers, links
        self.groups = Groups(len(layers))
        self.role = [OTHER] * len(layers)
        self.region: dict[int, Region] = {}  # each layer of a region -> it
        for region in regions:
            for place in region.members:
                self.region[place] = region
                self.groups.join(place, region.members[-1])

    def blocks(self) -> list[list[int]]:
        """The finished groups."""
        for unit in in_order(self.groups.members(), self.links.predecessors):
            self._join_before(unit)
        for block in reversed(in_order(self.groups.members(), self.links.predecessors)):
            self._join_behind(block)
        return self.groups.members()

    def kind(self, place: int) -> str:
        """A layer's type, or its region's kind."""
        return self.region[place].kind if place in self.region else self.layers[place].type

    def is_main(self, place: int) -> bool:
        """Does the layer begin a block by itself?"""
        layer, kind = self.layers[place], self.kind(place)
        return kind in MAIN | MODULES or any(operator.attributes.get("unknown") for operator in layer.operators)

    def _join_before(self, unit: list[int]) -> None:
        """Put a unit (a layer or a region) in the block before it, if it belongs there."""
        sources = {place for member in unit for place in self.links.predecessors[member]}.difference(unit)
        blocks = {self.groups.find(place) for place in sources}
        single = len(blocks) == 1 and not any(self.links.reads_input[member] for member in unit)
        place = unit[-1]
        before = next(iter(sources)) if single and len(sources) == 1 else None
        if self.kind(place) in MAIN:
            joins, self.role[place] = self._main(place, before)
        else:
            joins = not self.is_main(place)
            if joins and before is not None and self.kind(place) in TRANSPARENT:
                self.role[place] = self.role[before]
        if single and joins:
            self.groups.join(place, blocks.pop())

    def _main(self, place: int, before: int | None) -> tuple[bool, int]:
        """Does a main layer join the block of the one layer it reads, and what is it to the next?"""
        layer = self.layers[place]
        lone = before is not None and self.links.only_reader(before) == place
        role = self.role[before] if before is not None and lone else OTHER
        if layer.type == "DepthwiseConvolution":
            return role == POINTWISE, DEPTHWISE
        if _is_pointwise(layer):
            return role == DEPTHWISE, OTHER if role == DEPTHWISE else POINTWISE
        if layer.type == "Convolution":
            return role == POINTWISE, OTHER
        return before is not None and self._is_classifier(layer, self.layers[before]), OTHER

    def _is_classifier(self, layer: Layer, before: Layer) -> bool:
        if layer.type != "FullyConnected" or before.type not in ("AveragePool", "ReduceMean"):
            return False
        pooled = next(operator for operator in before.operators if operator.type == before.type).outputs[0]
        shape = self.graph.tensors[pooled].shape
        return self.graph.tensors[pooled].elements == max(shape, default=1)  # one map position, batch 1

    def _join_behind(self, block: list[int]) -> None:
        """Put what stands before the first block into the block that alone reads it."""
        if any(self.is_main(place) or self.links.leaves(place) for place in block):
            return
        own = self.groups.find(block[0])
        readers = {self.groups.find(reader) for place in block for reader in self.links.successors[place]} - {own}
        first = all(self.groups.find(place) == own for member in block for place in self.links.predecessors[member])
        if first and len(readers) == 1:
            self.groups.join(own, readers.pop())


def _described(layers: Sequence[Layer], links: Adjacency, row: _Row, names: Names, members: list[int]) -> Block:
    """A finished block with its layers in order, its name and its kind."""
    ordered = [place for (place,) in in_order([[member] for member in members], links.predecessors)]
    module = [place for place in members if place in row.region and row.region[place].kind in MODULES]
    mains = [place for place in members if layers[place].type in MAIN]
    core = module or mains or members
    chief = layers[min(core, key=lambda place: (-layers[place].macs, layers[place].name))]
    kind = chief.type
    if module:
        kind = row.region[module[0]].kind
    elif any(layers[place].type == "DepthwiseConvolution" for place in mains) and len(mains) > 1:
        kind = "Separable"
    name = names.of([layers[place].name for place in core], [layers[place].name for place in members], chief.name)
    return Block(name, kind, ordered)
