"""Operators that Arm NN has no layer for, put together from others: what they compute is what ONNX Runtime computes."""

import numpy as np
import pytest
from onnx import helper

from layerswitch.agent.engines.armnn.compilation import load
from layerswitch.agent.engines.segments import of_layers

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
R = np.random.default_rng(2)
MAP = {"x": (1, 4, 9, 7)}


def node(kind, inputs="x", outputs="y", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def ints(*values):
    return np.array(values, np.int64)


def weights(*shape):
    return R.standard_normal(shape).astype(np.float32)


GELU = [
    node("Div", "x root", "a"),
    node("Erf", "a", "b"),
    node("Add", "b one", "c"),
    node("Mul", "x c", "d"),
    node("Mul", "d half"),
]
NUMBERS = {"root": np.float32(2**0.5), "one": np.float32(1), "half": np.float32(0.5)}
PADS = ints(0, 1, 3, 2, 0, 2, 1, 5)
EXACT = {
    "reflected": ([node("Pad", "x p", mode="reflect")], MAP, {"p": PADS}),
    "reflected on one side": ([node("Pad", "x p", mode="reflect")], MAP, {"p": ints(0, 0, 0, 6, 0, 0, 8, 0)}),
    "edge": ([node("Pad", "x p", mode="edge")], MAP, {"p": PADS}),
    "dilated pool": ([node("MaxPool", kernel_shape=[2, 3], dilations=[3, 2], strides=[2, 1])], MAP, {}),
    "dilated pool, padded": (
        [node("MaxPool", kernel_shape=[3, 3], dilations=[2, 2], strides=[1, 2], pads=[2, 2, 2, 2])],
        MAP,
        {},
    ),
    "dilated pool, rounded up": (
        [node("MaxPool", kernel_shape=[2, 2], dilations=[2, 2], strides=[2, 2], ceil_mode=1)],
        MAP,
        {},
    ),
    "tile": ([node("Tile", "x r")], MAP, {"r": ints(1, 2, 1, 3)}),
    "tile of single numbers": ([node("Tile", "x r")], {"x": (1, 4, 1, 1)}, {"r": ints(1, 1, 9, 70)}),
    "tile that repeats nothing": ([node("Tile", "x r")], MAP, {"r": ints(1, 1, 1, 1)}),
    "expand": ([node("Expand", "x s")], {"x": (1, 4, 1, 7)}, {"s": ints(1, 4, 90, 7)}),
    "expand to more axes": ([node("Expand", "x s")], {"x": (4, 1)}, {"s": ints(2, 3, 4, 5)}),
    "backward": ([node("Slice", "x s e a t")], MAP, {"s": ints(8), "e": ints(0), "a": ints(2), "t": ints(-1)}),
    "backward to the first": (
        [node("Slice", "x s e a t")],
        MAP,
        {"s": ints(5, -1), "e": ints(-99, 1), "a": ints(2, 3), "t": ints(-2, -2)},
    ),
    "slice of five axes": (
        [node("Slice", "x s e a t")],
        {"x": (2, 3, 1, 4, 5)},
        {"s": ints(1, 3), "e": ints(3, -99), "a": ints(1, 4), "t": ints(1, -2)},
    ),
    "depth to space, CRD": ([node("DepthToSpace", blocksize=2, mode="CRD")], {"x": (1, 12, 3, 5)}, {}),
    "round": ([node("Round")], MAP, {}),
    "ceil": ([node("Ceil")], MAP, {}),
}
CLOSE = {
    "cube": ([node("Pow", "x c")], MAP, {"c": np.float32(3)}),  # known by its exponent, before it runs
    "gelu": (GELU, MAP, NUMBERS),
    "transposed in groups": (
        [node("ConvTranspose", "x w b", group=2, strides=[2, 1])],
        MAP,
        {"w": weights(4, 3, 3, 2), "b": weights(6)},
    ),
    "transposed, padded at the end": (
        [node("ConvTranspose", "x w", strides=[2, 3], pads=[1, 0, 1, 2], output_padding=[1, 2])],
        MAP,
        {"w": weights(4, 3, 3, 4)},
    ),
    "product": ([node("MatMul", "x z")], {"x": (2, 3, 5, 7), "z": (2, 3, 7, 4)}, {}),
    "product of matrices": ([node("MatMul", "x z")], {"x": (5, 7), "z": (7, 4)}, {}),
    "product, one for all": ([node("MatMul", "x z")], {"x": (2, 3, 5, 7), "z": (3, 7, 4)}, {}),
    "attention": (
        [
            node("Transpose", "z", "t", perm=[0, 1, 3, 2]),
            node("MatMul", "x t", "a"),
            node("Softmax", "a", "s", axis=-1),
            node("MatMul", "s z"),
        ],
        {"x": (1, 2, 6, 5), "z": (1, 2, 6, 5)},
        {},
    ),
    "product with numbers that are no weights": ([node("MatMul", "w x")], {"x": (2, 7, 4)}, {"w": weights(2, 5, 7)}),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact(name, computed):
    found, wanted = computed(*EXACT[name])
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", CLOSE)
def test_within_a_hundred_thousandth(name, computed):
    found, wanted = computed(*CLOSE[name])
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_gelu_holds_far_from_zero_and_next_to_it(computed):
    x = np.concatenate([np.linspace(-12, 12, 2001), [0, 1e-6, -1e-6, 1e4, -1e4]]).astype(np.float32).reshape(1, 1, -1)
    found, wanted = computed(GELU, {"x": x.shape}, NUMBERS, {"x": x})
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-5)
    assert np.abs(found[x < -7]).max() < 1e-5


def test_halves_are_rounded_to_even_and_large_numbers_stay(computed):
    x = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999997, 1234567.5, -16777217, 3e9], np.float32).reshape(1, -1)
    found, wanted = computed([node("Round")], {"x": x.shape}, {}, {"x": x})
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=0)
    np.testing.assert_array_equal(found[:, :8], wanted[:, :8])


def test_cast_to_bytes_and_back(computed):
    nodes = [node("Cast", "x", "a", to=3), node("Cast", "a", to=1)]
    x = np.array([-128, -100.9, -1.5, -0.5, 0, 0.5, 0.99, 1.5, 126.7, 127], np.float32).reshape(1, -1)
    found, wanted = computed(nodes, {"x": x.shape}, {}, {"x": x})
    np.testing.assert_array_equal(found, wanted)


def test_pieces_of_a_split_are_copied_before_a_concatenation(engine, case, write_onnx):
    """CpuAcc lays such a piece within the concatenation's tensor, where the split does not write it."""
    nodes = [node("Split", "x s", "a b", axis=1), node("Concat", "b a", axis=1)]
    one = case(write_onnx(nodes, MAP, ["y"], {"s": ints(1, 3)}))
    assert engine.load(one.network, one.constants) == {}
    segment = of_layers(engine._graph, "CPU", range(len(one.graph.layers)))
    kinds = [kind for kind, _ in load(engine._library, engine._graph, segment, "CpuRef", one.constants).order]
    assert kinds.index("Splitter") < kinds.index("Reshape") < kinds.index("Concat")
    assert kinds.count("Reshape") == 2


UNSUPPORTED = {
    "wrapped padding": ([node("Pad", "x p", mode="wrap")], {"p": ints(0, 0, 1, 1, 0, 0, 1, 1)}, "padding by wrap"),
    "mirrored too far": ([node("Pad", "x p", mode="reflect")], {"p": ints(0, 0, 9, 0, 0, 0, 0, 0)}, "wider than"),
    "repeated too often": ([node("Tile", "x r")], {"r": ints(1, 1, 1, 65)}, "repeated 65 times"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_cannot_be_put_together_is_said(name, engine, case, write_onnx):
    nodes, constants, said = UNSUPPORTED[name]
    if name == "mirrored too far" and hasattr(engine._library.ann, "PaddingMode_Reflect"):
        pytest.skip("this Arm NN pads by itself, and says itself what it takes")
    one = case(write_onnx(nodes, MAP, ["y"], constants, 19))
    refused = engine.load(one.network, one.constants)
    assert said in refused["CPU"][one.graph.layers[-1].name]
