"""The bundled networks are what the literature describes, and run anywhere ONNX runs."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from layerswitch.network.formats import open_model

MODELS = Path(__file__).resolve().parents[2] / "models"
ROW = re.compile(
    r"^\| `(?P<name>[\w-]+)` \|.*\| (?P<size>\d+) \| (?P<macs>[\d,.]+) \| (?P<parameters>[\d,]+) "
    r"\| (?P<their_macs>[\d.]+) \[\w\] \| (?P<their_parameters>[\d.]+) \[\w\] \|$",
    re.MULTILINE,
)

# Millions of multiply-accumulates and of parameters as published; sources in models/README.md.
LITERATURE = {
    "alexnet": (724, 60.97),
    "googlenet": (1580, 6.998),
    "resnet-50": (3485, 25.56),
    "mobilenet-v1": (569, 4.24),
    "squeezenet": (380, 1.2355),
    "mobilenet-v2": (300, 3.505),
    "inception-v3": (5713, 23.83),
    "vgg-16": (15470, 138.36),
    "yolov3-tiny": (2785, 8.852),
}
TOLERANCE = 0.005
"""Published figures are rounded, and some count 1,001 classes, some 1,000."""

ROUGH = {"squeezenet": 0.025}  # its operations are published with two digits
INPUTS = {"alexnet": 227, "squeezenet": 227, "inception-v3": 299, "yolov3-tiny": 416}  # the others take 224


@pytest.fixture(scope="module")
def graphs():
    return {name: open_model(name, level="operator").graph for name in LITERATURE}


@pytest.fixture(scope="module")
def session():
    """Makes an ONNX Runtime session of a bundled network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        yield lambda name: onnxruntime.InferenceSession(
            MODELS / f"{name}.onnx", options, providers=["CPUExecutionProvider"]
        )


@pytest.mark.parametrize("name", LITERATURE)
def test_macs_and_parameters_are_the_literatures(name, graphs):
    macs, parameters = LITERATURE[name]
    assert graphs[name].macs / 1e6 == pytest.approx(macs, rel=ROUGH.get(name, TOLERANCE))
    assert graphs[name].parameters / 1e6 == pytest.approx(parameters, rel=TOLERANCE)


def test_the_readme_says_what_the_files_hold(graphs):
    rows = {row["name"]: row for row in ROW.finditer((MODELS / "README.md").read_text())}
    assert set(rows) == set(graphs)
    for name, row in rows.items():
        assert row["parameters"] == f"{graphs[name].parameters:,}"
        assert row["macs"] == f"{graphs[name].macs / 1e6:,.1f}"
        assert (float(row["their_macs"]), float(row["their_parameters"])) == LITERATURE[name]
        assert int(row["size"]) == INPUTS.get(name, 224)


@pytest.mark.parametrize("name", LITERATURE)
def test_onnx_runtime_runs_it(name, session):
    runtime = session(name)
    (image,) = runtime.get_inputs()
    size = INPUTS.get(name, 224)
    assert image.shape == [1, 3, size, size]
    pixels = np.random.default_rng(0).standard_normal(image.shape, dtype=np.float32)
    for output in runtime.run(None, {image.name: pixels}):
        assert np.isfinite(output).all()
        assert output.std() > 1e-4
        if name != "yolov3-tiny":
            assert output.sum() == pytest.approx(1, rel=1e-3)
            assert output.shape in ((1, 1000), (1, 1001))


def test_yolo_has_its_two_heads(session):
    assert [output.shape for output in session("yolov3-tiny").get_outputs()] == [[1, 255, 13, 13], [1, 255, 26, 26]]


@pytest.mark.parametrize("name", LITERATURE)
def test_the_file_is_small_valid_and_holds_no_weights(name):
    path = MODELS / f"{name}.onnx"
    assert path.stat().st_size < 100_000
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert sum(np.prod(tensor.dims, dtype=int) for tensor in model.graph.initializer) < 10
    drawn = [node for node in model.graph.node if node.op_type in ("RandomNormal", "RandomUniform")]
    seeds = [attribute.f for node in drawn for attribute in node.attribute if attribute.name == "seed"]
    assert len(set(seeds)) == len(seeds) == len(drawn)


def test_building_again_gives_the_same_bytes(tmp_path):
    command = [sys.executable, MODELS / "build.py", "--out", tmp_path]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built == {path.name: path.read_bytes() for path in MODELS.glob("*.onnx")}
    assert {Path(name).stem for name in built} == set(LITERATURE)


def test_an_unknown_name_is_refused(tmp_path):
    command = [sys.executable, MODELS / "build.py", "--out", tmp_path, "alexnet", "alexnut"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "no network 'alexnut'" in refused.stderr
    assert not list(tmp_path.iterdir())


# Shape of each network's data flow, as the Arm Compute Library's examples have it: layer -> shape of its output.
LANDMARKS = {
    "alexnet": {"conv1": (96, 55, 55), "pool1": (96, 27, 27), "pool2": (256, 13, 13), "pool5": (256, 6, 6)},
    "googlenet": {
        "pool1/norm1": (64, 56, 56),
        "pool2/3x3_s2": (192, 28, 28),
        "inception_3a/concat": (256, 28, 28),
        "pool3/3x3_s2": (480, 14, 14),
        "inception_4d/concat": (528, 14, 14),
        "pool4/3x3_s2": (832, 7, 7),
        "inception_5b/concat": (1024, 7, 7),
    },
    "resnet-50": {
        "pool1": (64, 56, 56),
        "block1/unit2/add": (256, 56, 56),
        "block1/unit3/add": (256, 28, 28),
        "block2/unit4/add": (512, 14, 14),
        "block3/unit6/add": (1024, 7, 7),
        "block4/unit3/add": (2048, 7, 7),
    },
    "mobilenet-v1": {"Conv2d_0": (32, 112, 112), "Conv2d_13/pointwise": (1024, 7, 7)},
    "squeezenet": {"conv1": (64, 113, 113), "fire3/concat": (128, 56, 56), "fire9/concat": (512, 14, 14)},
    "mobilenet-v2": {"expanded_conv_16/project": (320, 7, 7), "Conv_1": (1280, 7, 7)},
    "inception-v3": {
        "Mixed_5d/concat": (288, 35, 35),
        "Mixed_6e/concat": (768, 17, 17),
        "Mixed_7c/concat": (2048, 8, 8),
    },
    "vgg-16": {"pool5": (512, 7, 7)},
    "yolov3-tiny": {"maxpool_11": (512, 13, 13), "route_20": (384, 26, 26)},
}


@pytest.mark.parametrize("name", LANDMARKS)
def test_maps_have_the_published_sizes(name, graphs):
    graph = graphs[name]
    written = {operator.name: operator.outputs[0] for layer in graph.layers for operator in layer.operators}
    found = {layer: graph.tensors[written[layer]].shape[1:] for layer in LANDMARKS[name]}
    assert found == LANDMARKS[name]
