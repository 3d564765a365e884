"""Whole networks on the reference backend: right results in any cut, and times for every layer."""

import itertools
from pathlib import Path

import numpy as np
import onnx
import pytest

from layerswitch.agent.engines.armnn import profiler_events, transfer_timing
from layerswitch.agent.engines.armnn.execution import Execution, agree, drawn_inputs
from layerswitch.agent.engines.base import EngineError, JobCancelled

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
SHAPES = {"w": (4, 3, 3, 3), "v": (2, 12, 1, 1)}
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def executed(engine, case, assignment, inputs, profiling=False):
    execution = Execution(
        engine._library, engine._graph, case.constants, engine._backends, assignment, profiling, lambda text: None, bool
    )
    execution.infer(inputs)
    return execution


@pytest.mark.parametrize("name", ["squeezenet", "light_shufflenet"])
def test_switched_at_random_it_agrees_with_onnx_runtime_and_every_layer_is_timed(name, engine, case, smaller):
    path = LIGHT / f"{name}.onnx" if name.startswith("light") else smaller(name, 67)
    one = case(path, redraw=True)  # the light networks' own weights are all alike
    assert engine.load(one.network, one.constants) == {}
    inputs, rng = drawn_inputs(engine._graph, 1), np.random.default_rng(7)
    assignment = {layer.name: ("CPU", "GPU")[int(rng.integers(2))] for layer in one.graph.layers}
    execution = executed(engine, one, assignment, inputs, profiling=True)
    outputs, wanted = execution.outputs(), one.expected(inputs)
    times = {**execution.layer_times("CPU")[0].ms, **execution.layer_times("GPU")[0].ms}
    assert len(execution.parts) > 5
    execution.close()
    assert agree(engine._graph, outputs, wanted)
    assert min(array.std() for array in wanted.values()) > 0
    assert set(times) == set(assignment)
    assert min(times.values()) > 0


def test_every_workload_of_a_large_network_belongs_to_one_layer_the_same_in_every_inference(engine, case, smaller):
    one = case(smaller("squeezenet", 35), redraw=True)
    engine.load(one.network, one.constants)
    inputs = drawn_inputs(engine._graph, 1)
    found = []
    for _ in range(2):
        execution = executed(engine, one, dict.fromkeys(engine._graph.index, "CPU"), inputs, profiling=True)
        execution.infer(inputs)
        ((times, kernels),) = execution.layer_times("CPU")
        (part,) = execution.parts
        ((ran, inference_ms),) = profiler_events.workloads(execution._runtime.GetProfiler(part.number).as_json())
        walls = [event.wall_ms for event in ran if event.name.endswith("_Execute") and "CopyMem" not in event.name]
        assert sum(times.values()) == pytest.approx(sum(walls))  # nothing lost, nothing twice
        assert sum(times.values()) <= inference_ms
        found.append({name: [kernel for kernel, _ in parts] for name, parts in kernels.items()})
        execution.close()
    assert found[0] == found[1]
    convolutions = [layer.name for layer in one.graph.layers if layer.macs]
    joins = [layer.name for layer in one.graph.layers if layer.type == "Concat"]
    assert (len(convolutions), len(joins)) == (26, 8)
    assert all(found[0][name][0].startswith("RefConvolution2d") for name in convolutions)
    assert all(found[0][name][0].startswith("RefConcat") for name in joins)


def test_a_wrong_result_does_not_agree(engine, case, small):
    one = case(small)
    engine.load(one.network, one.constants)
    right = np.array([[1.0, 2.0]], np.float32)
    for number, same in (2.001, True), (2.01, False), (np.nan, False):
        other = np.array([[1.0, number]], np.float32)
        assert agree(engine._graph, {"y": right, "a": right}, {"y": right, "a": other}) == same


@pytest.fixture(autouse=True)
def few_bytes(monkeypatch):
    """Transfers of sizes that the slow reference backend is done with at once."""
    monkeypatch.setattr(transfer_timing, "SIDES", (4, 8, 12, 16, 20))


@pytest.fixture
def small(write_onnx):
    """Two branches, three readers of one tensor, two outputs."""
    rng = np.random.default_rng(0)
    nodes = [
        onnx.helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        onnx.helper.make_node("MaxPool", ["a"], ["b"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        onnx.helper.make_node("Sigmoid", ["a"], ["c"]),
        onnx.helper.make_node("Concat", ["a", "b", "c"], ["d"], axis=1),
        onnx.helper.make_node("Conv", ["d", "v"], ["y"]),
    ]
    constants = {
        "w": rng.standard_normal((4, 3, 3, 3), np.float32),
        "v": rng.standard_normal((2, 12, 1, 1), np.float32),
    }
    return write_onnx(nodes, {"x": (1, 3, 8, 8)}, ["y", "a"], constants)


def test_profile(engine, case, small):
    one, told = case(small), []
    engine.load(one.network, one.constants)
    profile = engine.profile(3, 1, 0, lambda event, **fields: told.append((event, fields)), bool)
    layers = {layer.name for layer in one.graph.layers}
    for device in ("CPU", "GPU"):
        assert set(profile["samples"][device]) == layers
        assert all(len(taken) == 3 and min(taken) > 0 for taken in profile["samples"][device].values())
        assert len(profile["baselines"][device]) == 3
        assert set(profile["kernels"][device]) == layers
        whole, parts = np.median(profile["baselines"][device]), map(np.median, profile["samples"][device].values())
        assert profile["leftover_ms"][device] == pytest.approx(whole - sum(parts))
        assert all(kernel["ms"] >= 0 for kernel in profile["kernels"][device]["a"])
    sizes = {(one["source"], one["target"], one["bytes"]) for one in profile["transfer_samples"]}
    assert {pair[:2] for pair in sizes} == {("CPU", "GPU"), ("GPU", "CPU")}
    assert len({size for _, _, size in sizes}) >= 5
    samples = [fields for event, fields in told if event == "sample"]
    assert [one["device"] for one in samples] == ["CPU"] * 3 + ["GPU"] * 3
    assert samples[0]["layers"] == {name: taken[0] for name, taken in profile["samples"]["CPU"].items()}
    progress = [fields for event, fields in told if event == "progress"]
    assert all(0 <= one["done"] <= one["total"] for one in progress)


@pytest.mark.parametrize(
    ("letters", "segments"),
    [("CCCCC", ["abcdy"]), ("CGCGC", ["ac", "bd", "y"]), ("GGCCG", ["ab", "cd", "y"]), ("CGGGG", ["a", "bcdy"])],
)
def test_run(engine, case, small, letters, segments):
    one, told = case(small), []
    assert len(one.graph.layers) == 5
    engine.load(one.network, one.constants)
    devices = [{"C": "CPU", "G": "GPU"}[letter] for letter in letters]
    assignment = {layer.name: device for layer, device in zip(one.graph.layers, devices, strict=True)}
    run = engine.run(assignment, 2, 1, 0, lambda event, **fields: told.append((event, fields)), bool)
    assert run["segments"] == [list(layers) for layers in segments]
    assert len(run["segments_ms"]) == len(run["transfers_ms"]) == len(segments)
    assert run["transfers_ms"][0] == [0.0, 0.0]
    for place, total in enumerate(run["samples_ms"]):
        parts = sum(one[place] for one in run["segments_ms"]) + sum(one[place] for one in run["transfers_ms"])
        assert 0 < parts <= total
    assert run["verified"] is (None if letters == "CCCCC" else True)
    assert [fields["ms"] for event, fields in told if event == "sample"] == run["samples_ms"]


def test_a_tensor_is_copied_once_to_each_device_that_reads_it_and_never_to_its_own(engine, case, small):
    one = case(small)
    engine.load(one.network, one.constants)
    graph = engine._graph
    inputs = drawn_inputs(graph, 0)
    for letters in itertools.product(("CPU", "GPU"), repeat=5):
        assignment = dict(zip(graph.index, letters, strict=True))
        execution = executed(engine, one, assignment, inputs)
        copied = sorted((name, part.segment.device) for part in execution.parts for name in part.inputs)
        needed = {(name, assignment[layer.name]) for layer in graph.layers for name in layer.inputs}
        written = {(name, assignment[layer.name]) for layer in graph.layers for name in layer.outputs}
        assert copied == sorted(needed - written)
        for _ in range(2):  # buffers are used again
            inputs = {name: array + 1 for name, array in inputs.items()}
            execution.infer(inputs)
            assert agree(graph, execution.outputs(), one.expected(inputs))
        execution.close()


def test_cancelling(engine, case, small):
    one, told = case(small), []
    engine.load(one.network, one.constants)
    with pytest.raises(JobCancelled):
        engine.profile(1000, 1, 0, lambda event, **fields: told.append(event), lambda: told.count("sample") > 2)
    assert 3 <= told.count("sample") < 2 * 1000  # many may be read at once, but not those of both devices
    assert "sample" in told[-2:]  # no inference after that, one word of progress at most
    engine.run({layer.name: "GPU" for layer in one.graph.layers}, 1, 1, 0, lambda event, **fields: None, bool)


def test_a_layer_that_one_device_refuses_is_profiled_on_the_other_only(engine, case, small):
    one = case(small)
    engine.load(one.network, one.constants)
    engine._refused["GPU"]["b"] = "GpuAcc refuses it"  # as if Arm NN had said so
    profile = engine.profile(1, 1, 0, lambda event, **fields: None, bool)
    assert set(profile["samples"]["CPU"]) - set(profile["samples"]["GPU"]) == {"b"}
    assert set(profile["baselines"]) == {"CPU"}


@pytest.mark.parametrize("settings", [{"devices": {"CPU": "Npu"}}, {"origin": "guessed"}, {"devices": ["CPU"]}])
def test_bad_settings(settings):
    from layerswitch.agent.engines.armnn.engine import ArmNNEngine

    with pytest.raises(EngineError, match="settings that make no sense"):
        ArmNNEngine(settings)


def test_description(engine):
    described = engine.describe()
    assert [device["backend"] for device in described["devices"]] == ["CpuRef", "CpuRef"]
    assert all(device["processor"].startswith("reference") for device in described["devices"])
    assert described["origin"] == "measured"
    assert described["details"]["processor"]


def test_a_backend_that_is_not_there_is_told_with_its_reason():
    from layerswitch.agent.engines.armnn.engine import ArmNNEngine

    made = ArmNNEngine({"devices": {"CPU": "CpuRef", "NPU": "GpuAcc"}})
    if "NPU" in made._backends:
        pytest.skip("this computer has Arm NN's GpuAcc")
    assert "GpuAcc" in made.describe()["details"]["no GpuAcc"]
    assert list(made._backends) == ["CPU"]
    made.close()


def test_a_round_of_a_comparison_loads_nothing_anew(engine, case, small, monkeypatch):
    from layerswitch.agent.engines.armnn import engine as module

    made = []
    monkeypatch.setattr(module, "Execution", lambda *given: made.append(given) or Execution(*given))
    one = case(small)
    engine.load(one.network, one.constants)
    names = list(engine._graph.index)
    switched = {name: ("CPU", "GPU")[place % 2] for place, name in enumerate(names)}
    alone = dict.fromkeys(names, "GPU")
    emitted = []
    for round_ in range(3):
        for assignment in (switched, alone):
            found = engine.run(assignment, 1, 0, 0, lambda event, **fields: emitted.append(event), bool)
            assert len(found["samples_ms"]) == 1
            assert found["verified"] is True
        assert len(made) == 3, round_  # the two, and all on the first device to compare with
    assert emitted.count("sample") == 6


def test_another_network_lets_go_of_what_was_loaded(engine, case, small):
    one = case(small)
    engine.load(one.network, one.constants)
    engine.run(dict.fromkeys(engine._graph.index, "GPU"), 1, 0, 0, lambda *_, **__: None, bool)
    assert len(engine._executions) == 2
    engine.load(one.network, one.constants)
    assert len(engine._executions) == 0


@pytest.mark.parametrize(("free", "turns"), [(10**9, "CGCGCG"), (0, "CCCGGG")])
def test_whole_networks_are_run_in_turns_where_memory_holds_both(engine, case, small, monkeypatch, free, turns):
    from layerswitch.agent import hardware

    one, ran = case(small), []
    engine.load(one.network, one.constants)
    infer = Execution.infer

    def told(execution, inputs):
        if len(execution.parts) == 1 and len(engine._executions) and not execution.profiling:
            ran.append(execution.parts[0].segment.device[0])
        infer(execution, inputs)

    monkeypatch.setattr(Execution, "infer", told)
    monkeypatch.setattr(hardware, "free_memory", lambda: free)
    profile = engine.profile(2, 1, 0, lambda *_, **__: None, bool)
    assert "".join(ran) == turns
    assert {device: len(taken) for device, taken in profile["baselines"].items()} == {"CPU": 2, "GPU": 2}
