"""Damaged, hostile and foreign files: one clear ModelError, soon, and never anything else."""

import os
import struct
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerswitch.errors import ModelError
from layerswitch.network.formats.tflite import read_tflite

SMALL = ("hand_recrop.tflite", "face_detection_short_range.tflite", "face_detection_full_range_sparse.tflite")


def refused(path, match=None):
    with pytest.raises(ModelError, match=match) as caught:
        read_tflite(path)
    assert caught.value.where == str(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\x1c\x00", "not a TFLite model"),
        (b"PK\x03\x04" + bytes(100), "not a TFLite model"),
        (b"\x1c\x00\x00\x00TFL3", "damaged"),
        (b"\xff\xff\xff\xffTFL3" + bytes(200), "damaged"),
        (b"\x08\x00\x00\x00TFL3" + bytes(200), "no network|damaged"),
    ],
)
def test_what_is_no_model(tmp_path, content, message):
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    refused(path, message)


def test_a_missing_file_and_a_folder(tmp_path):
    refused(tmp_path / "none.tflite", os.strerror(2))
    refused(tmp_path, os.strerror(21))


@pytest.mark.parametrize("part", [0.01, 0.3, 0.7, 0.95, 0.999])
def test_a_file_that_is_cut_short(wheel_models, tmp_path, part):
    data = wheel_models["face_landmark.tflite"].read_bytes()
    path = tmp_path / "short.tflite"
    path.write_bytes(data[: int(len(data) * part)])
    refused(path)


def relu(network, **fields):
    network.result("RELU", [network.input("x", (1, 4), **fields)], (1, 4))
    return network


def test_a_tensor_that_does_not_exist(network):
    relu(network).operators[0]["inputs"] = [7]
    refused(network.write(), "tensor 7, but there are 2")


def test_a_negative_place_other_than_left_out(network):
    relu(network).operators[0]["inputs"] = [-3]
    refused(network.write(), "tensor -3")


def test_an_output_that_does_not_exist(network):
    relu(network).outputs = [9]
    refused(network.write(), "tensor 9")


def test_a_buffer_that_does_not_exist(network):
    refused(relu(network, buffer=40).write(), "buffer 40, but there are 1")


def test_a_negative_size(network):
    network.result("RELU", [network.input("x", (1, -4))], (1, 4))
    refused(network.write(), "'x' has the negative shape 1x-4")


def test_an_impossible_size(network):
    network.result("RELU", [network.input("x", (2**31 - 1,) * 5)], (1, 4))
    refused(network.write(), "impossible shape")


@pytest.mark.parametrize("shape", [(2, 3), (1000, 1000, 1000), (1,)])
def test_a_constant_whose_shape_lies(network, shape):
    x = network.input("x", (1,))
    network.result("ADD", [x, network.constant("c", np.ones(4, np.float32), shape=shape)], (1,), "AddOptions")
    refused(network.write(), "'c' holds 16 bytes, but .* of float32 takes")


def test_operators_in_a_circle(network):
    x, a, b = network.input("x", (1, 4)), network.tensor("a", (1, 4)), network.tensor("b", (1, 4))
    network.operator("ADD", [x, b], a, "AddOptions")
    network.operator("RELU", [a], b)
    network.outputs = [b]
    refused(network.write(), r"operator 'a' \(ADD\) reads tensor 'b' before any operator writes it")


def test_a_tensor_written_twice(network):
    x = network.input("x", (1, 4))
    network.result("RELU", [x], (1, 4))
    network.operator("TANH", [x], network.outputs)
    refused(network.write(), "'y' is written twice")


def test_an_output_that_nobody_computes(network):
    relu(network).outputs = [network.tensor("ghost", (1, 4))]
    refused(network.write(), "'ghost' before any operator writes it")


def test_a_network_without_operators(network):
    network.outputs = [network.input("x", (1, 4))]
    refused(network.write(), "no operators")


def test_scales_that_do_not_fit_their_axis(network):
    refused(relu(network, quantization=([0.5, 0.5, 0.5], [0, 0, 0], 1)).write(), "3 scales for 1x4")
    network.tensors[0]["quantization"] = ([float("nan")], [0])
    refused(network.write(), "impossible quantization")


def test_a_list_longer_than_the_file(network):
    data = bytearray(relu(network).write().read_bytes())
    # every length that could be a list's is made huge in turn: none may cost memory or time
    for place in range(8, len(data) - 4, 4):
        lie = bytearray(data)
        lie[place : place + 4] = struct.pack("<I", 0x7FFFFFF0)
        network.path.write_bytes(lie)
        begin = time.process_time()
        valid_or_refused(network.path)
        assert time.process_time() - begin < 60  # a hang, not a slow machine


def test_shared_names_cannot_multiply_the_work(network):
    """Flatbuffers may share strings: here thousands of tensors share one long name, far more than the file holds."""
    relu(network)
    for _ in range(4000):
        network.tensor("n" * 20_000, (1,))
    path = network.write()
    assert path.stat().st_size < 500_000
    refused(path, "more than it can hold")


def valid_or_refused(path):
    """Read the file and everything in it; a ModelError is as good, anything else is not."""
    try:
        model = read_tflite(path)
        for name in model.graph.constants:
            model.constants[name]
    except ModelError:
        return
    assert model.graph.from_dict(model.graph.to_dict()) == model.graph


@st.composite
def changes(draw):
    """Places (as a part of the file) and what is written there."""
    values = st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([bytes(4), b"\xff" * 4, b"\xff\xff\xff\x7f"]))
    return draw(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), values), min_size=1, max_size=6))


@pytest.mark.slow(5)
@pytest.mark.parametrize("name", SMALL)
@given(changes=changes(), at_end=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_real_file_with_bytes_changed_is_valid_or_refused(wheel_models, tmp_path_factory, name, changes, at_end):
    data = bytearray(wheel_models[name].read_bytes())
    # most of a file is weights; its structure lies in the front or the back, where changes matter
    room = min(len(data), 60_000)
    for part, value in changes:
        place = int(part * room) + (len(data) - room if at_end else 0)
        data[place : place + len(value)] = value
    path = tmp_path_factory.getbasetemp() / f"changed-{os.getpid()}.tflite"
    path.write_bytes(data)
    valid_or_refused(path)
    path.unlink()


@given(content=st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_noise_behind_the_mark_is_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / f"noise-{os.getpid()}.tflite"
    path.write_bytes(b"\x1c\x00\x00\x00TFL3" + content)
    valid_or_refused(path)
    path.unlink()
