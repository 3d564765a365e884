"""Quantized networks, in each way a file can say it, made by ONNX Runtime's own quantizer or by hand."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from layerswitch.network.formats import open_model

R = np.random.default_rng(3)


def node(kind, inputs="x", outputs="y", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


@pytest.fixture
def small_float_network(write_onnx):
    """Convolutions, a residual, a concat and a classifier in float32, opset 13."""
    nodes = [
        node("Conv", "x w1 b1", "c1", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Relu", "c1", "r1"),
        node("Conv", "r1 w2 b2", "c2", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Add", "r1 c2", "s"),
        node("Concat", "s r1", "k", axis=1),
        node("GlobalAveragePool", "k", "p"),
        node("Flatten", "p", "f"),
        node("Gemm", "f w3 b3", "y", transB=1),
    ]
    shapes = {"w1": (8, 3, 3, 3), "b1": (8,), "w2": (8, 8, 3, 3), "b2": (8,), "w3": (5, 16), "b3": (5,)}
    constants = {name: R.standard_normal(shape).astype(np.float32) * 0.3 for name, shape in shapes.items()}
    return write_onnx(nodes, {"x": (1, 3, 12, 12)}, ["y"], constants, opset=13, name="float.onnx")


class Samples:
    """What the quantizer calibrates with."""

    def __init__(self):
        self.rest = iter([{"x": R.standard_normal((1, 3, 12, 12)).astype(np.float32)} for _ in range(4)])

    def get_next(self):
        return next(self.rest, None)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("per_channel", [False, True], ids=["per tensor", "per channel"])
@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
def test_what_the_quantizer_makes(form, per_channel, small_float_network, tmp_path, check_meaning):
    from onnxruntime import quantization as q

    path = tmp_path / "quantized.onnx"
    q.quantize_static(
        str(small_float_network),
        str(path),
        Samples(),
        quant_format=q.QuantFormat[form],
        per_channel=per_channel,
        activation_type=q.QuantType.QUInt8,
        weight_type=q.QuantType.QInt8,
        reduce_range=True,  # processors without VNNI saturate in 16 bits: the original would be wrong, not the reading
    )
    graph = check_meaning(path, tolerance=1e-3).graph
    convolutions = [
        operator for layer in graph.layers for operator in layer.operators if operator.type == "Convolution"
    ]
    assert len(convolutions) == 2
    assert graph.macs == 144 * (8 * 3 * 9 + 8 * 8 * 9) + 5 * 16
    for operator in convolutions:
        held = graph.constants[operator.constants["weights"]]
        read, written = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
        assert (held.dtype, read.dtype, written.dtype) == ("int8", "uint8", "uint8")
        assert len(held.quantization.scale) == (8 if per_channel else 1)
        assert held.quantization.axis == (0 if per_channel else None)
        assert read.quantization
        assert written.quantization
        assert graph.constants[operator.constants["bias"]].dtype == "int32"
    types = [layer.type for layer in graph.layers]
    assert types[0] == "Quantize"
    assert types.count("Quantize") == 1  # those inside have become part of the operators


def test_a_relu_between_convolution_and_quantize_is_quantized_too(write_onnx, check_meaning):
    nodes = [
        node("DequantizeLinear", "x s z", "xr"),
        node("DequantizeLinear", "w ws", "wr", axis=0),
        node("Conv", "xr wr", "c"),
        node("Relu", "c", "r"),
        node("QuantizeLinear", "r s z", "y"),
    ]
    constants = {
        "s": np.float32(0.05), "z": np.uint8(0), "ws": np.array([0.1, 0.2], np.float32),
        "w": R.integers(-100, 100, (2, 3, 3, 3)).astype(np.int8),
    }  # fmt: skip
    number = TensorProto.UINT8
    path = write_onnx(nodes, {"x": (1, 3, 6, 6)}, ["y"], constants, dtypes={"x": number, "y": number})
    graph = check_meaning(path, steps=1).graph
    assert [layer.type for layer in graph.layers] == ["Convolution", "Relu"]
    assert graph.tensors["c"].dtype == "uint8"
    assert graph.constants["w"].quantization.scale == pytest.approx((0.1, 0.2))


def test_integer_convolution(write_onnx, check_meaning):
    constants = {"w": R.integers(0, 200, (2, 3, 3, 3)).astype(np.uint8), "xz": np.uint8(7), "wz": np.uint8(100)}
    dtypes = {"x": TensorProto.UINT8, "y": TensorProto.INT32}
    path = write_onnx([node("ConvInteger", "x w xz wz")], {"x": (1, 3, 6, 6)}, ["y"], constants, dtypes=dtypes)
    graph = check_meaning(path).graph
    assert graph.layers[0].type == "Convolution"
    assert graph.macs == 2 * 16 * 27
    assert graph.constants["w"].quantization.zero_point == (100,)


def test_weights_in_half_precision(write_onnx, check_meaning):
    constants = {"h": R.standard_normal((2, 3, 3, 3)).astype(np.float16)}
    nodes = [node("Cast", "h", "w", to=TensorProto.FLOAT), node("Conv", "x w")]
    model = check_meaning(write_onnx(nodes, {"x": (1, 3, 6, 6)}, ["y"], constants))
    assert [layer.type for layer in model.graph.layers] == ["Convolution"]
    assert model.graph.constants["w"].dtype == str(model.constants["w"].dtype) == "float32"


def test_a_network_in_half_precision(write_onnx):
    dtypes = {"x": TensorProto.FLOAT16, "y": TensorProto.FLOAT16}
    constants = {"w": R.standard_normal((2, 3, 3, 3)).astype(np.float16)}
    model = open_model(
        write_onnx([node("Conv", "x w")], {"x": (1, 3, 6, 6)}, ["y"], constants, dtypes=dtypes), level="operator"
    )
    assert model.graph.tensors["y"].bytes == 2 * 16 * 2
    np.testing.assert_array_equal(model.constants["w"], constants["w"])


def test_a_scale_computed_at_run_time_leaves_the_operator_unknown(write_onnx):
    nodes = [node("ReduceMax", "x", "s", keepdims=0), node("QuantizeLinear", "x s", "y")]
    path = write_onnx(nodes, {"x": (1, 3)}, ["y"], dtypes={"y": TensorProto.UINT8})
    operator = open_model(path, level="operator").graph.layers[-1].operators[0]
    assert operator.type == "QuantizeLinear"
    assert operator.attributes["unknown"]
