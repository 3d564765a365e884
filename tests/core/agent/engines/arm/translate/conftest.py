"""Single operators on Arm NN's reference backend, beside ONNX Runtime."""

import pytest

from layerswitch.agent.engines.arm.execution import Execution, drawn_inputs


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
