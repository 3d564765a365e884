"""Bundled networks quantized by ONNX Runtime: every layer, given the same 8-bit numbers, makes the same ones."""

import logging

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from layerswitch.agent.engines.armnn import compilation
from layerswitch.agent.engines.armnn.execution import STEPS, drawn_inputs
from layerswitch.agent.engines.segments import of_layers

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")


class Drawn(CalibrationDataReader):
    """One input to calibrate by."""

    def __init__(self, name, shape):
        rng = np.random.default_rng(0)
        self._given = iter([{name: rng.standard_normal(shape, np.float32)} for _ in range(1)])

    def get_next(self):
        return next(self._given, None)


def options(level):
    found = onnxruntime.SessionOptions()
    found.log_severity_level = 3
    found.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    return found


@pytest.fixture
def quantized(case, smaller, tmp_path):
    """quantized(bundled name, per_channel) -> path of the network with drawn weights, batch-norms folded, 8 bits."""

    def quantize(name, per_channel):
        one, plain, folded, made = case(smaller(name, 67), redraw=True), *(tmp_path / f"{n}.onnx" for n in "abc")
        proto = one.filled()
        onnx.save(proto, plain)
        setting = options("ORT_ENABLE_BASIC")
        setting.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(str(plain), setting, providers=["CPUExecutionProvider"])
        reader = Drawn(one.graph.inputs[0], one.graph.tensors[one.graph.inputs[0]].shape)
        logging.disable(logging.WARNING)
        try:
            quantize_static(
                str(folded), str(made), reader, quant_format=QuantFormat.QDQ, per_channel=per_channel,
                weight_type=QuantType.QInt8, activation_type=QuantType.QInt8,
            )  # fmt: skip
        finally:
            logging.disable(logging.NOTSET)
        return made

    return quantize


@pytest.mark.parametrize(("name", "per_channel"), [("squeezenet", False), ("mobilenet-v2", True)])
def test_every_layer_is_within_two_steps(name, per_channel, engine, case, quantized):
    path = quantized(name, per_channel)
    one = case(path)
    assert engine.load(one.network, one.constants) == {}
    graph, inputs = engine._graph, drawn_inputs(engine._graph, 1)
    proto = onnx.load(path)
    known = {output for node in proto.graph.node for output in node.output}
    wanted = [name for name in graph.producer if name in known and name not in graph.outputs]
    proto.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in wanted)
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), options("ORT_DISABLE_ALL"), providers=["CPUExecutionProvider"]
    )
    values = dict(zip([out.name for out in session.get_outputs()], session.run(None, inputs), strict=True)) | inputs
    engine._library.drop()
    runtime, compared = engine._library.runtime(False), 0
    for place, layer in enumerate(graph.layers):
        part = compilation.load(engine._library, graph, of_layers(graph, "CPU", (place,)), "CpuRef", one.constants)
        for tensor, buffer in part.inputs.items():
            np.copyto(buffer, values[tensor])
        runtime.EnqueueWorkload(part.number, part.given, part.taken)
        for tensor, found in part.outputs.items():
            step = STEPS if graph.tensors[tensor].scales else 1e-3 * np.abs(values[tensor]).max()
            assert np.abs(found.astype(np.float64) - values[tensor].astype(np.float64)).max() <= step, layer.name
            compared += values[tensor].std() > 0
    assert compared > 0.9 * len(graph.layers)
