"""Arm NN in a real agent process: its death in the middle of a profile, and a board with one device."""

import os
import signal

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from typer.testing import CliRunner

from layerswitch import serialization
from layerswitch.boards.board import Board
from layerswitch.boards.registry import BoardEntry
from layerswitch.cli.app import app
from layerswitch.errors import BoardError
from layerswitch.measurement.profile import Profile, ProfileSettings
from layerswitch.network.formats import open_model

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")


@pytest.fixture
def small(tmp_path):
    """A convolution and its classifier."""
    rng = np.random.default_rng(0)
    shapes = {"w": (4, 3, 3, 3), "v": (5, 4)}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"]),
        helper.make_node("GlobalAveragePool", ["a"], ["b"]),
        helper.make_node("Flatten", ["b"], ["c"]),
        helper.make_node("Gemm", ["c", "v"], ["y"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", 1, (1, 3, 16, 16))],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(rng.standard_normal(shape, np.float32), name) for name, shape in shapes.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(made), tmp_path / "small.onnx")
    return tmp_path / "small.onnx"


@pytest.fixture
def local(tmp_path, monkeypatch):
    """This computer with Arm NN, connected; constants go to a folder of the test's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Board.connect(BoardEntry("local", "This computer", "measured", "local")) as board:
        yield board


def test_a_crash_in_the_middle_of_a_profile_keeps_what_was_measured_and_another_agent_goes_on(local, small):
    model, agent, steps = open_model(small), local._calls._link._connection.pid, []

    def crash(step):
        steps.extend([step.text] if "profiling layers" in step.text else [])
        if len(steps) == 40:  # told now and then, and what was measured is read now and then
            os.kill(agent, signal.SIGSEGV)

    with pytest.raises(BoardError, match="the agent ended: signal SIGSEGV") as caught:
        local.profile(model, ProfileSettings(runs=100_000, warmup=1), progress=crash)
    partial = caught.value.partial
    assert isinstance(partial, Profile)
    assert set(partial.samples["CPU"]) == set(model.graph.index)
    assert min(len(samples) for samples in partial.samples["CPU"].values()) >= 6
    assert "incomplete" in partial.conditions
    local.restart()
    profile = local.profile(model, ProfileSettings(runs=2, warmup=1))
    assert "incomplete" not in profile.conditions
    assert {len(samples) for samples in profile.samples["CPU"].values()} == {2}


def test_a_board_with_one_device_says_that_there_is_nothing_to_switch(local, small, tmp_path):
    if len(local.description.devices) != 1:
        pytest.skip("this computer has more than one of Arm NN's devices")
    serialization.save(tmp_path / "profile.json", local.profile(open_model(small), ProfileSettings(runs=1, warmup=1)))
    said = CliRunner().invoke(app, ["plan", str(tmp_path / "profile.json")])
    assert said.exit_code == 0, said.output
    assert "has one device, CPU: there is nothing to switch." in said.output
