"""A short way to write networks down, and the check that every grouping must pass."""

from itertools import groupby

import pytest

from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.network.grouping import group


def _sketch(*lines, outputs=None, inputs=("x",), shape=(1, 8, 4, 4), shapes=None):
    """A network at operator level: each line is `name Type input ...`, its output named after it, attributes behind.

    `Type/3` makes a convolution's kernel 3x3; `Type+` gives it a constant operand of one number per channel; `Type*2`
    makes it write two tensors, name:0 and name:1.
    """
    operators, tensors = [], {name: Tensor(name, shape, "float32") for name in inputs}
    constants = {"channels": Tensor("channels", (8,), "float32"), "map": Tensor("map", (1, 8, 4, 4), "float32")}
    for line in lines:
        name, kind, *read = line.split()
        kind, _, copies = kind.partition("*")
        kind, _, kernel = kind.partition("/")
        operand = {"+": "channels", "#": "map"}.get(kind[-1])
        kind = kind.rstrip("+#")
        written = tuple(f"{name}:{copy}" for copy in range(int(copies))) if copies else (name,)
        attributes = {"kernel": [int(kernel)] * 2} if kernel else {}
        used = {"operand": operand} if operand else {}
        macs, parameters = (7 if kernel else 0), len(name)
        operators.append(Operator(name, kind, tuple(read), written, attributes, used, macs, parameters))
        tensors |= {tensor: Tensor(tensor, (shapes or {}).get(tensor, shape), "float32") for tensor in written}
    left = tuple(outputs.split()) if outputs else operators[-1].outputs
    layers = tuple(Layer.of(operator) for operator in operators)
    return LayerGraph("sketch", layers, tensors, inputs, left, constants=constants)


@pytest.fixture
def sketch():
    return _sketch


def _check(graph):
    """Hold a network at all levels against what must be true of every one."""
    operators = [layer.operators[0] for layer in graph.layers]
    by_name = {operator.name: operator for operator in operators}
    layers, blocks = group(graph, "layer"), group(graph, "block")
    for other in (layers, blocks, group(blocks, "operator")):  # LayerGraph itself holds the order to be topological
        assert sorted(o.name for layer in other.layers for o in layer.operators) == sorted(by_name)
        assert all(o == by_name[o.name] for layer in other.layers for o in layer.operators)
        assert (other.fingerprint, other.macs, other.parameters) == (graph.fingerprint, graph.macs, graph.parameters)
        assert (other.tensors, other.constants, other.outputs) == (graph.tensors, graph.constants, graph.outputs)
    for other in (layers, blocks):
        for layer in other.layers:
            inside = {operator.name for operator in layer.operators}
            read = {tensor for operator in layer.operators for tensor in operator.inputs}
            written = {tensor for operator in layer.operators for tensor in operator.outputs}
            elsewhere = {tensor for o in operators if o.name not in inside for tensor in o.inputs}
            assert set(layer.inputs) == read - written
            assert set(layer.outputs) == written & (elsewhere | set(graph.outputs))
            assert len(set(layer.inputs)) == len(layer.inputs)
    together = [(name, [o for layer in part for o in layer.operators]) for name, part in _by_block(layers)]
    assert together == [(block.name, list(block.operators)) for block in blocks.layers]
    assert group(blocks, "layer") == layers == group(group(layers, "operator"), "layer")
    assert group(layers, "block") == blocks == group(group(blocks, "operator"), "block")
    return layers, blocks


def _by_block(layers):
    return [(name, list(part)) for name, part in groupby(layers.layers, lambda layer: layer.block)]


@pytest.fixture
def check():
    return _check


@pytest.fixture
def layer_list(check):
    """The layers as people see them: name -> its operators; every grouping checked on the way."""

    def listed(graph):
        layers, _ = check(graph)
        return {layer.name: " ".join(operator.name for operator in layer.operators) for layer in layers.layers}

    return listed


@pytest.fixture
def block_list(check):
    """The blocks as people see them: (name, type) -> its layers."""

    def listed(graph):
        layers, blocks = check(graph)
        held = dict(_by_block(layers))
        return {(block.name, block.type): " ".join(layer.name for layer in held[block.name]) for block in blocks.layers}

    return listed
