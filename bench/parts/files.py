"""ONNX files of any number of layers and any size, for the benches of opening."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_ladder(path: Path, count: int, weight_bytes: int = 0) -> None:
    """`count` convolutions with their activations, in blocks of eight as `parts.networks.ladder` has them.

    Weights are 4 x 4 x 1 x 1, or a first layer as large as `weight_bytes` asks for, spread over all layers.
    """
    channels = 4
    extra = weight_bytes // max(count, 1) // 4
    nodes, weights = [], []
    for place in range(count):
        block, part = divmod(place, 8)
        entry = f"t{place - 1}" if place else "in"
        if part in (1, 3, 5):
            entry = f"t{block * 8}"
        name = f"block_{block}/conv_{part}"
        if part == 7:
            arms = [f"t{block * 8 + end}" for end in (2, 4, 6)]
            nodes.append(helper.make_node("Sum", arms, [f"t{place}"], name=f"block_{block}/sum"))
            continue
        weights.append(numpy_helper.from_array(np.zeros((channels, channels, 1, 1), np.float32), f"w{place}"))
        nodes.append(helper.make_node("Conv", [entry, f"w{place}"], [f"c{place}"], name=name))
        nodes.append(helper.make_node("Relu", [f"c{place}"], [f"t{place}"], name=f"{name}/relu"))
    last = f"t{count - 1}"
    if extra:  # one large matrix product at the end holds what the file is to weigh
        wide = weight_bytes // 4 // channels
        weights.append(numpy_helper.from_array(np.ones((channels, wide), np.float32), "large"))
        nodes.append(helper.make_node("GlobalAveragePool", [last], ["pooled"], name="pool"))
        nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"], name="flat"))
        nodes.append(helper.make_node("MatMul", ["flat", "large"], ["out"], name="large"))
        last = "out"
    shape = [1, wide] if extra else [1, channels, 8, 8]
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [1, channels, 8, 8])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, shape)],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(path))
