"""Operator by operator: attributes, MACs, parameters, and that what was read computes what the file computes."""

import numpy as np
import pytest
from onnx import helper

from layerswitch.network.formats import open_model

R = np.random.default_rng(1)


def weights(*shape):
    return R.standard_normal(shape).astype(np.float32)


def node(kind, inputs="x", outputs="y", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def ints(*values):
    return np.array(values, np.int64)


MAP = (2, 4, 9, 7)
CONV = {"w": weights(6, 4, 3, 3), "b": weights(6)}
CASES = {
    "conv": (
        17,
        [node("Conv", "x w b", strides=[2, 1], pads=[1, 0, 2, 1])],
        CONV,
        "Convolution",
        {"pads": [1, 0, 2, 1], "strides": [2, 1]},
    ),
    "conv same upper": (
        17,
        [node("Conv", "x w", auto_pad="SAME_UPPER", strides=[2, 2])],
        {"w": weights(6, 4, 2, 4)},
        "Convolution",
        {"pads": [0, 1, 1, 2], "kernel": [2, 4]},
    ),
    "conv same lower": (
        17,
        [node("Conv", "x w", auto_pad="SAME_LOWER")],
        {"w": weights(6, 4, 2, 4)},
        "Convolution",
        {"pads": [1, 2, 0, 1]},
    ),
    "grouped": (17, [node("Conv", "x w", group=2)], {"w": weights(6, 2, 3, 3)}, "Convolution", {"group": 2}),
    "depthwise": (
        17,
        [node("Conv", "x w", group=4, dilations=[2, 1])],
        {"w": weights(8, 1, 3, 3)},
        "DepthwiseConvolution",
        {"multiplier": 2, "dilations": [2, 1], "group": 4},
    ),
    "transposed": (
        17,
        [node("ConvTranspose", "x w b", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 0])],
        {"w": weights(4, 5, 3, 3), "b": weights(5)},
        "TransposedConvolution",
        {"output_padding": [1, 0], "weight_layout": "IOHW"},
    ),
    "transposed to a shape": (
        17,
        [node("ConvTranspose", "x w", strides=[2, 2], output_shape=[18, 14])],
        {"w": weights(4, 5, 3, 3)},
        "TransposedConvolution",
        {"pads": [1, 1, 0, 0]},
    ),
    "max pool, rounded up": (
        17,
        [node("MaxPool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)],
        {},
        "MaxPool",
        {"pads": [0, 0, 1, 1], "ceil_mode": True, "global": False},
    ),
    "average pool": (
        17,
        [node("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)],
        {},
        "AveragePool",
        {"count_include_pad": True},
    ),
    "global pool": (17, [node("GlobalAveragePool")], {}, "AveragePool", {"global": True, "kernel": [9, 7]}),
    "lp pool": (17, [node("LpPool", kernel_shape=[2, 2], p=3)], {}, "LpPool", {"p": 3}),
    "relu6 of old": (6, [node("Clip", min=0.0, max=6.0)], {}, "Clip", {"min": 0.0, "max": 6.0}),
    "relu6": (13, [node("Clip", "x lo hi")], {"lo": np.float32(0), "hi": np.float32(6)}, "Clip", {"max": 6.0}),
    "open clip": (13, [helper.make_node("Clip", ["x", "", "hi"], ["y"])], {"hi": np.float32(1)}, "Clip", {"min": None}),
    "leaky": (17, [node("LeakyRelu")], {}, "LeakyRelu", {"alpha": 0.01}),
    "elu": (17, [node("Elu", alpha=0.5)], {}, "Elu", {"alpha": 0.5}),
    "selu": (17, [node("Selu")], {}, "Selu", {}),
    "prelu": (17, [node("PRelu", "x s")], {"s": weights(4, 1, 1)}, "PRelu", {}),
    "hard sigmoid": (17, [node("HardSigmoid")], {}, "HardSigmoid", {"alpha": 0.2, "beta": 0.5}),
    "hard swish": (17, [node("HardSwish")], {}, "HardSwish", {}),
    "softplus": (17, [node("Softplus")], {}, "Softplus", {}),
    "mish": (18, [node("Mish")], {}, "Mish", {}),
    "gelu": (20, [node("Gelu", approximate="tanh")], {}, "Gelu", {"approximate": "tanh"}),
    "batch norm of old": (
        7,
        [node("BatchNormalization", "x s b m v", epsilon=0.01)],
        {"s": weights(4), "b": weights(4), "m": weights(4), "v": np.abs(weights(4))},
        "BatchNormalization",
        {"epsilon": pytest.approx(0.01)},
    ),
    "instance norm": (
        17,
        [node("InstanceNormalization", "x s b")],
        {"s": weights(4), "b": weights(4)},
        "InstanceNormalization",
        {},
    ),
    "lrn": (17, [node("LRN", size=3, alpha=0.1, beta=0.5, bias=2.0)], {}, "LocalResponseNormalization", {"size": 3}),
    "l2": (17, [node("LpNormalization", axis=1)], {}, "L2Normalization", {"axis": 1}),
    "softmax": (13, [node("Softmax", axis=1)], {}, "Softmax", {"axis": 1}),
    "constant minus x": (17, [node("Sub", "c x")], {"c": weights(4, 1, 1)}, "Subtract", {"operand_first": True}),
    "x over constant": (17, [node("Div", "x c")], {"c": np.float32(3)}, "Divide", {"operand_first": False}),
    "square": (17, [node("Pow", "x c")], {"c": np.float32(2)}, "Square", {}),
    "reciprocal": (17, [node("Reciprocal")], {}, "Divide", {"operand_first": True}),
    "add along an axis, of old": (6, [node("Add", "x c", broadcast=1, axis=1)], {"c": weights(4)}, "Add", {}),
    "slice": (
        13,
        [node("Slice", "x s e a t")],
        {"s": ints(-2, 0), "e": ints(-100, 99), "a": ints(2, -1), "t": ints(-2, 3)},
        "Slice",
        {"starts": [7, 0], "ends": [-10, 7], "axes": [2, 3], "steps": [-2, 3]},
    ),
    "slice of old": (9, [node("Slice", starts=[1], ends=[3], axes=[1])], {}, "Slice", {"starts": [1], "ends": [3]}),
    "pad of old": (2, [node("Pad", pads=[0, 0, 1, 2, 0, 0, 3, 4], value=1.5)], {}, "Pad", {"value": 1.5}),
    "pad": (
        18,
        [node("Pad", "x p v a")],
        {"p": ints(1, 2), "v": np.float32(0), "a": ints(-1)},
        "Pad",
        {"pads": [0, 0, 0, 1, 0, 0, 0, 2]},
    ),
    "flatten": (17, [node("Flatten", axis=2)], {}, "Reshape", {"shape": [8, 63]}),
    "reshape": (17, [node("Reshape", "x s")], {"s": ints(0, -1)}, "Reshape", {"shape": [2, 252]}),
    "unsqueeze": (13, [node("Unsqueeze", "x a")], {"a": ints(1)}, "Reshape", {"shape": [2, 1, 4, 9, 7]}),
    "transpose": (17, [node("Transpose", perm=[0, 2, 3, 1])], {}, "Transpose", {"permutation": [0, 2, 3, 1]}),
    "mean": (18, [node("ReduceMean", "x a", keepdims=0)], {"a": ints(-1, 2)}, "ReduceMean", {"axes": [2, 3]}),
    "mean of old": (11, [node("ReduceMean", axes=[1])], {}, "ReduceMean", {"axes": [1], "keep_dims": True}),
    "tile": (13, [node("Tile", "x r")], {"r": ints(1, 2, 1, 1)}, "Tile", {"repeats": [1, 2, 1, 1]}),
    "upsample of old": (7, [node("Upsample", scales=[1.0, 1.0, 2.0, 3.0])], {}, "Resize", {"rounding": "floor"}),
    "resize": (
        13,
        [helper.make_node("Resize", ["x", "", "", "s"], ["y"], mode="linear")],
        {"s": ints(2, 4, 18, 21)},
        "Resize",
        {"scales": [1.0, 1.0, 2.0, 3.0], "coordinates": "half_pixel"},
    ),
    "space to depth": (13, [node("Slice", "x s e a", "z"), node("SpaceToDepth", "z", blocksize=2)],
        {"s": ints(0, 0), "e": ints(8, 6), "a": ints(2, 3)}, "SpaceToDepth", {"block": 2}),
    "depth to space": (13, [node("DepthToSpace", blocksize=2, mode="CRD")], {}, "DepthToSpace", {"mode": "CRD"}),
    "gather": (13, [node("Gather", "x i", axis=1)], {"i": ints(2, 0)}, "Gather", {"axis": 1}),
    "concat": (13, [node("Concat", "x c", axis=-3)], {"c": weights(2, 1, 9, 7)}, "Concat", {"axis": 1}),
    "cast": (13, [node("Cast", to=10)], {}, "Cast", {"to": "float16"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_operator(name, write_onnx, check_meaning):
    opset, nodes, constants, kind, attributes = CASES[name]
    dtypes = {"y": 10} if name == "cast" else {}
    path = write_onnx(nodes, {"x": MAP}, ["y"], constants, opset=opset, dtypes=dtypes)
    model = check_meaning(path) if opset >= 7 else open_model(path, level="operator")
    operator = model.graph.layers[-1].operators[0]
    assert operator.type == kind
    assert {key: operator.attributes[key] for key in attributes} == attributes


def test_old_softmax_runs_over_all_further_axes(write_onnx, check_meaning):
    model = check_meaning(write_onnx([node("Softmax", axis=1)], {"x": MAP}, ["y"], opset=9))
    assert [layer.type for layer in model.graph.layers] == ["Reshape", "Softmax", "Reshape"]


def test_macs_and_parameters(write_onnx):
    nodes = [
        node("Conv", "x w b", "c", strides=[2, 2]),
        node("BatchNormalization", "c s t m v", "n"),
        node("ConvTranspose", "n wt", "d"),
        node("Flatten", "d", "f"),
        node("Gemm", "f wg bg", "g", transB=1),
        node("MatMul", "g wm", "y"),
    ]
    constants = {
        "w": weights(6, 4, 3, 3), "b": weights(6), "wt": weights(6, 2, 3, 3), "wg": weights(10, 60), "bg": weights(10),
        "wm": weights(10, 3), **{name: weights(6) for name in "stmv"},
    }  # fmt: skip
    graph = open_model(write_onnx(nodes, {"x": (1, 4, 9, 7)}, ["y"], constants), level="operator").graph
    found = {layer.name: (layer.macs, layer.parameters) for layer in graph.layers}
    assert found == {
        "c": (6 * 4 * 3 * 4 * 9, 6 * 4 * 9 + 6),
        "n": (0, 12),  # mean and variance are not learned
        "d": (6 * 4 * 3 * 2 * 9, 6 * 2 * 9),
        "f": (0, 0),
        "g": (10 * 60, 10 * 60 + 10),
        "y": (30, 30),
    }


@pytest.mark.parametrize(
    ("attributes", "shape_c", "types"),
    [
        ({"transB": 1, "alpha": 0.5, "beta": 2.0}, (5,), ["FullyConnected"]),
        ({"transB": 1}, (1, 5), ["FullyConnected"]),
        ({"transB": 1}, (3, 5), ["FullyConnected", "Add"]),
        ({"transB": 1}, (), ["FullyConnected", "Add"]),
    ],
)
def test_gemm(attributes, shape_c, types, write_onnx, check_meaning):
    constants = {"w": weights(5, 4), "c": weights(*shape_c)}
    path = write_onnx([node("Gemm", "x w c", **attributes)], {"x": (3, 4)}, ["y"], constants)
    assert [layer.type for layer in check_meaning(path).graph.layers] == types


def test_weights_that_two_operators_share_are_learned_once(write_onnx):
    nodes = [node("Conv", "x w", "a"), node("Conv", "x w", "b"), node("Add", "a b")]
    graph = open_model(write_onnx(nodes, {"x": MAP}, ["y"], {"w": weights(6, 4, 3, 3)}), level="operator").graph
    assert graph.parameters == 6 * 4 * 9
    assert len({layer.macs for layer in graph.layers[:2]}) == 1


SCALAR = {name: np.float32(value) for name, value in {"three": 3, "zero": 0, "six": 6, "half": 0.5, "one": 1}.items()}
PATTERNS = {
    "Swish": [node("Sigmoid", "x", "s"), node("Mul", "s x")],
    "Mish": [node("Softplus", "x", "s"), node("Tanh", "s", "t"), node("Mul", "x t")],
    "HardSwish": [
        node("Add", "three x", "a"), node("Clip", "a zero six", "c"), node("Mul", "x c", "m"), node("Div", "m six"),
    ],
    "HardSigmoid": [node("Add", "x three", "a"), node("Clip", "a zero six", "c"), node("Div", "c six")],
    "Gelu": [
        node("Div", "x root", "d"), node("Erf", "d", "e"), node("Add", "e one", "a"), node("Mul", "x a", "m"),
        node("Mul", "m half"),
    ],
    "LayerNormalization": [
        node("ReduceMean", "x", "mean", axes=[-1]), node("Sub", "x mean", "c"), node("Pow", "c two", "q"),
        node("ReduceMean", "q", "var", axes=[-1]), node("Add", "var eps", "ve"), node("Sqrt", "ve", "sd"),
        node("Div", "c sd", "n"), node("Mul", "n scale", "ns"), node("Add", "ns shift"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", PATTERNS)
def test_pattern(kind, write_onnx, check_meaning):
    more = {"root": np.float32(2**0.5), "two": np.float32(2), "eps": np.float32(1e-3)}
    constants = SCALAR | more | {"scale": weights(7), "shift": weights(7)}
    path = write_onnx(PATTERNS[kind], {"x": MAP}, ["y"], constants)
    model = open_model(path, level="operator") if kind == "Gelu" else check_meaning(path)
    assert [layer.type for layer in model.graph.layers] == [kind]


def test_a_pattern_that_is_read_in_the_middle_stays_apart(write_onnx, check_meaning):
    path = write_onnx([node("Sigmoid", "x", "s"), node("Mul", "s x")], {"x": MAP}, ["y", "s"])
    assert [layer.type for layer in check_meaning(path).graph.layers] == ["Sigmoid", "Multiply"]
