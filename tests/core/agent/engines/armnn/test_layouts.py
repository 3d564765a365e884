"""Channels last, as TFLite has them, and 8-bit numbers: the same results as channels first and real numbers."""

import numpy as np
import pytest

from layerswitch.agent.engines.armnn.execution import Execution

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
R = np.random.default_rng(3)
SHAPES = {"x": (1, 9, 7, 4), "a": (1, 5, 7, 6), "b": (1, 5, 7, 12), "y": (1, 3, 4, 12)}
CONV = {"kernel": [3, 3], "strides": [2, 1], "pads": [1, 1, 1, 1], "dilations": [1, 1]}
W, D, B = R.standard_normal((6, 3, 3, 4)), R.standard_normal((1, 3, 3, 12)), R.standard_normal(6)
MEAN = {"dtype": "float32"}


def operator(name, kind, before, attributes, **constants):
    return {"name": name, "type": kind, "inputs": [before], "outputs": [name], "attributes": attributes} | (
        {"constants": constants} if constants else {}
    )


def network(layout, operators, tensors):
    layers = [
        {
            "name": one["name"],
            "type": one["type"],
            "inputs": one["inputs"],
            "outputs": one["outputs"],
            "operators": [one],
        }
        for one in operators
    ]
    described = {name: {"name": name, **fields} for name, fields in tensors.items()}
    return {
        "layers": layers, "tensors": described, "inputs": ["x"], "outputs": [operators[-1]["name"]], "layout": layout
    }  # fmt: skip


def computed(engine, net, constants, x):
    kinds = {name: {"name": name, "shape": list(one.shape), "dtype": str(one.dtype)} for name, one in constants.items()}
    assert engine.load(net | {"constants": kinds}, constants) == {}
    assignment = {layer["name"]: "CPU" for layer in net["layers"]}
    execution = Execution(
        engine._library, engine._graph, constants, engine._backends, assignment, False, lambda text: None, bool
    )
    execution.infer({"x": x})
    [output] = execution.outputs().values()
    execution.close()
    return output


def operators(last):
    layout = {"group": 1, "weight_layout": "OHWI" if last else "OIHW"}
    return [
        operator("a", "Convolution", "x", CONV | layout, weights="w", bias="v"),
        operator(
            "b",
            "DepthwiseConvolution",
            "a",
            CONV | {"strides": [1, 1], "group": 6, "multiplier": 2, "weight_layout": "1HWO" if last else "OIHW"},
            weights="d",
        ),
        operator("y", "MaxPool", "b", {"kernel": [2, 2], "strides": [2, 2], "pads": [0, 0, 1, 1]}),
    ]  # fmt: skip


def test_channels_last_computes_what_channels_first_does(engine):
    x = R.standard_normal(SHAPES["x"]).astype(np.float32)
    first = {name: {"shape": [shape[0], shape[3], *shape[1:3]], **MEAN} for name, shape in SHAPES.items()}
    last = {name: {"shape": list(shape), **MEAN} for name, shape in SHAPES.items()}
    weights = {"w": W.astype("f4"), "d": D.astype("f4"), "v": B.astype("f4")}
    turned = {"w": weights["w"].transpose(0, 3, 1, 2), "d": weights["d"].transpose(3, 0, 1, 2), "v": weights["v"]}
    found = computed(engine, network("NHWC", operators(True), last), weights, x)
    wanted = computed(
        engine, network("NCHW", operators(False), first), turned, np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    )
    np.testing.assert_allclose(found.transpose(0, 3, 1, 2), wanted, rtol=1e-4, atol=1e-4)


def test_half_weights_and_quantized_weights_of_a_real_operator_are_made_real(engine):
    x = R.standard_normal(SHAPES["x"]).astype(np.float32)
    tensors = {name: {"shape": list(SHAPES[name]), **MEAN} for name in "xa"}
    wide = computed(
        engine, network("NHWC", operators(True)[:1], tensors), {"w": W.astype("f4"), "v": B.astype("f4")}, x
    )
    half = computed(
        engine, network("NHWC", operators(True)[:1], tensors), {"w": W.astype("f2"), "v": B.astype("f2")}, x
    )
    assert 0 < np.abs(wide - half).max() < 0.02
    scales = np.abs(W).max((1, 2, 3)) / 127
    stored = np.round(W / scales[:, None, None, None]).astype(np.int8)
    quantization = {"scale": scales.tolist(), "zero_point": [0] * 6, "axis": 0}
    described = tensors | {"w": {"shape": list(W.shape), "dtype": "int8", "quantization": quantization}}
    eight = computed(engine, network("NHWC", operators(True)[:1], described), {"w": stored, "v": B.astype("f4")}, x)
    assert 0 < np.abs(wide - eight).max() < 0.2


def test_eight_bits(engine):
    x = R.integers(-128, 128, SHAPES["x"]).astype(np.int8)
    real = (x.astype(np.float32) + 3) * 0.02
    stored = np.round(W / 0.03).clip(-127, 127).astype(np.int8)
    bias = np.round(B / 0.0006).astype(np.int32)
    tensors = {
        "x": {"shape": list(SHAPES["x"]), "dtype": "int8", "quantization": {"scale": [0.02], "zero_point": [-3]}},
        "a": {"shape": list(SHAPES["a"]), "dtype": "int8", "quantization": {"scale": [0.2], "zero_point": [5]}},
        "w": {"shape": list(W.shape), "dtype": "int8", "quantization": {"scale": [0.03], "zero_point": [0]}},
        "v": {"shape": [6], "dtype": "int32"},
    }
    found = computed(engine, network("NHWC", operators(True)[:1], tensors), {"w": stored, "v": bias}, x)
    plain = {name: {"shape": list(SHAPES[name]), **MEAN} for name in "xa"}
    given = {"w": (stored * 0.03).astype("f4"), "v": (bias * 0.0006).astype("f4")}
    wanted = computed(engine, network("NHWC", operators(True)[:1], plain), given, real)
    assert found.dtype == np.int8
    np.testing.assert_allclose((found.astype(np.float32) - 5) * 0.2, wanted.clip(-26.6, 24.4), atol=0.21)
