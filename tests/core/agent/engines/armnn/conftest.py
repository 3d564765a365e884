"""Networks on Arm NN's reference backend, beside ONNX Runtime."""

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from layerswitch.agent.constant_store import drawn
from layerswitch.agent.engines.armnn.execution import Execution, drawn_inputs
from layerswitch.network.formats import open_model

TWO = {"devices": {"CPU": "CpuRef", "GPU": "CpuRef"}}
FILLERS = ("RandomNormal", "RandomUniform", "ConstantFill")


@pytest.fixture
def engine(collecting):
    """An engine with two devices, both the reference backend."""
    from layerswitch.agent.engines.armnn.engine import ArmNNEngine

    made = collecting(ArmNNEngine(TWO))
    yield made
    made.close()


@pytest.fixture
def write_onnx(tmp_path):
    """write(nodes, {input: shape}, outputs, {constant: array}) -> path."""

    def write(nodes, inputs, outputs, constants, opset=17):
        graph = helper.make_graph(
            nodes,
            "tested",
            [helper.make_tensor_value_info(name, 1, shape) for name, shape in inputs.items()],
            [helper.make_empty_tensor_value_info(name) for name in outputs],
            [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        onnx.save(onnx.shape_inference.infer_shapes(model), tmp_path / "tested.onnx")
        return tmp_path / "tested.onnx"

    return write


@pytest.fixture
def smaller(tmp_path):
    """smaller(bundled name, side) -> path of the network for small images, since the reference backend is slow."""

    def shrink(name, side):
        model = onnx.load(open_model(name).path)
        del model.graph.value_info[:]
        for dimension in model.graph.input[0].type.tensor_type.shape.dim[2:]:
            dimension.dim_value = side
        onnx.save(model, tmp_path / f"{name}.onnx")
        return tmp_path / f"{name}.onnx"

    return shrink


class Case:
    """A network, its weights, and what ONNX Runtime makes of it."""

    def __init__(self, path, redraw=False):
        self.model = open_model(path)
        self.graph = self.model.graph
        self.network = msgspec.json.decode(msgspec.json.encode(self.graph))

        roles = {
            name: role for layer in self.graph.layers for o in layer.operators for role, name in o.constants.items()
        }
        self.constants = {
            name: drawn(name, np.dtype(tensor.dtype), tensor.shape, roles.get(name, ""))
            if redraw
            else np.asarray(self.model.constants[name])
            for name, tensor in self.graph.constants.items()
        }

    def filled(self):
        """The ONNX file with these weights in it."""
        proto = onnx.load(str(self.model.path))
        for node in [node for node in proto.graph.node if node.op_type in FILLERS and not node.input]:
            proto.graph.node.remove(node)
        kept = [one for one in proto.graph.initializer if one.name not in self.constants]
        for node in [node for node in proto.graph.node if set(node.output) & set(self.constants)]:
            proto.graph.node.remove(node)
        del proto.graph.initializer[:]
        proto.graph.initializer.extend(kept)
        for name, array in self.constants.items():
            proto.graph.initializer.append(numpy_helper.from_array(array, name))
        return proto

    def expected(self, inputs):
        """The outputs by ONNX Runtime, with the same weights."""
        proto = self.filled()
        options = onnxruntime.SessionOptions()
        # beyond that it fuses 8-bit operators into kernels that saturate in between on some processors
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
        given = {one.name: inputs[one.name] for one in session.get_inputs() if one.name in inputs}
        return dict(zip([one.name for one in session.get_outputs()], session.run(None, given), strict=True))


@pytest.fixture
def case():
    """case(path or bundled name, redraw=False) -> Case; `redraw` draws the weights as a board does."""
    return Case


@pytest.fixture
def computed(engine, case, write_onnx):
    """computed(nodes, {input: shape}, constants, x=None) -> (found, wanted) outputs `y`, on the first device."""

    def compute(nodes, inputs, constants=None, given=None):
        one = case(write_onnx(nodes, inputs, ["y"], constants or {}))
        assert engine.load(one.network, one.constants) == {}
        values = drawn_inputs(engine._graph, 5) if given is None else given
        assignment = {layer.name: "CPU" for layer in one.graph.layers}
        execution = Execution(
            engine._library, engine._graph, one.constants, engine._backends, assignment, False, lambda text: None, bool
        )
        execution.infer(values)
        outputs = execution.outputs()
        execution.close()
        return outputs["y"], one.expected(values)["y"]

    return compute
