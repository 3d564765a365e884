"""Files that are broken, lie, or leave something open: one clear error each, quickly and without big allocations."""

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from layerswitch.errors import InputShapeError, ModelError
from layerswitch.network.formats import open_model

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
SQUEEZENET = (LIGHT / "light_squeezenet.onnx").read_bytes()
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def node(kind, inputs="x", outputs="y", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def write(path, nodes, *, initializers=(), inputs=None, outputs=("y",), domains=(), **more):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "hostile",
        inputs if inputs is not None else [value("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [value(name, TensorProto.FLOAT, None) for name in outputs],
        list(initializers),
        **more,
    )
    imports = [helper.make_opsetid("", 17), *(helper.make_opsetid(domain, 1) for domain in domains)]
    path.write_bytes(helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString())
    return path


def refused(path, match, **more):
    with pytest.raises(ModelError, match=match) as caught:
        open_model(path, level="operator", **more)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and so on", "zip archive"),
        (b"\x08\x00\x00\x00ORTM", "ONNX Runtime .ort"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"hello, I am no model", "not an ONNX model"),
        (b"\x00" * 100, "not an ONNX model"),
        (SQUEEZENET[:-1], "not an ONNX model"),
        (SQUEEZENET[: len(SQUEEZENET) // 2], "not an ONNX model"),
        (onnx.ModelProto(ir_version=8).SerializeToString(), "holds no network"),
    ],
)
def test_no_model(content, match, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    refused(path, match)


@QUIET
@given(content=st.binary(max_size=400))
def test_garbage(content, tmp_path):
    path = tmp_path / "garbage"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        open_model(path, level="operator")


@QUIET
@given(data=st.data())
def test_damaged(data, tmp_path):
    content = bytearray(SQUEEZENET)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.onnx"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with contextlib.suppress(ModelError):  # any other error fails the test
        open_model(path, level="operator").graph.to_dict()


def test_a_renamed_file_is_read_by_its_content(tmp_path):
    path = tmp_path / "network.tflite"
    path.write_bytes(SQUEEZENET)
    assert open_model(path, level="operator").graph.source == "onnx"


def test_no_such_file_or_name(tmp_path):
    with pytest.raises(ModelError, match="did you mean 'googlenet'"):
        open_model("googelnet")
    with pytest.raises(ModelError, match="a folder"):
        open_model(tmp_path)


def test_a_cycle(tmp_path):
    path = write(tmp_path / "m", [node("Add", "x b", "a"), node("Relu", "a", "b"), node("Relu", "b", "y")])
    refused(path, "cycle")


def test_nodes_out_of_order_are_sorted(tmp_path):
    path = write(tmp_path / "m", [node("Relu", "a"), node("Sigmoid", "x", "a")])
    assert [layer.type for layer in open_model(path, level="operator").graph.layers] == ["Sigmoid", "Relu"]


@pytest.mark.parametrize(
    ("nodes", "match"),
    [
        ([node("Relu", "nothing")], "reads tensor 'nothing', which nothing writes"),
        ([node("Relu"), node("Sigmoid")], "'y' is written twice"),
        ([node("Relu", "x", "other")], "output 'y' is written by no operator"),
        ([node("Concat", "x x", axis=9)], "does not fit its inputs"),
        ([node("Identity")], "computes nothing"),
        ([node("Conv", "x", "y")], "does not fit its inputs"),
        ([node("NonZero")], "shape of 'y' cannot be known: it is written by operator 'y' .NonZero"),
        ([node("Mystery", domain="my.own")], "shape of 'y' cannot be known: .*my.own.Mystery"),
    ],
)
def test_impossible_networks(nodes, match, tmp_path):
    refused(write(tmp_path / "m", nodes, domains=["my.own"]), match)


def tensor(**fields):
    return TensorProto(**{"name": "w", "data_type": TensorProto.FLOAT, **fields})


@pytest.mark.parametrize(
    ("lie", "match"),
    [
        (tensor(dims=[2, 3], raw_data=b"1234"), "holds 4 bytes, but 2x3 of float32 takes 24"),
        (tensor(dims=[100, 100], raw_data=b"1" * 8000), "holds 8000 bytes, but 100x100"),
        (tensor(dims=[2, 3], float_data=[1.0]), "cannot be read"),
        (tensor(dims=[10**6, 10**6, 10**6]), "impossible shape"),
        (tensor(dims=[10**6, 10**5]), "cannot be read"),
        (tensor(dims=[-2, 3]), "negative shape"),
        (tensor(dims=[1], data_type=TensorProto.FLOAT8E5M2), "elements of type float8e5m2"),
        (tensor(dims=[1], data_type=99), "elements of type 99"),
    ],
)
def test_lying_constants(lie, match, tmp_path):
    refused(write(tmp_path / "m", [node("Add", "x w")], initializers=[lie]), match)


def test_two_constants_of_one_name(tmp_path):
    twice = [tensor(dims=[1], float_data=[1.0])] * 2
    refused(write(tmp_path / "m", [node("Add", "x w")], initializers=twice), "two constants are named 'w'")


def test_sparse_constants(tmp_path):
    sparse = onnx.SparseTensorProto(dims=[4])
    sparse.values.name = "w"
    refused(write(tmp_path / "m", [node("Add", "x w")], sparse_initializer=[sparse]), "'w' is sparse")


def external(location, **entries):
    made = tensor(dims=[5000], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, **entries}.items():
        made.external_data.add(key=key, value=str(value))
    return made


def test_external_data_is_read_from_beside_the_model(tmp_path):
    numbers = np.arange(5100, dtype=np.float32)
    numbers.tofile(tmp_path / "weights.bin")
    made = external("weights.bin", offset=400, length=20000)
    nodes = [node("Reshape", "x shape", "flat"), node("Add", "flat w")]
    shape = onnx.numpy_helper.from_array(np.array([-1, 1], np.int64), "shape")
    path = write(tmp_path / "m.onnx", nodes, initializers=[made, shape])
    model = open_model(path, level="operator")
    np.testing.assert_array_equal(model.constants["w"], numbers[100:])
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="no longer in the file"):
        model.constants["w"]


@pytest.mark.parametrize(
    ("lie", "match"),
    [
        (external("../secret"), "outside the model's folder"),
        (external("/etc/passwd"), "outside the model's folder"),
        (external("link"), "outside the model's folder"),
        (external(""), "names no file"),
        (external("missing.bin"), "'missing.bin', which is missing"),
        (external("short.bin"), "past the end of 'short.bin'"),
        (external("short.bin", offset=-4), "past the end"),
        (external("short.bin", length=8), "holds 8 bytes"),
        (external("short.bin", offset="four"), "says wrongly"),
    ],
)
def test_lying_external_data(lie, match, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_bytes(b"0" * 20000)
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "short.bin").write_bytes(b"0" * 100)
    refused(write(inside / "m", [node("Add", "x w")], initializers=[lie]), match)


def value(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def test_a_free_size_is_asked_for(tmp_path):
    path = write(tmp_path / "m", [node("Relu")], inputs=[value("x", "N", 3, None, 32)])
    error = refused(path, r"input 'x' .* \?x3x\?x32")
    assert isinstance(error, InputShapeError)
    assert error.inputs == {"x": (None, 3, None, 32)}
    assert "--input-shape x=1x3x224x32" in error.hint
    graph = open_model(path, level="operator", input_shapes={"x": (2, 3, 16, 32)}).graph
    assert graph.tensors["y"].shape == (2, 3, 16, 32)


@pytest.mark.parametrize(
    ("shapes", "match"),
    [
        ({"x": (1, 4, 16, 32)}, r"is \?x3x\?x32 in the file, it cannot be 1x4x16x32"),
        ({"x": (1, 3, 16)}, "cannot be 1x3x16"),
        ({"x": (0, 3, 16, 32)}, "cannot have the shape 0x3x16x32"),
        ({"image": (1, 3, 16, 32)}, "no input named 'image'"),
        ({"x": (10**9, 3, 10**9, 32)}, "impossible shape"),
    ],
)
def test_given_shapes_are_checked(shapes, match, tmp_path):
    path = write(tmp_path / "m", [node("Relu")], inputs=[value("x", "N", 3, None, 32)])
    refused(path, match, input_shapes=shapes)


def test_a_shape_given_for_one_input_settles_the_same_letter_in_another(tmp_path):
    path = write(tmp_path / "m", [node("Add", "x z")], inputs=[value("x", "N", 3), value("z", "N", 3)])
    assert open_model(path, level="operator", input_shapes={"x": (4, 3)}).graph.tensors["z"].shape == (4, 3)


def test_an_unknown_operator_whose_output_the_file_describes_is_kept(tmp_path):
    path = write(
        tmp_path / "m",
        [node("Mystery", "x w", "h", domain="my.own"), node("Relu", "h")],
        initializers=[tensor(dims=[2], float_data=[1.0, 2.0])],
        domains=["my.own"],
        value_info=[value("h", 1, 5)],
    )
    layer = open_model(path, level="operator").graph.layers[0]
    assert (layer.type, layer.operators[0].attributes) == ("Mystery", {"unknown": True, "domain": "my.own"})
    assert layer.operators[0].constants == {"input1": "w"}


def test_an_if_with_a_known_condition_is_that_branch(tmp_path):
    branches = {
        f"{name}_branch": helper.make_graph([node(kind, "x", f"{name}_y")], name, [], [value(f"{name}_y", 1, 3, 8, 8)])
        for name, kind in (("then", "Relu"), ("else", "Sigmoid"))
    }
    for known, kind in ((True, "Relu"), (False, "Sigmoid")):
        condition = onnx.numpy_helper.from_array(np.array(known), "w")
        path = write(tmp_path / f"m{known}", [node("If", "w", **branches)], initializers=[condition])
        graph = open_model(path, level="operator").graph
        assert [layer.type for layer in graph.layers] == [kind]
        assert graph.outputs == ("y",)


def test_names_are_unique_and_never_empty(tmp_path):
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], name="same"),
        helper.make_node("Relu", ["a"], ["b"], name="same"),
        helper.make_node("Relu", ["b"], ["c"], name="same_2"),
        helper.make_node("Relu", ["c"], ["17"]),
        helper.make_node("Relu", ["17"], ["größe/π, =\t"]),
        helper.make_node("Relu", ["größe/π, =\t"], ["y"], name="  "),
    ]
    names = [layer.name for layer in open_model(write(tmp_path / "m", nodes), level="operator").graph.layers]
    assert names == ["same", "same_3", "same_2", "Relu", "größe/π, =\t", "y"]


def test_outputs_that_are_inputs_or_constants(tmp_path):
    kept = tensor(dims=[1], float_data=[1.0])
    path = write(tmp_path / "m", [node("Relu")], initializers=[kept], outputs=["y", "x", "w"])
    assert open_model(path, level="operator").graph.outputs == ("y", "x")


def test_what_nobody_reads_is_left_out(tmp_path):
    nodes = [node("MaxPool", "x", "y places", kernel_shape=[2, 2]), node("Sigmoid", "x", "unread")]
    [layer] = open_model(write(tmp_path / "m", nodes), level="operator").graph.layers
    assert (layer.type, layer.outputs) == ("MaxPool", ("y",))


MEASURE = """
import resource, sys
from layerswitch.network.formats import open_model
import layerswitch.network.formats.onnx, onnx.reference
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model = open_model(sys.argv[1], level="operator")
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
weights = model.constants["w"]
print(after - before, weights.shape, weights[0, 0])
"""


def test_big_weights_stay_in_the_file(tmp_path):
    rows = 2**15  # 128 MB of weights; the file is a hole, so it takes no space
    weights = tensor(dims=[1024, rows], raw_data=b"")
    marker, length = b"\x4a\x00", 1024 * rows * 4
    path = write(tmp_path / "m", [node("MatMul", "x w")], inputs=[value("x", 1, 1024)], initializers=[weights])
    content = path.read_bytes()
    body = weights.SerializeToString()

    def varint(number):
        found = bytearray()
        while number >= 0x80:
            found.append(number & 0x7F | 0x80)
            number >>= 7
        return bytes([*found, number])

    # the raw data becomes the last field of the last message of the file, so that it can be a hole
    model = onnx.ModelProto.FromString(content)
    model.graph.ClearField("initializer")
    tensor_head = body.removesuffix(marker) + b"\x4a" + varint(length)
    graph_head = model.graph.SerializeToString() + b"\x2a" + varint(len(tensor_head) + length) + tensor_head
    model.ClearField("graph")
    head = model.SerializeToString() + b"\x3a" + varint(len(graph_head) + length) + graph_head
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + length)
    done = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True)
    kilobytes, rest = done.stdout.split(maxsplit=1)
    assert int(kilobytes) < 50_000
    assert rest.strip() == f"(1024, {rows}) 0.0"


def test_a_split_into_another_number_of_parts_than_it_has_outputs(tmp_path):
    path = write(tmp_path / "m", [node("Split", outputs="y a b c", num_outputs=2, axis=1)])
    model = onnx.load(path)
    model.opset_import[0].version = 18
    onnx.save(model, path)
    refused(path, "it has 4 outputs, but num_outputs is 2")  # ONNX's own inference would end the process


def test_a_constant_that_onnx_computes_in_another_shape_than_it_infers(tmp_path):
    pool = node("MaxPool", "k", "c", kernel_shape=[3, 3], pads=[0, 2, 0, 1])
    ones = onnx.numpy_helper.from_array(np.ones((1, 1, 64, 64), np.float32), "k")
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])]
    model = open_model(write(tmp_path / "m", [pool, node("Add", "x c")], initializers=[ones], inputs=inputs))
    with pytest.raises(ModelError, match="computes 'c' of shape"):
        model.constants["c"]
