"""Single operators, with sizes and paddings worked out by hand or by TensorFlow's documented rules."""

import numpy as np
import pytest

from layerswitch.errors import ModelError
from layerswitch.network.formats.tflite import read_tflite

SAME, VALID = 0, 1


def ones(*shape, dtype=np.float32):
    return np.ones(shape, dtype)


def read(network):
    graph = read_tflite(network.write()).graph
    return graph, [layer.operators[0] for layer in graph.layers]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation", "padding", "made", "pads"),
    [
        ((7, 7), (3, 3), (2, 2), (1, 1), SAME, (4, 4), [1, 1, 1, 1]),
        ((8, 8), (3, 3), (2, 2), (1, 1), SAME, (4, 4), [0, 0, 1, 1]),
        ((7, 10), (3, 5), (2, 3), (1, 1), SAME, (4, 4), [1, 2, 1, 2]),
        ((5, 5), (2, 2), (1, 1), (1, 1), SAME, (5, 5), [0, 0, 1, 1]),
        ((4, 4), (1, 1), (3, 3), (1, 1), SAME, (2, 2), [0, 0, 0, 0]),
        ((9, 9), (3, 3), (1, 1), (2, 2), SAME, (9, 9), [2, 2, 2, 2]),
        ((9, 8), (3, 3), (2, 2), (1, 1), VALID, (4, 3), [0, 0, 0, 0]),
        ((9, 9), (3, 3), (1, 1), (3, 2), VALID, (3, 5), [0, 0, 0, 0]),
    ],
)
def test_padding_becomes_explicit(network, size, kernel, stride, dilation, padding, made, pads):
    x = network.input("x", (1, *size, 2))
    w = network.constant("w", ones(4, *kernel, 2))
    names = ("StrideH", "StrideW", "DilationHFactor", "DilationWFactor")
    options = dict(zip(names, (*stride, *dilation), strict=True))
    network.result(
        "CONV_2D", [x, w, network.constant("b", ones(4))], (1, *made, 4), "Conv2DOptions", Padding=padding, **options
    )
    graph, (operator,) = read(network)
    assert graph.tensors["y"].shape == (1, *made, 4)
    assert operator.attributes == {
        "kernel": list(kernel),
        "strides": list(stride),
        "pads": pads,
        "dilations": list(dilation),
        "group": 1,
        "weight_layout": "OHWI",
    }
    assert operator.macs == made[0] * made[1] * 4 * kernel[0] * kernel[1] * 2
    assert operator.parameters == 4 * kernel[0] * kernel[1] * 2 + 4
    assert operator.constants == {"weights": "w", "bias": "b"}


def test_fewer_weights_than_channels_are_groups(network):
    x = network.input("x", (1, 5, 5, 8))
    network.result(
        "CONV_2D",
        [x, network.constant("w", ones(12, 3, 3, 2)), -1],
        (1, 5, 5, 12),
        "Conv2DOptions",
        StrideH=1,
        StrideW=1,
    )
    _, (operator,) = read(network)
    assert operator.attributes["group"] == 4
    assert operator.macs == 25 * 12 * 9 * 2
    assert "bias" not in operator.constants


def test_depthwise_has_a_multiplier(network):
    x = network.input("x", (2, 6, 6, 3))
    w = network.constant("w", ones(1, 3, 3, 6))
    network.result("DEPTHWISE_CONV_2D", [x, w, -1], (2, 3, 3, 6), "DepthwiseConv2DOptions", StrideH=2, StrideW=2)
    _, (operator,) = read(network)
    found = operator.attributes
    assert (operator.type, found["multiplier"], found["group"], found["weight_layout"]) == (
        *("DepthwiseConvolution", 2, 3),
        "1HWO",
    )
    assert operator.macs == 2 * 9 * 6 * 9


@pytest.mark.parametrize(
    ("padding", "made", "pads", "extra"),
    [
        (SAME, (8, 8), [0, 0, 1, 1], [0, 0]),
        (SAME, (7, 8), [1, 0, 1, 1], [0, 0]),
        (VALID, (9, 9), [0, 0, 0, 0], [0, 0]),
        (VALID, (10, 9), [0, 0, 0, 0], [1, 0]),
    ],
)
def test_transposed_convolution(network, padding, made, pads, extra):
    x = network.input("x", (1, 4, 4, 2))
    inputs = [network.constant("s", np.array([1, *made, 3])), network.constant("w", ones(3, 3, 3, 2)), x]
    network.result(
        "TRANSPOSE_CONV", inputs, (1, *made, 3), "TransposeConvOptions", Padding=padding, StrideH=2, StrideW=2
    )
    graph, (operator,) = read(network)
    assert graph.tensors["y"].shape == (1, *made, 3)
    assert operator.attributes["pads"] == pads
    assert operator.attributes["output_padding"] == extra
    assert operator.macs == 16 * 2 * 9 * 3
    # what the attributes say must be what comes out: (in - 1) * stride + kernel - pads + output padding
    sums = [3 * 2 + 3 - pads[axis] - pads[axis + 2] + extra[axis] for axis in (0, 1)]
    assert tuple(sums) == made


@pytest.mark.parametrize(
    ("number", "kind", "attributes"),
    [(1, "Relu", {}), (2, "Clip", {"min": -1.0, "max": 1.0}), (3, "Clip", {"min": 0.0, "max": 6.0}), (4, "Tanh", {})],
)
def test_a_fused_activation_is_an_operator_of_its_own(network, number, kind, attributes):
    x = network.input("x", (1, 4, 4, 2))
    network.result(
        "ADD", [x, network.constant("c", ones(2))], (1, 4, 4, 2), "AddOptions", FusedActivationFunction=number
    )
    graph, (add, activation) = read(network)
    assert (add.name, add.outputs) == ("y", ("y/before_activation",))
    assert (activation.name, activation.type, activation.attributes) == ("y/activation", kind, attributes)
    assert (activation.inputs, activation.outputs, graph.outputs) == (("y/before_activation",), ("y",), ("y",))


@pytest.mark.parametrize(("first", "expected"), [(True, True), (False, False)])
def test_a_constant_operand_says_its_side(network, first, expected):
    x, c = network.input("x", (1, 4)), network.constant("c", ones(4))
    network.result("SUB", [c, x] if first else [x, c], (1, 4), "SubOptions")
    _, (operator,) = read(network)
    assert operator.constants == {"operand": "c"}
    assert operator.attributes == {"operand_first": expected}


def test_fully_connected_flattens_unless_told_not_to(network):
    x = network.input("x", (2, 3, 4))
    network.result("FULLY_CONNECTED", [x, network.constant("w", ones(5, 12)), -1], (2, 5), "FullyConnectedOptions")
    graph, (operator,) = read(network)
    assert graph.tensors["y"].shape == (2, 5)
    assert (operator.macs, operator.attributes) == (120, {"units": 5, "weight_layout": "OI"})


def test_keeping_dimensions(network):
    x = network.input("x", (2, 3, 4))
    w = network.constant("w", ones(5, 4))
    network.result("FULLY_CONNECTED", [x, w, -1], (2, 3, 5), "FullyConnectedOptions", KeepNumDims=True)
    graph, (operator,) = read(network)
    assert (graph.tensors["y"].shape, operator.macs) == ((2, 3, 5), 2 * 3 * 5 * 4)


def test_a_product_of_two_activations_is_a_matmul(network):
    x, z = network.input("x", (2, 3, 4)), network.input("z", (2, 5, 4))
    network.result("BATCH_MATMUL", [x, z], (2, 3, 5), "BatchMatMulOptions", AdjY=True)
    graph, (operator,) = read(network)
    assert (operator.type, operator.attributes) == ("MatMul", {"transpose_a": False, "transpose_b": True})
    assert (graph.tensors["y"].shape, operator.macs) == ((2, 3, 5), 2 * 3 * 5 * 4)


@pytest.mark.parametrize(("window", "whole"), [(6, True), (3, False)])
def test_average_pool_leaves_padding_out_and_knows_when_it_is_global(network, window, whole):
    x = network.input("x", (1, 6, 6, 2))
    sizes = {"FilterHeight": window, "FilterWidth": window, "StrideH": window, "StrideW": window}
    network.result("AVERAGE_POOL_2D", [x], (1, 1, 1, 2), "Pool2DOptions", Padding=VALID, **sizes)
    _, (operator,) = read(network)
    assert operator.attributes["global"] is whole
    assert operator.attributes["count_include_pad"] is False


def test_local_response_has_onnx_alpha(network):
    x = network.input("x", (1, 4, 4, 8))
    options = {"Radius": 2, "Bias": 1.0, "Alpha": 0.25, "Beta": 0.75}
    network.result("LOCAL_RESPONSE_NORMALIZATION", [x], (1, 4, 4, 8), "LocalResponseNormalizationOptions", **options)
    _, (operator,) = read(network)
    assert operator.attributes == {"size": 5, "alpha": 1.25, "beta": 0.75, "bias": 1.0}


@pytest.mark.parametrize(
    ("begin", "end", "steps", "masks", "kinds", "made", "attributes"),
    [
        ([0, 1], [2, 5], [1, 2], {}, ["Slice"], (2, 2), {"starts": [1], "ends": [5], "axes": [1], "steps": [2]}),
        ([0, -2], [0, 0], [1, 1], {"EndMask": 3}, ["Slice"], (2, 2), {"starts": [4]}),
        ([0, 5], [2, -7], [1, -1], {}, ["Slice"], (2, 6), {"starts": [5], "ends": [-7], "steps": [-1]}),
        ([1, 0], [2, 6], [1, 1], {"ShrinkAxisMask": 1}, ["Slice", "Reshape"], (6,), {"starts": [1], "axes": [0]}),
        ([0, 0], [0, 0], [1, 1], {"NewAxisMask": 1, "EndMask": 2}, ["Reshape"], (1, 2, 6), {"shape": [1, 2, 6]}),
        ([0, 1], [0, 3], [1, 1], {"EllipsisMask": 1}, ["Slice"], (2, 2), {"starts": [1], "ends": [3], "axes": [1]}),
    ],
)
def test_strided_slice(network, begin, end, steps, masks, kinds, made, attributes):
    x = network.input("x", (2, 6))
    bounds = [network.constant(f"c{place}", np.array(value)) for place, value in enumerate((begin, end, steps))]
    network.result("STRIDED_SLICE", [x, *bounds], made, "StridedSliceOptions", **masks)
    graph, operators = read(network)
    assert [operator.type for operator in operators] == kinds
    assert graph.tensors["y"].shape == made
    assert attributes.items() <= operators[0].attributes.items()


def test_pack_and_unpack_are_reshapes_with_a_concat_or_split(network):
    x, z = network.input("x", (2, 3)), network.input("z", (2, 3))
    packed = network.tensor("packed", (2, 2, 3))
    network.operator("PACK", [x, z], packed, "PackOptions", ValuesCount=2, Axis=1)
    network.outputs = [network.tensor("a", (2, 2)), network.tensor("b", (2, 2)), network.tensor("c", (2, 2))]
    network.operator("UNPACK", [packed], network.outputs, "UnpackOptions", Num=3, Axis=-1)
    graph, operators = read(network)
    assert [operator.type for operator in operators] == ["Reshape", "Reshape", "Concat", "Split"] + ["Reshape"] * 3
    assert graph.tensors["packed"].shape == (2, 2, 3)
    assert [graph.tensors[name].shape for name in graph.outputs] == [(2, 2)] * 3


@pytest.mark.parametrize(
    ("options", "coordinates"),
    [({}, "asymmetric"), ({"AlignCorners": True}, "align_corners"), ({"HalfPixelCenters": True}, "half_pixel")],
)
def test_resize(network, options, coordinates):
    x = network.input("x", (1, 4, 5, 2))
    network.result(
        "RESIZE_BILINEAR",
        [x, network.constant("s", np.array([8, 15]))],
        (1, 8, 15, 2),
        "ResizeBilinearOptions",
        **options,
    )
    _, (operator,) = read(network)
    assert operator.attributes == {"mode": "linear", "coordinates": coordinates, "scales": [2.0, 3.0]}


def test_padding_value_is_a_real_number(network):
    x = network.input("x", (1, 4), "int8", quantization=([0.5], [10]))
    pads = network.constant("p", np.array([[0, 0], [1, 2]]))
    value = network.constant("v", np.array([16], np.int8), quantization=([0.5], [10]))
    network.result("PADV2", [x, pads, value], (1, 7), "PadV2Options", "int8")
    graph, (operator,) = read(network)
    assert operator.attributes == {"pads": [0, 1, 0, 2], "mode": "constant", "value": 3.0}
    assert graph.tensors["y"].shape == (1, 7)


def test_custom_operators_and_control_flow_stay_unknown_and_keep_the_network_drawable(network):
    x = network.input("x", (1, 4))
    a, b = network.tensor("a", (1, 4)), network.tensor("b", (2, 2))
    network.operator("CUSTOM", [x, network.constant("w", ones(4))], a, custom="ADD")
    network.operator("WHILE", [a], b)
    network.outputs = [network.tensor("y", (2, 2))]
    network.operator("RELU", [b], network.outputs)
    graph, (custom, loop, relu) = read(network)
    assert (custom.type, custom.attributes, custom.constants) == ("ADD", {"unknown": True}, {"input1": "w"})
    assert (loop.type, loop.attributes) == ("WHILE", {"unknown": True})
    assert (relu.type, graph.tensors["b"].shape) == ("Relu", (2, 2))


def test_weights_that_the_network_computes_make_a_convolution_unknown(network):
    x, w = network.input("x", (1, 4, 4, 2)), network.input("w", (4, 3, 3, 2))
    network.result("CONV_2D", [x, w, -1], (1, 4, 4, 4), "Conv2DOptions", StrideH=1, StrideW=1)
    _, (operator,) = read(network)
    assert (operator.type, operator.attributes) == ("CONV_2D", {"unknown": True})


def test_a_constant_among_the_parts_of_a_concat_keeps_its_place(network):
    x = network.input("x", (1, 2))
    parts = [network.constant("c", ones(1, 3)), x]
    network.result("CONCATENATION", parts, (1, 5), "ConcatenationOptions", Axis=1)
    _, (operator,) = read(network)
    assert (operator.inputs, operator.constants) == (("x",), {"input0": "c"})


def test_files_before_2020_have_only_short_operator_codes(network):
    network.older = True
    network.result("RELU6", [network.input("x", (1, 4))], (1, 4))
    _, (operator,) = read(network)
    assert (operator.type, operator.attributes) == ("Clip", {"min": 0.0, "max": 6.0})


def test_names_that_the_file_repeats_are_told_apart(network):
    x = network.input("x", (1, 4))
    middle = network.tensor("same;Relu", (1, 4))
    network.operator("RELU", [x], middle)
    last = network.tensor("same;Relu", (1, 4))
    network.operator("TANH", [middle], last)
    network.outputs = [last]
    graph, operators = read(network)
    assert [operator.name for operator in operators] == ["same", "same#2"]
    assert graph.outputs == ("same;Relu#2",)


def test_an_activation_name_that_the_file_uses_already(network):
    x = network.input("x", (1, 4))
    taken = network.tensor("y/before_activation", (1, 4))
    network.operator("RELU", [x], taken)
    network.result("ADD", [taken, x], (1, 4), "AddOptions", FusedActivationFunction=1)
    _, operators = read(network)
    assert [operator.type for operator in operators] == ["Relu", "Add", "Relu"]
    assert operators[1].outputs == operators[2].inputs


@pytest.mark.parametrize(
    ("code", "shape", "options", "message"),
    [
        ("DEPTH_TO_SPACE", (1, 2, 2, 6), ("DepthToSpaceOptions", {"BlockSize": 2}), "shuffles"),
        ("SOFTMAX", (1, 4), ("SoftmaxOptions", {"Beta": float("nan")}), "no number"),
        ("MAX_POOL_2D", (1, 4, 4, 1), ("Pool2DOptions", {"FilterHeight": 2, "FilterWidth": 2}), "strides 0x0"),
        ("CONCATENATION", (1, 4), ("ConcatenationOptions", {"Axis": 5}), "axis 5 of 2"),
    ],
)
def test_operators_that_contradict_themselves(network, code, shape, options, message):
    network.result(code, [network.input("x", shape)], shape, options[0], **options[1])
    with pytest.raises(ModelError, match=message):
        read(network)


def test_parts_of_different_rank_cannot_be_joined(network):
    parts = [network.input("x", (1, 4)), network.input("z", (4,))]
    network.result("CONCATENATION", parts, (1, 8), "ConcatenationOptions")
    with pytest.raises(ModelError, match="joins 1x4 and 4 along axis 0, which do not fit"):
        read(network)


def test_a_shape_is_made_of_whole_numbers(network):
    x = network.input("x", (1, 4))
    network.result("SHAPE", [x], (2,), "ShapeOptions", "string")
    with pytest.raises(ModelError, match="makes string, where whole numbers belong"):
        read(network)
