"""8-bit operators, quantized per tensor and per channel: the results are ONNX Runtime's within two steps."""

import numpy as np
import pytest
from onnx import helper

from layerswitch.agent.engines.armnn.per_axis_ctypes import PerAxis
from layerswitch.agent.engines.armnn.translate.quantized_fallback import notes

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
R = np.random.default_rng(4)
X = (1, 4, 9, 7)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def bracketed(operator, shape, channels, axis, per_channel, out_scale):
    """x --quantize--> operator on 8-bit numbers --> y, as ONNX Runtime's quantizer writes it; nodes, constants."""
    scales = np.linspace(0.002, 0.03, channels).astype(np.float32) if per_channel else np.float32(0.01)
    zeros = np.zeros_like(scales, np.int8)
    constants = {
        "sx": np.float32(0.03), "zx": np.int8(3), "sy": np.float32(out_scale), "zy": np.int8(-7),
        "w8": R.integers(-127, 128, shape).astype(np.int8), "sw": scales, "zw": zeros,
        "b32": R.integers(-3000, 3000, channels).astype(np.int32),
        "sb": (np.float32(0.03) * scales).astype(np.float32), "zb": np.zeros_like(scales, np.int32),
    }  # fmt: skip
    of = {"axis": axis} if per_channel else {}
    nodes = [
        node("QuantizeLinear", "x sx zx", "xq"),
        node("DequantizeLinear", "xq sx zx", "xd"),
        node("DequantizeLinear", "w8 sw zw", "w", **of),
        node("DequantizeLinear", "b32 sb zb", "b", **({"axis": 0} if per_channel else {})),
        operator,
        node("QuantizeLinear", "out sy zy", "yq"),
        node("DequantizeLinear", "yq sy zy", "y"),
    ]
    return nodes, constants


CASES = {  # operator, weights' shape, channels, their axis, scale of the output, input
    "convolution": (node("Conv", "xd w b", "out", strides=[2, 1]), (6, 4, 3, 3), 6, 0, 0.1, X),
    "grouped": (node("Conv", "xd w b", "out", group=2), (6, 2, 3, 3), 6, 0, 0.1, X),
    "depthwise": (node("Conv", "xd w b", "out", group=4, pads=[1, 1, 1, 1]), (4, 1, 3, 3), 4, 0, 0.05, X),
    "two for each channel": (node("Conv", "xd w b", "out", group=4), (8, 1, 3, 3), 8, 0, 0.05, X),
    "transposed": (node("ConvTranspose", "xd w b", "out", strides=[2, 2]), (4, 5, 3, 3), 5, 1, 0.1, X),
    "dense": (node("Gemm", "xd w b", "out", transB=1), (6, 20), 6, 0, 0.1, (3, 20)),
}


@pytest.mark.parametrize("way", ["per tensor", "per channel", "per channel, in float"])
@pytest.mark.parametrize("name", CASES)
def test_within_two_steps(name, way, computed, engine, monkeypatch):
    operator, shape, channels, axis, scale, given = CASES[name]
    if way == "per channel, in float":
        monkeypatch.setattr(PerAxis, "works", False)
    nodes, constants = bracketed(operator, shape, channels, axis, way != "per tensor", scale)
    found, wanted = computed(nodes, {"x": given}, constants)
    assert np.abs(found - wanted).max() <= 2 * scale * 1.001
    assert wanted.std() > 5 * scale
    said = notes(engine._library, engine._graph)
    assert bool(said) == (way == "per channel, in float" or (way == "per channel" and widened(engine, name)))
    if said:
        [layer] = [one.name for one in engine._graph.layers if any("weights" in o.constants for o in one.operators)]
        assert said["layers computed in float32"].startswith(layer + ": ")


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_signed_weights_beside_unsigned_numbers(name, per_channel, computed):
    operator, shape, channels, axis, scale, given = CASES[name]
    nodes, constants = bracketed(operator, shape, channels, axis, per_channel, scale)
    constants.update(zx=np.uint8(131), zy=np.uint8(121))
    found, wanted = computed(nodes, {"x": given}, constants)
    assert np.abs(found - wanted).max() <= 2 * scale * 1.001
    assert wanted.std() > 5 * scale


def widened(engine, name):
    """Whether Arm NN cannot be told the scales of such weights."""
    early = not engine._library.weights_are_layers
    return name == "dense" or (early and name in ("two for each channel", "transposed"))


def test_scales_per_channel_are_given_to_this_arm_nn(engine):
    assert engine._library.per_axis.works


@pytest.mark.parametrize(("scale", "zero", "told"), [(0.004, -120, True), (1 / 256, -128, False)])
def test_softmax_to_any_scale(scale, zero, told, computed, engine):
    nodes, constants = bracketed(node("Softmax", "xd", "out", axis=1), (1,), 1, 0, False, scale)
    constants["zy"] = np.int8(zero)
    found, wanted = computed(
        [one for one in nodes if "w8" not in one.input and "b32" not in one.input], {"x": X}, constants
    )
    assert np.abs(found - wanted).max() <= 2 * scale * 1.001
    assert bool(notes(engine._library, engine._graph)) == told
