"""Real trained networks, opened as they are."""

import numpy as np
import pytest

from layerswitch.errors import ModelError
from layerswitch.network.formats.tflite import read_tflite
from layerswitch.network.formats.tflite.container import read_file

TFLITE = {
    # name: (operators, kinds that no engine supports: most of MediaPipe's custom operators are not in the vocabulary)
    "face_detection_full_range_sparse.tflite": (207, set()),
    "face_detection_short_range.tflite": (90, set()),
    "face_landmark.tflite": (97, set()),
    "face_landmark_with_attention.tflite": (
        341,
        {"TransformLandmarks", "Landmarks2TransformMatrix", "TransformTensorBilinear"},
    ),
    "hand_landmark_full.tflite": (95, set()),
    "hand_landmark_lite.tflite": (97, set()),
    "hand_recrop.tflite": (63, set()),
    "iris_landmark.tflite": (169, set()),
    "palm_detection_full.tflite": (139, set()),
    "palm_detection_lite.tflite": (119, set()),
    "pose_detection.tflite": (149, set()),
    "pose_landmark_full.tflite": (216, set()),
    "selfie_segmentation.tflite": (136, set()),
    "selfie_segmentation_landscape.tflite": (136, set()),
}


@pytest.mark.parametrize("name", TFLITE)
def test_sizes_computed_through_the_network_are_those_in_the_file(wheel_models, name):
    model = read_tflite(wheel_models[name])
    in_file = {tensor.name: tensor.shape for tensor in read_file(wheel_models[name]).tensors}
    computed = {tensor: found.shape for tensor, found in model.graph.tensors.items() if tensor in in_file}
    assert computed == {tensor: in_file[tensor] for tensor in computed}
    operators = [layer.operators[0] for layer in model.graph.layers]
    unknown = {operator.type for operator in operators if operator.attributes.get("unknown")}
    assert (len(operators), unknown) == TFLITE[name]
    assert not any(operator.type.isupper() for operator in operators)


@pytest.mark.parametrize("name", TFLITE)
def test_every_constant_can_be_read_and_is_as_described(wheel_models, name):
    model = read_tflite(wheel_models[name])
    for constant, tensor in model.graph.constants.items():
        value = model.constants[constant]
        assert (value.shape, str(value.dtype)) == (tensor.shape, tensor.dtype)
        assert np.isfinite(value.astype(np.float64)).all()
        assert value.flags.c_contiguous


@pytest.mark.parametrize(
    ("name", "convolutions", "macs"),
    [("hand_landmark_full.tflite", 47, 331.0e6), ("selfie_segmentation.tflite", 55, 59.2e6)],
)
def test_multiply_accumulates_agree_with_the_files_own_shapes(wheel_models, name, convolutions, macs):
    file = read_file(wheel_models[name])
    counted = found = 0
    for operator in file.operators:
        made = file.tensors[operator.outputs[0]].shape
        if operator.code in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            _, *window = file.tensors[operator.inputs[1]].shape
            counted += int(np.prod(made)) * int(np.prod(window if operator.code == "CONV_2D" else window[:2]))
            found += 1
        elif operator.code == "Convolution2DTransposeBias":
            units, *window, _ = file.tensors[operator.inputs[1]].shape
            counted += int(np.prod((*file.tensors[operator.inputs[0]].shape, *window, units)))
            found += 1
        elif operator.code == "FULLY_CONNECTED":
            counted += int(np.prod(file.tensors[operator.inputs[1]].shape))
    graph = read_tflite(wheel_models[name]).graph
    assert (found, graph.macs) == (convolutions, counted)
    assert graph.macs == pytest.approx(macs, rel=1e-3)


def test_float16_weights_stay_float16_and_no_dequantize_is_left(wheel_models):
    graph = read_tflite(wheel_models["hand_landmark_full.tflite"]).graph
    assert {tensor.dtype for tensor in graph.constants.values()} == {"float16"}
    assert not [layer for layer in graph.layers if layer.type == "Dequantize"]


@pytest.mark.parametrize(
    ("name", "shape", "times"),
    [
        ("hand_landmark_full.tflite", (2, 224, 224, 3), 2.0),
        ("pose_detection.tflite", (2, 224, 224, 3), 2.0),
        ("face_landmark.tflite", (1, 384, 384, 3), 4.0),
        ("selfie_segmentation.tflite", (2, 256, 256, 3), 2.0),
        ("face_detection_short_range.tflite", (1, 256, 256, 3), 4.0),
    ],
)
def test_another_batch_or_map_size_is_followed_through(wheel_models, name, shape, times):
    graph = read_tflite(wheel_models[name]).graph
    other = read_tflite(wheel_models[name], {graph.inputs[0]: shape}).graph
    assert other.tensors[other.inputs[0]].shape == shape
    assert other.macs == times * graph.macs
    assert other.parameters == graph.parameters


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("pose_landmark_full.tflite", (1, 512, 512, 3), "ADD.*do not fit.*the file's own input is input_1=1x256x256x3"),
        ("face_landmark_with_attention.tflite", (2, 192, 192, 3), "RESHAPE.*another number of elements"),
    ],
)
def test_a_size_that_the_network_cannot_take_is_refused_where_it_fails(wheel_models, name, shape, message):
    with pytest.raises(ModelError, match=message):
        read_tflite(wheel_models[name], {"input_1": shape})
