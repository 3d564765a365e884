"""Operator by operator: what Arm NN's reference backend computes is what ONNX Runtime computes, and what it refuses."""

import numpy as np
import pytest
from onnx import helper

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
R = np.random.default_rng(1)


def weights(*shape):
    return R.standard_normal(shape).astype(np.float32)


def node(kind, inputs="x", outputs="y", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def ints(*values):
    return np.array(values, np.int64)


NORM = {"s": weights(6), "b": weights(6), "m": weights(6), "v": np.abs(weights(6)) + 0.1}
CASES = {
    "conv": ([node("Conv", "x w b", strides=[2, 1], pads=[1, 0, 2, 1])], {"w": weights(6, 4, 3, 3), "b": weights(6)}),
    "dilated": ([node("Conv", "x w", dilations=[2, 1])], {"w": weights(6, 4, 3, 3)}),
    "grouped": ([node("Conv", "x w b", group=2)], {"w": weights(6, 2, 3, 3), "b": weights(6)}),
    "depthwise": ([node("Conv", "x w b", group=4, pads=[1, 1, 1, 1])], {"w": weights(8, 1, 3, 3), "b": weights(8)}),
    "conv, norm, relu": (
        [node("Conv", "x w", "c"), node("BatchNormalization", "c s b m v", "n"), node("Relu", "n")],
        {"w": weights(6, 4, 3, 3), **NORM},
    ),
    "depthwise, norm": (
        [node("Conv", "x w", "c", group=4), node("BatchNormalization", "c s b m v")],
        {"w": weights(4, 1, 3, 3), **{name: value[:4] for name, value in NORM.items()}},
    ),
    "norm": ([node("BatchNormalization", "x s b m v")], {name: value[:4] for name, value in NORM.items()}),
    "transposed": (
        [node("ConvTranspose", "x w b", strides=[2, 2], pads=[1, 1, 1, 1])],
        {"w": weights(4, 5, 3, 3), "b": weights(5)},
    ),
    "dense": (
        [node("Flatten", "x", "f"), node("Gemm", "f w b", transB=1, alpha=0.5)],
        {"w": weights(5, 252), "b": weights(5)},
    ),
    "dense by input": ([node("Flatten", "x", "f"), node("MatMul", "f w")], {"w": weights(252, 5)}),
    "max pool": ([node("MaxPool", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])], {}),
    "max pool, rounded up": ([node("MaxPool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)], {}),
    "average pool": ([node("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1])], {}),
    "average pool, pads count": (
        [node("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)],
        {},
    ),
    "global pool": ([node("GlobalAveragePool")], {}),
    "relu6": ([node("Clip", "x lo hi")], {"lo": np.float32(0), "hi": np.float32(1)}),
    "open clip": ([helper.make_node("Clip", ["x", "", "hi"], ["y"])], {"hi": np.float32(1)}),
    "leaky": ([node("LeakyRelu", alpha=0.2)], {}),
    "elu": ([node("Elu", alpha=0.5)], {}),
    "selu": ([node("Selu")], {}),
    "prelu": ([node("PRelu", "x s")], {"s": weights(4, 1, 1)}),
    "hard sigmoid": ([node("HardSigmoid")], {}),
    "hard swish": ([node("HardSwish")], {}),
    "softplus": ([node("Softplus")], {}),
    "tanh": ([node("Tanh")], {}),
    "swish": ([node("Sigmoid", "x", "s"), node("Mul", "s x")], {}),
    "mish": ([node("Softplus", "x", "s"), node("Tanh", "s", "t"), node("Mul", "x t")], {}),
    "instance norm": ([node("InstanceNormalization", "x s b")], {"s": weights(4), "b": weights(4)}),
    "layer norm": ([node("LayerNormalization", "x s b")], {"s": weights(7), "b": weights(7)}),
    "lrn": ([node("LRN", size=3, alpha=0.3, beta=0.5, bias=2.0)], {}),
    "l2": ([node("LpNormalization", axis=1)], {}),
    "softmax": ([node("Softmax", axis=1)], {}),
    "log softmax": ([node("LogSoftmax", axis=-1)], {}),
    "constant minus x": ([node("Sub", "c x")], {"c": weights(4, 1, 1)}),
    "x over constant": ([node("Div", "x c")], {"c": np.float32(3)}),
    "twice x": ([node("Add", "x x")], {}),
    "maximum": ([node("Max", "x c")], {"c": weights(7)}),
    "square": ([node("Pow", "x c")], {"c": np.float32(2)}),
    "exp": ([node("Exp")], {}),
    "negate": ([node("Neg")], {}),
    "absolute": ([node("Abs")], {}),
    "concat": ([node("Relu", "x", "r"), node("Concat", "x r", axis=1)], {}),
    "split": ([node("Split", "x s", "a b", axis=1), node("Concat", "b a", axis=1)], {"s": ints(1, 3)}),
    "slice": (
        [node("Slice", "x s e a t")],
        {"s": ints(-6, 0), "e": ints(8, 99), "a": ints(2, -1), "t": ints(2, 3)},
    ),
    "pad": ([node("Pad", "x p v")], {"p": ints(0, 0, 1, 2, 0, 0, 3, 4), "v": np.float32(1.5)}),
    "transpose": ([node("Transpose", perm=[0, 3, 1, 2])], {}),
    "shuffle": (
        [node("Reshape", "x s", "r"), node("Transpose", "r", "t", perm=[0, 2, 1, 3, 4]), node("Reshape", "t z")],
        {"s": ints(1, 2, 2, 9, 7), "z": ints(1, 4, 9, 7)},
    ),
    "mean": ([node("ReduceMean", axes=[2, 3], keepdims=0)], {}),
    "sum": ([node("ReduceSum", "x a")], {"a": ints(1)}),
    "maximum over the map": ([node("ReduceMax", axes=[2, 3])], {}),
    "resize linear": (
        [helper.make_node("Resize", ["x", "", "", "s"], ["y"], mode="linear")],
        {"s": ints(1, 4, 18, 21)},
    ),
    "resize corners": (
        [
            helper.make_node(
                "Resize", ["x", "", "", "s"], ["y"], mode="linear", coordinate_transformation_mode="align_corners"
            )
        ],
        {"s": ints(1, 4, 17, 13)},
    ),
    "resize nearest": ([helper.make_node("Resize", ["x", "", "", "s"], ["y"])], {"s": ints(1, 4, 18, 21)}),
    "depth to space": ([node("DepthToSpace", blocksize=2)], {}),
}


@pytest.mark.parametrize("name", CASES)
def test_operator(name, computed):
    nodes, constants = CASES[name]
    found, wanted = computed(nodes, {"x": (1, 4, 9, 7)}, constants)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4 * np.abs(wanted).max())


def test_what_arm_nn_has_no_words_for_is_said(engine, case, write_onnx):
    one = case(write_onnx([node("Pow", "x c")], {"x": (1, 4, 9, 7)}, ["y"], {"c": np.float32(2.5)}))
    refused = engine.load(one.network, one.constants)
    assert set(refused) == {"CPU", "GPU"}
    assert "no power of 2.5" in refused["CPU"][one.graph.layers[-1].name]


def test_gather_is_right_or_refused_by_arm_nn_itself(engine, case, computed, write_onnx):
    """20.08 refuses an axis other than the first, 23.08 takes it."""
    network = [node("Gather", "x i", axis=1)], {"x": (1, 4, 9, 7)}
    one = case(write_onnx(*network, ["y"], {"i": ints(2, 0)}))
    refused = engine.load(one.network, one.constants)
    if refused:
        assert all("refuses it" in reason for layers in refused.values() for reason in layers.values())
    else:
        np.testing.assert_allclose(*computed(*network, {"i": ints(2, 0)}), rtol=1e-3)
