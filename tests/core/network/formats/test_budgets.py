"""Small files that ask for much: opened or refused within 5 s of the processor and 500 MB, whatever they hold."""

import itertools
import subprocess
import sys

import flatbuffers
import numpy as np
import onnx
import pytest
import tflite
from onnx import helper, numpy_helper

from layerswitch.errors import ModelError
from layerswitch.network.formats import open_model

OPEN = """
import resource, sys
from layerswitch.errors import LayerSwitchError
from layerswitch.network.formats import open_model
import layerswitch.network.formats.onnx, layerswitch.network.formats.tflite, onnx.reference
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (4 << 30),) * 2)  # so that the machine stays usable
seconds = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 6
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
try:
    print("opened", len(open_model(sys.argv[1]).graph.layers))
except LayerSwitchError as error:
    print("refused", error)
taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert taken < 500_000, f"{taken} kB"
"""


def opened(path):
    """What becomes of a file that is opened within the budget; a process that needs more is ended by the system."""
    assert path.stat().st_size < 1 << 20
    done = subprocess.run([sys.executable, "-c", OPEN, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def write(path, nodes, **constants):
    """A network that adds what the nodes compute of constants, "c", to its input."""
    value, initializers = helper.make_tensor_value_info, []
    for name, array in constants.items():
        initializers.append(numpy_helper.from_array(array, name))
    nodes = [*nodes, helper.make_node("Add", ["x", "c"], ["y"])]
    graph = helper.make_graph(nodes, "g", [value("x", 1, [1])], [value("y", 1, None)], initializers)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


def pool(kind):
    """One output, of 4 x 4 numbers padded to 10000 x 10000."""
    attributes = {"kernel_shape": [10000] * 2, "pads": [5000, 5000, 4996, 4996], "strides": [2] * 2}
    return [helper.make_node(kind, ["k"], ["c"], **attributes)], {"k": np.ones((1, 1, 4, 4), np.float32)}


def tile():
    """Nothing, of numbers that are first repeated 134 million times."""
    return [helper.make_node("Tile", ["k", "n"], ["t"]), helper.make_node("ReduceSum", ["t"], ["c"], keepdims=0)], {
        "k": np.ones((1, 1, 4, 4), np.float32),
        "n": np.array([4096, 2, 4096, 0]),
    }


def einsum(size):
    """Every two of six indices are those of an input: whatever the order, all six have to be formed at once."""
    equation = ",".join(map("".join, itertools.combinations("abcdef", 2))) + "->"
    return [helper.make_node("Einsum", ["k"] * 15, ["c"], equation=equation)], {"k": np.ones((size, size), np.float32)}


@pytest.mark.parametrize(
    "made", [pool("AveragePool"), pool("MaxPool"), einsum(64), tile()], ids=["mean", "max", "einsum", "tile"]
)
def test_work_that_a_constant_would_take(tmp_path, made):
    nodes, constants = made
    opened(write(tmp_path / "m.onnx", nodes, **constants))


def test_a_constant_that_takes_too_much_work_is_refused_where_it_is_asked_for(tmp_path):
    nodes, constants = einsum(64)
    model = open_model(write(tmp_path / "m.onnx", nodes, **constants))
    (name,) = model.graph.constants
    with pytest.raises(ModelError, match=r"'c' \(Einsum\) takes too much work"):
        model.constants[name]


def test_a_small_einsum_is_computed(tmp_path):
    nodes, constants = einsum(2)
    model = open_model(write(tmp_path / "m.onnx", nodes, **constants))
    assert model.constants["c"] == 2**6


def test_work_that_doubles_with_each_node(tmp_path):
    nodes = [helper.make_node("Expand", ["k", "many"], ["a0"]), helper.make_node("Expand", ["k", "many"], ["b0"])]
    for step in range(40):
        nodes.append(helper.make_node("Add", [f"a{step}", f"b{step}"], [f"a{step + 1}"]))
        nodes.append(helper.make_node("Mul", [f"a{step}", f"b{step}"], [f"b{step + 1}"]))
    nodes.append(helper.make_node("ReduceSum", ["a40"], ["c"], keepdims=0))
    path = write(tmp_path / "m.onnx", nodes, k=np.ones(1, np.float32), many=np.array([5000]))
    opened(path)
    model = open_model(path)
    (name,) = model.graph.constants
    with pytest.raises(ModelError, match="too much work"):
        model.constants[name]


def test_many_small_constants_have_one_budget(tmp_path):
    nodes = [helper.make_node("Add", [f"t{step}", "t0"], [f"t{step + 1}"]) for step in range(25_000)]
    nodes.append(helper.make_node("Identity", ["t25000"], ["c"]))
    opened(write(tmp_path / "m.onnx", nodes, t0=np.ones(1, np.float32)))


def test_a_constant_of_many_bytes_that_are_not_in_the_file(tmp_path):
    nodes = [helper.make_node("ConstantOfShape", ["many"], ["big"]), helper.make_node("ReduceSum", ["big"], ["c"])]
    answer = opened(write(tmp_path / "m.onnx", nodes, many=np.array([2**31 - 1])))
    assert "'big' would hold 8589934588 bytes that are not in the file" in answer


def test_many_large_constants_have_one_budget(tmp_path):
    nodes = [helper.make_node("Expand", ["k", "shape"], [f"large{number}"]) for number in range(20)]
    nodes.append(helper.make_node("Sum", [f"large{number}" for number in range(20)], ["c"]))
    path = write(tmp_path / "m.onnx", nodes, k=np.ones((1,), np.float32), shape=np.array([1 << 22, 4]))
    with pytest.raises(ModelError, match=r"its constants would hold \d+ bytes that are not in the file"):
        open_model(path)


def test_a_sum_of_many_tensors(tmp_path):
    nodes = [helper.make_node("Sum", ["x"] * 150_975, ["c"])]
    assert "more than 20000 operators" in opened(write(tmp_path / "m.onnx", nodes))


def test_many_operators(tmp_path):
    nodes = [helper.make_node("Relu", [f"{step}" if step else "x"], [f"{step + 1}"]) for step in range(30_000)]
    nodes.append(helper.make_node("Identity", ["30000"], ["c"]))
    assert "more than 20000 operators" in opened(write(tmp_path / "m.onnx", nodes))


def test_as_many_operators_as_there_may_be(tmp_path):
    nodes = [helper.make_node("Relu", [f"{step}" if step else "x"], [f"{step + 1}"]) for step in range(19_000)]
    nodes.append(helper.make_node("Identity", ["19000"], ["c"]))
    assert opened(write(tmp_path / "m.onnx", nodes)).startswith("opened")


def test_a_body_that_reads_many_tensors(tmp_path):
    value = helper.make_tensor_value_info
    names = [f"{number}" for number in range(40_000)]
    body = helper.make_graph([helper.make_node("Sum", names, ["s"])], "then", [], [value("s", 1, [1])])
    node = helper.make_node("If", ["x"], ["c"], then_branch=body, else_branch=body)
    opened(write(tmp_path / "m.onnx", [node]))


def test_functions_that_call_each_other_twice(tmp_path):
    path, imports = write(tmp_path / "m.onnx", [helper.make_node("F40", ["x"], ["c"], domain="f")]), []
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]
    model = onnx.load(path)
    for number in range(41):
        called = {"op_type": f"F{number - 1}", "domain": "f"} if number else {"op_type": "Relu", "domain": ""}
        body = [helper.make_node(inputs=[one], outputs=[two], **called) for one, two in ("ab", "bc")]
        model.functions.append(helper.make_function("f", f"F{number}", ["a"], ["c"], body, imports))
    del model.opset_import[:]
    model.opset_import.extend(imports)
    onnx.save(model, path)
    assert "more than 20000 operators" in opened(path)


@pytest.mark.parametrize("shared", ["operators", "tensors", "buffers", "operatorcodes"])
def test_lists_of_one_table(tmp_path, shared):
    path = tmp_path / "m.tflite"
    path.write_bytes(of_one_table(shared, 220_000))
    assert "220000" in opened(path)


def of_one_table(shared, count):
    """A TFLite file of one convolution, in which that list names its first table `count` times."""
    builder = flatbuffers.Builder(1 << 20)

    def made(kind, **fields):
        getattr(tflite, f"{kind}Start")(builder)
        for name, value in fields.items():
            getattr(tflite, f"{kind}Add{name}")(builder, value)
        return getattr(tflite, f"{kind}End")(builder)

    def listed(name, place):
        builder.StartVector(4, count if name == shared else 2, 4)
        for _ in range(count if name == shared else 2):
            builder.PrependUOffsetTRelative(place)
        return builder.EndVector()

    def numbers(*values):
        builder.StartVector(4, len(values), 4)
        for value in reversed(values):
            builder.PrependInt32(value)
        return builder.EndVector()

    name, shape, zero, one = builder.CreateString("t"), numbers(1, 4), numbers(0), numbers(1)
    tensors = listed("tensors", made("Tensor", Name=name, Shape=shape))
    options = made("Conv2DOptions")
    operator = made("Operator", Inputs=zero, Outputs=one, BuiltinOptionsType=1, BuiltinOptions=options)
    operators = listed("operators", operator)
    graph = made("SubGraph", Tensors=tensors, Operators=operators, Inputs=zero, Outputs=one)
    buffers, codes = listed("buffers", made("Buffer")), listed("operatorcodes", made("OperatorCode", BuiltinCode=3))
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(graph)
    graphs = builder.EndVector()
    builder.Finish(made("Model", Version=3, OperatorCodes=codes, Subgraphs=graphs, Buffers=buffers), b"TFL3")
    return bytes(builder.Output())
