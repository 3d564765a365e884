"""The real Arm NN, on an emulated Arm board: profile, plan, run and compare, through the same Board as the app."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from layerswitch import plan
from layerswitch.agent.execution_order import fewest_segments
from layerswitch.boards import registry
from layerswitch.boards.board import Board
from layerswitch.errors import BoardError
from layerswitch.experiments.compare import compare
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.network.formats import open_model
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.prediction.latency_model import LatencyModel

pytestmark = [pytest.mark.board, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def board():
    """The emulated board, connected."""
    try:
        entry = registry.find("emulated-arm")
    except BoardError:
        pytest.skip("there is no emulated Arm board here: make it with `make board`, as root")
    with Board.connect(entry) as connected:
        yield connected


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small network of what most have: convolutions, a branch, a depthwise one, pooling, a classifier."""
    rng = np.random.default_rng(0)
    shapes = {"w1": (8, 3, 3, 3), "w2": (8, 8, 1, 1), "w3": (8, 1, 3, 3), "w4": (10, 16)}
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a0"], pads=[1, 1, 1, 1], strides=[2, 2], name="first"),
        helper.make_node("Relu", ["a0"], ["a"], name="first/relu"),
        helper.make_node("Conv", ["a", "w2"], ["b"], name="pointwise"),
        helper.make_node("Conv", ["a", "w3"], ["c"], pads=[1, 1, 1, 1], group=8, name="depthwise"),
        helper.make_node("Concat", ["b", "c"], ["d"], axis=1, name="join"),
        helper.make_node("GlobalAveragePool", ["d"], ["e"], name="pool"),
        helper.make_node("Flatten", ["e"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "w4"], ["g"], transB=1, name="classify"),
        helper.make_node("Softmax", ["g"], ["y"], axis=1, name="softmax"),
    ]
    weights = [numpy_helper.from_array(rng.standard_normal(s, np.float32) * 0.3, name) for name, s in shapes.items()]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", 1, (1, 3, 64, 64))],
        [helper.make_empty_tensor_value_info("y")],
        weights,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path_factory.mktemp("board") / "small.onnx"
    onnx.save(onnx.shape_inference.infer_shapes(made), path)
    return open_model(path)


@pytest.fixture(scope="module")
def profile(board, model):
    """A profile of the network, few runs: the emulated GPU is slow."""
    return board.profile(model, ProfileSettings(runs=3, warmup=1)).whole()


def test_it_says_what_it_is(board):
    assert board.description.origin == "emulated"
    assert [device.backend for device in board.description.devices] == ["CpuAcc", "GpuAcc"]
    assert board.description.engine.startswith("Arm NN")


def test_every_layer_is_timed_on_both_devices(profile):
    assert profile.devices == ("CPU", "GPU")
    for device in profile.devices:
        assert set(profile.samples[device]) == set(profile.graph.index)
        assert sum(samples[0] for samples in profile.samples[device].values()) > 0
        assert min(profile.baselines[device]) > 0
    heavy = [layer.name for layer in profile.graph.layers if layer.macs]
    assert all(min(profile.samples["GPU"][name]) > 0 for name in heavy)
    assert all(profile.kernels["GPU"][name] for name in heavy)


def test_both_devices_have_peaks(profile):
    for device in profile.devices:
        peaks = profile.peaks[device]
        assert min(peaks.gflops, peaks.gb_per_s, peaks.launch_ms) > 0
        assert "micro-benchmarks by " + {"CPU": "workloads", "GPU": "kernel timers"}[device] in peaks.source


def test_transfers_are_measured_both_ways(profile):
    ways = {(one.source, one.target) for one in profile.transfer_samples}
    assert ways == {("CPU", "GPU"), ("GPU", "CPU")}
    assert all(cost.of(1_000_000) > 0 for cost in profile.transfer_costs)


def test_the_plan_and_switched_assignments_compute_what_the_cpu_computes(board, model, profile):
    found = plan(LatencyModel.from_profile(profile), board.description)
    names = list(profile.graph.index)
    switched = {name: ("CPU", "GPU")[place % 2] for place, name in enumerate(names)}
    runs = [
        board.run(model, assignment, runs=2, warmup=1).whole()
        for assignment in (switched, Assignment.uniform(model.graph, "GPU"), found.assignment)
    ]
    for run in runs:
        everything_on_cpu = set(run.assignment.values()) == {"CPU"}
        assert run.verified is (None if everything_on_cpu else True)
        assert min(run.samples_ms) > 0
    needed = fewest_segments(before(model.graph), list(switched.values()))
    assert len(runs[0].segments_ms) == len(needed) <= len(names)


def before(graph):
    """Of each layer, the places of those it reads from."""
    return [[graph.producer[name] for name in layer.inputs if name in graph.producer] for layer in graph.layers]


def test_a_comparison_of_three_rounds(board, model, profile, monkeypatch):
    latency = LatencyModel.from_profile(profile)
    names = list(profile.graph.index)
    mine = Assignment({name: ("CPU", "GPU")[place % 2] for place, name in enumerate(names)})
    runs, run = [], board.run

    def spied(*given, **options):
        runs.append(run(*given, **options))
        return runs[-1]

    monkeypatch.setattr(board, "run", spied)
    optimum = plan(latency, board.description).assignment
    assignments = [NamedAssignment("optimum", "plan", optimum), NamedAssignment("mine", "own", mine)]
    found = compare(board, model, assignments, predicted=latency, rounds=3, warmup=1).whole()
    assert {"CPU", "GPU"} <= {entry.name for entry in found.entries}
    assert all(len(entry.samples_ms) == 3 and min(entry.samples_ms) > 0 for entry in found.entries)
    assert all(entry.predicted_ms > 0 for entry in found.entries)
    measured = [one.whole() for one in runs]
    assert all(one.verified is (None if set(one.assignment.values()) == {"CPU"} else True) for one in measured)
