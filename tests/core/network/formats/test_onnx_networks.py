"""Whole networks: the onnx package's nine, real trained ones out of wheels, and those that come with LayerSwitch."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from layerswitch.network.formats import bundled_models, open_model

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
LIGHT_FIGURES = {
    # MACs and parameters in millions, computed by hand from the papers' tables or found in them
    "light_bvlc_alexnet.onnx": (655, 60.965),
    "light_vgg19.onnx": (19632, 143.667),
    "light_resnet50.onnx": (4089, 25.557),
    "light_inception_v1.onnx": (1432, 6.999),
    "light_squeezenet.onnx": (349, 1.235),
}


@pytest.mark.slow(5)
@pytest.mark.parametrize("name", ["densenet121", "inception_v2", "shufflenet", "squeezenet"])
def test_light_networks_compute_what_they_computed(name, check_meaning):
    check_meaning(LIGHT / f"light_{name}.onnx")  # the others have no operator that these have not, and huge weights


def test_light_networks_open_without_an_unknown_operator(light):
    model = open_model(light, level="operator")
    operators = [operator for layer in model.graph.layers for operator in layer.operators]
    assert not any(operator.attributes.get("unknown") for operator in operators)


def test_light_networks_have_the_outputs_they_declare(light):
    graph = open_model(light, level="operator").graph
    declared = {
        value.name: tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
        for value in onnx.load(light).graph.output
    }
    assert {name: graph.tensors[name].shape for name in graph.outputs} == declared
    assert len(graph.inputs) == 1  # the weights that old files list among the inputs are none


@pytest.mark.parametrize("name", LIGHT_FIGURES)
def test_light_networks_have_the_published_size(name):
    graph = open_model(LIGHT / name, level="operator").graph
    macs, parameters = LIGHT_FIGURES[name]
    assert graph.macs / 1e6 == pytest.approx(macs, abs=1)
    assert graph.parameters / 1e6 == pytest.approx(parameters, abs=0.001)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("ch_PP-OCRv4_det_infer.onnx", (1, 3, 96, 160)),
        ("ch_PP-OCRv4_rec_infer.onnx", (1, 3, 48, 192)),
        ("ch_ppocr_mobile_v2.0_cls_infer.onnx", (1, 3, 48, 192)),
    ],
)
def test_trained_networks_compute_what_they_computed(wheel_models, check_meaning, name, shape):
    page = np.full(shape, 1.0, np.float32)  # dark strokes on white: noise would be no text to the detector
    page[:, :, 20:40, 20:150:8] = page[:, :, 20:23, 20:150] = -1.0
    model = check_meaning(wheel_models[name], input_shapes={"x": shape}, tolerance=1e-3, feeds={"x": page})
    types = {layer.type for layer in model.graph.layers}
    assert "HardSwish" in types  # written as add, clip, multiply, divide in these files
    assert ("LayerNormalization" in types) == ("rec" in name)


@pytest.mark.parametrize("bundled", bundled_models(), ids=lambda bundled: bundled.name)
def test_bundled_networks_open_by_name(bundled):
    model = open_model(bundled.name, level="operator")
    assert model.path == bundled.path
    assert model.graph.macs > 1e8
    operators = [operator for layer in model.graph.layers for operator in layer.operators]
    assert not any(operator.attributes.get("unknown") for operator in operators)
    name, tensor = next(iter(model.graph.constants.items()))
    first, second = model.constants[name], model.constants[name]
    assert first.shape == tensor.shape
    assert str(first.dtype) == tensor.dtype
    np.testing.assert_array_equal(first, second)
    assert first.std() > 0
