"""Small networks whose every assignment can be run: five layers, 32 assignments for two devices."""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

CHANNELS, UNITS, MAPS = 16, 16384, 96


def unlike(path: Path, side: int) -> None:
    """Write a chain whose layers differ by device on the emulated board: the CPU is faster at normalizing and at
    products of vector and matrix, the GPU at pooling a whole map and at softmax. `side` pixels a side, an even number.
    """
    shapes = {"w1": (CHANNELS, 3, 3, 3), "w2": (UNITS, CHANNELS)}
    nodes = [
        helper.make_node("LRN", ["x"], ["a"], size=3, alpha=1e-4, beta=0.75, bias=1.0, name="normalize"),
        helper.make_node("Conv", ["a", "w1"], ["b0"], pads=[1, 1, 1, 1], strides=[2, 2], name="convolve"),
        helper.make_node("Relu", ["b0"], ["b"], name="convolve/relu"),
        helper.make_node("GlobalAveragePool", ["b"], ["c"], name="pool"),
        helper.make_node("Flatten", ["c"], ["d"], name="flatten"),
        helper.make_node("Gemm", ["d", "w2"], ["e"], transB=1, name="classify"),
        helper.make_node("Softmax", ["e"], ["y"], axis=1, name="softmax"),
    ]
    _write(path, nodes, shapes, side)


def switching(path: Path, side: int) -> None:
    """Write a chain for which switching pays on the emulated board: the CPU is faster at normalizing, the GPU at the
    maxima of many maps. `side` pixels a side, an even number.
    """
    shapes = {"w1": (MAPS, 3, 1, 1), "w2": (MAPS, MAPS)}
    window = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("LRN", ["x"], ["a"], size=3, alpha=1e-4, beta=0.75, bias=1.0, name="normalize"),
        helper.make_node("Conv", ["a", "w1"], ["b"], name="convolve"),
        helper.make_node("MaxPool", ["b"], ["c"], **window, name="maxima"),
        helper.make_node("GlobalAveragePool", ["c"], ["d"], name="pool"),
        helper.make_node("Flatten", ["d"], ["e"], name="flatten"),
        helper.make_node("Gemm", ["e", "w2"], ["y"], transB=1, name="classify"),
    ]
    _write(path, nodes, shapes, side)


def alike(path: Path, side: int) -> None:
    """Write a chain of layers that are about as fast on either device: convolution, depthwise, pointwise, pooling,
    classifier."""
    shapes = {"w1": (8, 3, 3, 3), "w2": (8, 1, 3, 3), "w3": (8, 8, 1, 1), "w4": (10, 8)}
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a0"], pads=[1, 1, 1, 1], strides=[2, 2], name="first"),
        helper.make_node("Relu", ["a0"], ["a"], name="first/relu"),
        helper.make_node("Conv", ["a", "w2"], ["b"], pads=[1, 1, 1, 1], group=8, name="depthwise"),
        helper.make_node("Conv", ["b", "w3"], ["c"], name="pointwise"),
        helper.make_node("GlobalAveragePool", ["c"], ["d"], name="pool"),
        helper.make_node("Flatten", ["d"], ["e"], name="flatten"),
        helper.make_node("Gemm", ["e", "w4"], ["y"], transB=1, name="classify"),
    ]
    _write(path, nodes, shapes, side)


def _write(path: Path, nodes: list[onnx.NodeProto], shapes: dict[str, tuple[int, ...]], side: int) -> None:
    random = np.random.default_rng(0)
    weights = [numpy_helper.from_array(random.standard_normal(s, np.float32) * 0.3, name) for name, s in shapes.items()]
    given = [helper.make_tensor_value_info("x", 1, (1, 3, side, side))]
    graph = helper.make_graph(nodes, "small", given, [helper.make_empty_tensor_value_info("y")], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(made), path)


NETWORKS = {"unlike": unlike, "switching": switching, "alike": alike}
