"""MediaPipe's Convolution2DTransposeBias, in files that are built here: sizes by its own kernel's rules."""

import struct

import numpy as np
import pytest

from layerswitch.errors import ModelError
from layerswitch.network.formats.tflite import read_tflite

SAME, VALID = 1, 2  # as TFLite's C interface counts, not as its files do
NAME = "Convolution2DTransposeBias"


def ones(*shape):
    return np.ones(shape, np.float32)


@pytest.fixture
def read(network):
    """read(size, kernel, strides, padding) -> (graph, operator); `made` is the size that the file says."""

    def build(size, kernel=(2, 2), strides=(2, 2), padding=SAME, made=(8, 8), raw=None, biases=3, **fields):
        x = network.input("x", (1, *size, 2))
        inputs = [x, network.constant("w", ones(3, *kernel, 2)), network.constant("b", ones(biases))]
        raw = struct.pack("<3i", padding, *strides[::-1]) if raw is None else raw
        network.result("CUSTOM", inputs[: fields.get("inputs", 3)], (1, *made, 3), custom=NAME, raw=raw)
        graph = read_tflite(network.write()).graph
        return graph, graph.layers[0].operators[0]

    return build


@pytest.mark.parametrize(
    ("size", "kernel", "strides", "padding", "made", "pads"),
    [
        ((4, 4), (2, 2), (2, 2), SAME, (8, 8), [0, 0, 0, 0]),
        ((4, 4), (3, 3), (2, 2), SAME, (8, 8), [0, 0, 1, 1]),
        ((4, 6), (4, 2), (2, 3), SAME, (8, 17), [1, 0, 1, 0]),
        ((5, 5), (3, 3), (1, 1), SAME, (5, 5), [1, 1, 1, 1]),
        ((5, 5), (2, 2), (2, 2), SAME, (9, 9), [0, 0, 1, 1]),
        ((4, 5), (3, 2), (2, 2), VALID, (9, 10), [0, 0, 0, 0]),
    ],
)
def test_it_is_a_transposed_convolution_with_bias(read, size, kernel, strides, padding, made, pads):
    graph, operator = read(size, kernel, strides, padding, made)
    assert graph.tensors["y"].shape == (1, *made, 3)
    assert (operator.type, operator.constants) == ("TransposedConvolution", {"weights": "w", "bias": "b"})
    assert operator.attributes == {
        "kernel": list(kernel),
        "strides": list(strides),
        "pads": pads,
        "dilations": [1, 1],
        "group": 1,
        "output_padding": [0, 0],
        "weight_layout": "OHWI",
    }
    assert operator.macs == size[0] * size[1] * 2 * kernel[0] * kernel[1] * 3
    assert operator.parameters == 3 * kernel[0] * kernel[1] * 2 + 3
    # what the attributes say must be what comes out
    sums = [
        (size[axis] - 1) * strides[axis] + kernel[axis] - operator.attributes["pads"][axis] - pads[axis + 2]
        for axis in (0, 1)
    ]
    assert tuple(sums) == made


def test_it_says_the_same_as_the_built_in_operator_where_both_make_that_size(network, read):
    _, custom = read((4, 4), (3, 3), (2, 2), SAME, (8, 8))
    network.operators.clear()
    shape = network.constant("s", np.array([1, 8, 8, 3]))
    options = {"Padding": 0, "StrideH": 2, "StrideW": 2}
    network.result("TRANSPOSE_CONV", [shape, 1, 0, 2], (1, 8, 8, 3), "TransposeConvOptions", **options)
    (layer,) = read_tflite(network.write()).graph.layers
    (built_in,) = layer.operators
    assert (built_in.type, built_in.attributes, built_in.constants) == (
        *(custom.type, custom.attributes),
        custom.constants,
    )


def test_another_input_size_is_followed_through(network, read):
    read((4, 4), made=(8, 8))
    graph = read_tflite(network.path, {"x": (2, 6, 4, 2)}).graph
    assert graph.tensors["y"].shape == (2, 12, 8, 3)


@pytest.mark.parametrize("raw", [b"", b"\x01\x00\x00\x00", struct.pack("<3i", 0, 2, 2), struct.pack("<3i", 7, 2, 2)])
def test_options_that_nobody_knows_leave_it_unknown(read, raw):
    _, operator = read((4, 4), raw=raw)
    assert (operator.type, operator.attributes) == (NAME, {"unknown": True})


def test_other_inputs_leave_it_unknown(read):
    _, operator = read((4, 4), inputs=2)
    assert (operator.type, operator.attributes) == (NAME, {"unknown": True})


def test_longer_options_begin_alike(read):
    _, operator = read((4, 4), raw=struct.pack("<5i", SAME, 2, 2, 0, 0))
    assert operator.attributes["strides"] == [2, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"strides": (0, 2)}, "impossible strides 0x2"), ({"biases": 4}, "shapes 3x2x2x2 and 4, but reads 2 channels")],
)
def test_contradictions_are_told(read, options, message):
    with pytest.raises(ModelError, match=message):
        read((4, 4), **options)
