"""Constants: as the file has them, read when asked for, and never out of a file that has changed."""

import os

import numpy as np
import pytest
import tflite

from layerswitch.errors import ModelError
from layerswitch.network.formats.tflite import read_tflite


def convolution(network, weights, dtype="float32", **fields):
    x = network.input("x", (1, 4, 4, weights.shape[3]), dtype)
    w = network.constant("w", weights, **fields)
    network.result("CONV_2D", [x, w, -1], (1, 4, 4, 2), "Conv2DOptions", dtype, StrideH=1, StrideW=1)
    return network.write()


@pytest.fixture
def weights():
    return np.arange(2 * 3 * 3 * 2, dtype=np.float32).reshape(2, 3, 3, 2)


def test_float32_weights_come_as_they_are(network, weights):
    model = read_tflite(convolution(network, weights))
    np.testing.assert_array_equal(model.constants["w"], weights)
    with pytest.raises(KeyError):
        model.constants["x"]


def test_float16_weights_lose_their_dequantize(network, weights):
    x = network.input("x", (1, 4, 4, 2))
    half = network.constant("half", weights.astype(np.float16))
    full = network.tensor("full", weights.shape)
    network.operator("DEQUANTIZE", [half], full)
    network.result("CONV_2D", [x, full, -1], (1, 4, 4, 2), "Conv2DOptions", StrideH=1, StrideW=1)
    model = read_tflite(network.write())
    assert [layer.type for layer in model.graph.layers] == ["Convolution"]
    assert model.graph.layers[0].operators[0].constants == {"weights": "half"}
    assert model.graph.constants["half"].dtype == "float16"
    np.testing.assert_array_equal(model.constants["half"], weights)


def test_int8_weights_per_channel(network, weights):
    path = convolution(network, weights.astype(np.int8), "int8", quantization=([0.5, 0.25], [0, 0], 0))
    model = read_tflite(path)
    tensor = model.graph.constants["w"]
    assert (tensor.dtype, tensor.bytes) == ("int8", 36)
    assert (tensor.quantization.scale, tensor.quantization.zero_point, tensor.quantization.axis) == (
        (0.5, 0.25),
        (0, 0),
        0,
    )
    assert model.constants["w"].dtype == np.int8


def test_legacy_uint8_has_one_scale_and_a_zero_point(network, weights):
    path = convolution(network, weights.astype(np.uint8), "uint8", quantization=([0.5], [128]))
    found = read_tflite(path).graph.constants["w"].quantization
    assert (found.scale, found.zero_point, found.axis) == ((0.5,), (128,), None)


def test_a_fused_activation_in_the_middle_has_the_quantization_of_the_output(network, weights):
    x = network.input("x", (1, 4, 4, 2), "int8", quantization=([0.1], [0]))
    w = network.constant("w", weights.astype(np.int8), quantization=([0.5, 0.25], [0, 0], 0))
    y = network.tensor("y", (1, 4, 4, 2), "int8", quantization=([0.2], [-128]))
    network.operator("CONV_2D", [x, w, -1], y, "Conv2DOptions", StrideH=1, StrideW=1, FusedActivationFunction=1)
    network.outputs = [y]
    tensors = read_tflite(network.write()).graph.tensors
    assert tensors["y/before_activation"].quantization == tensors["y"].quantization is not None


def test_int4_is_unpacked(network):
    packed = np.array([0x21, 0xF8, 0x07], np.uint8)  # low half first: 1 2 -8 -1 7
    x = network.input("x", (1, 5))
    network.result("ADD", [x, network.constant("c", packed, dtype="int4", shape=(1, 5))], (1, 5), "AddOptions")
    np.testing.assert_array_equal(read_tflite(network.write()).constants["c"], [[1, 2, -8, -1, 7]])


def test_weights_that_the_file_reorders_are_reordered_when_read(network):
    stored = np.arange(5000 * 2, dtype=np.float32).reshape(2, 5000)
    x, w = network.input("x", (1, 2)), network.constant("w", stored)
    turned = network.tensor("turned", (5000, 2))
    network.operator("TRANSPOSE", [w, network.constant("order", np.array([1, 0]))], turned, "TransposeOptions")
    network.result("FULLY_CONNECTED", [x, turned, -1], (1, 5000), "FullyConnectedOptions")
    model = read_tflite(network.write())
    assert [layer.type for layer in model.graph.layers] == ["FullyConnected"]
    assert list(model.graph.constants) == ["turned"]
    np.testing.assert_array_equal(model.constants["turned"], stored.T)
    assert model.constants["turned"].flags.c_contiguous


def sparse(dense):
    """Stored values of a matrix in compressed rows, and the function that writes their description."""
    rows, columns = np.nonzero(dense)
    segments = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(dense)))]).astype(np.uint8)

    columns = columns.astype(np.uint8)

    def describe(builder, segments=segments, indices=columns):
        vectors = []
        for values in (segments, indices):
            numbers = builder.CreateNumpyVector(values)
            tflite.Uint8VectorStart(builder)
            tflite.Uint8VectorAddValues(builder, numbers)
            vectors.append(tflite.Uint8VectorEnd(builder))
        kind = tflite.SparseIndexVector.Uint8Vector
        tflite.DimensionMetadataStart(builder)
        tflite.DimensionMetadataAddDenseSize(builder, len(dense))
        first = tflite.DimensionMetadataEnd(builder)
        tflite.DimensionMetadataStart(builder)
        tflite.DimensionMetadataAddFormat(builder, tflite.DimensionType.SPARSE_CSR)
        tflite.DimensionMetadataAddArraySegments(builder, vectors[0])
        tflite.DimensionMetadataAddArraySegmentsType(builder, kind)
        tflite.DimensionMetadataAddArrayIndices(builder, vectors[1])
        tflite.DimensionMetadataAddArrayIndicesType(builder, kind)
        second = tflite.DimensionMetadataEnd(builder)
        builder.StartVector(4, 2, 4)
        for offset in (second, first):
            builder.PrependUOffsetTRelative(offset)
        axes = builder.EndVector()
        order = builder.CreateNumpyVector(np.array([0, 1], np.int32))
        tflite.SparsityParametersStart(builder)
        tflite.SparsityParametersAddTraversalOrder(builder, order)
        tflite.SparsityParametersAddDimMetadata(builder, axes)
        return tflite.SparsityParametersEnd(builder)

    return dense[rows, columns], describe


def densified(network, dense, values, describe):
    x = network.input("x", (1, dense.shape[1]))
    stored = network.constant("stored", values, shape=dense.shape, sparsity=describe)
    full = network.tensor("full", dense.shape)
    network.operator("DENSIFY", [stored], full)
    network.result("FULLY_CONNECTED", [x, full, -1], (1, len(dense)), "FullyConnectedOptions")
    return network.write()


def test_sparse_weights_are_made_dense_when_read(network):
    dense = np.zeros((3, 7), np.float32)
    dense[0, 2], dense[2, 0], dense[2, 6] = 1, 2, 3
    model = read_tflite(densified(network, dense, *sparse(dense)))
    assert [layer.type for layer in model.graph.layers] == ["FullyConnected"]
    np.testing.assert_array_equal(model.constants["stored"], dense)


@pytest.mark.parametrize(
    ("segments", "indices"),
    [([0, 1, 1, 9], [2, 0, 6]), ([0, 1, 1, 3], [2, 0, 7]), ([0, 2, 1, 3], [2, 0, 6]), ([0], [])],
)
def test_sparse_weights_whose_indices_lie_are_refused(network, segments, indices):
    dense = np.zeros((3, 7), np.float32)
    dense[0, 2], dense[2, 0], dense[2, 6] = 1, 2, 3
    values, describe = sparse(dense)
    lie = (np.array(segments, np.uint8), np.array(indices, np.uint8))
    with pytest.raises(ModelError, match="sparse constant"):
        read_tflite(densified(network, dense, values, lambda builder: describe(builder, *lie)))


def test_opening_reads_no_weights_and_keeps_none(network, weights, monkeypatch):
    path = convolution(network, np.zeros((2, 64, 64, 2), np.float32))
    read = []
    original = np.fromfile
    monkeypatch.setattr(np, "fromfile", lambda *args, **kwargs: read.append(args) or original(*args, **kwargs))
    model = read_tflite(path)
    assert not read
    first, second = model.constants["w"], model.constants["w"]
    assert len(read) == 2
    assert first is not second


def test_a_file_that_changed_since_is_not_read(network, weights):
    path = convolution(network, weights)
    model = read_tflite(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match=r"changed since it was opened.*open it again"):
        model.constants["w"]
    path.unlink()
    with pytest.raises(ModelError, match=os.strerror(2)):
        model.constants["w"]


def test_the_graph_survives_being_written_and_read(network, weights):
    graph = read_tflite(convolution(network, weights)).graph
    assert type(graph).from_dict(graph.to_dict()) == graph
