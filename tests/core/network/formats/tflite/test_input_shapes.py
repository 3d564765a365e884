"""Free sizes are asked for, given ones are followed, and neither is guessed."""

import numpy as np
import pytest

from layerswitch.errors import InputShapeError, ModelError
from layerswitch.network.formats.tflite import read_tflite


def free_batch(network):
    x = network.input("image", (1, 8, 8, 3), signature=(-1, 8, 8, 3))
    w = network.constant("w", np.ones((4, 3, 3, 3), np.float32))
    y = network.tensor("y", (1, 8, 8, 4), signature=(-1, 8, 8, 4))
    network.operator("CONV_2D", [x, w, -1], y, "Conv2DOptions", StrideH=1, StrideW=1)
    network.outputs = [y]
    return network


def test_a_free_batch_is_asked_for(network):
    path = free_batch(network).write()
    with pytest.raises(InputShapeError) as caught:
        read_tflite(path)
    assert caught.value.inputs == {"image": (None, 8, 8, 3)}
    assert caught.value.where == str(path)
    assert "image=?x8x8x3" in str(caught.value)
    assert "image=1x8x8x3" in caught.value.hint


@pytest.mark.parametrize("shape", [(1, 8, 8, 3), (5, 8, 8, 3), (2, 6, 10, 3)])
def test_a_given_shape_goes_through(network, shape):
    graph = read_tflite(free_batch(network).write(), {"image": shape}).graph
    assert graph.tensors["y"].shape == (*shape[:3], 4)
    assert graph.macs == shape[0] * shape[1] * shape[2] * 4 * 27


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"picture": (1, 8, 8, 3)}, "no input 'picture'.*its inputs: image"),
        ({"image": (8, 8, 3)}, "has 4 axes"),
        ({"image": (0, 8, 8, 3)}, "not 0x8x8x3"),
    ],
)
def test_a_shape_of_no_input_or_another_rank_is_refused(network, given, message):
    with pytest.raises(InputShapeError, match=message):
        read_tflite(free_batch(network).write(), given)


def test_another_number_of_channels_contradicts_the_weights(network):
    with pytest.raises(ModelError, match="weights for 3 channels, but reads 4"):
        read_tflite(free_batch(network).write(), {"image": (1, 8, 8, 4)})


def test_shape_arithmetic_on_a_free_batch_is_folded(network):
    x = network.input("x", (1, 4, 6), signature=(-1, 4, 6))
    shape = network.tensor("shape", (3,), "int32")
    network.operator("SHAPE", [x], shape, "ShapeOptions", OutType=2)
    one = [network.constant(f"at{number}", np.array([number])) for number in (0, 1, 1)]
    batch = network.tensor("batch", (), "int32")
    network.operator("STRIDED_SLICE", [shape, *one], batch, "StridedSliceOptions", ShrinkAxisMask=1)
    target = network.tensor("target", (2,), "int32")
    rest = network.constant("rest", np.int32(24))
    network.operator("PACK", [batch, rest], target, "PackOptions", ValuesCount=2)
    y = network.tensor("y", (1, 24), signature=(-1, 24))
    network.operator("RESHAPE", [x, target], y)
    network.outputs = [y]
    graph = read_tflite(network.write(), {"x": (3, 4, 6)}).graph
    assert [layer.type for layer in graph.layers] == ["Reshape"]
    assert graph.tensors["y"].shape == (3, 24)


def test_an_unknown_operator_keeps_the_files_size_and_no_other(network):
    x = network.input("x", (1, 4))
    y = network.tensor("y", (1, 7))
    network.operator("CUSTOM", [x], y, custom="Mystery")
    network.outputs = [y]
    path = network.write()
    graph = read_tflite(path).graph
    assert graph.layers[0].operators[0].attributes == {"unknown": True}
    assert (graph.layers[0].type, graph.tensors["y"].shape) == ("Mystery", (1, 7))
    with pytest.raises(ModelError, match=r"operator 'y' \(Mystery\) cannot be followed"):
        read_tflite(path, {"x": (2, 4)})
