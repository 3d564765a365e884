"""A layer that a backend takes and then cannot load or start is pinned to the other device, with Arm NN's reason."""

import numpy as np
import onnx
import pytest

from layerswitch.agent.engines.armnn import compilation, transfer_timing
from layerswitch.agent.engines.base import EngineError, JobCancelled, never, silent

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
KERNEL = "in create_kernel: clCreateKernel error -45"


class Picky:
    """A runtime that cannot load, or cannot run, what `rule` says of a segment of the network."""

    def __init__(self, runtime, state):
        self._runtime, self._state = runtime, state

    def __getattr__(self, name):
        return getattr(self._runtime, name)

    def LoadNetwork(self, optimized):
        segment = self._state["segment"]
        self._complain("load", segment)
        number, text = self._runtime.LoadNetwork(optimized)
        self._state[number] = segment
        return number, text

    def EnqueueWorkload(self, number, *given):
        self._complain("run", self._state[number])
        return self._runtime.EnqueueWorkload(number, *given)

    def _complain(self, doing, segment):
        if segment is not None and (text := self._state["rule"](doing, segment)):
            raise RuntimeError(text)


@pytest.fixture
def fails(engine, monkeypatch):
    """fails(rule): from now on `rule(doing, segment)` says what goes wrong, "" for nothing."""
    load, runtime, state = compilation.load, engine._library.runtime, {"rule": lambda doing, segment: ""}

    def picky_load(library, graph, segment, backend, constants, buffers=None):
        state["segment"] = segment if graph is engine._graph else None  # of transfers and peaks nothing fails
        return load(library, graph, segment, backend, constants, buffers)

    monkeypatch.setattr(compilation, "load", picky_load)
    monkeypatch.setattr(engine._library, "runtime", lambda profiling=False: Picky(runtime(profiling), state))
    return lambda rule: state.update(rule=rule)


@pytest.fixture
def loaded(engine, case, write_onnx, monkeypatch):
    """A chain of four layers, loaded: convolution, pooling, sigmoid, convolution."""
    monkeypatch.setattr(transfer_timing, "SIDES", (4, 8, 12, 16, 20))
    rng = np.random.default_rng(0)
    nodes = [
        onnx.helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        onnx.helper.make_node("MaxPool", ["a"], ["b"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        onnx.helper.make_node("Sigmoid", ["b"], ["c"]),
        onnx.helper.make_node("Conv", ["c", "v"], ["y"]),
    ]
    constants = {
        "w": rng.standard_normal((4, 3, 3, 3), np.float32),
        "v": rng.standard_normal((2, 4, 1, 1), np.float32),
    }
    one = case(write_onnx(nodes, {"x": (1, 3, 8, 8)}, ["y"], constants))
    assert engine.load(one.network, one.constants) == {}
    return [layer.name for layer in one.graph.layers]


def on_gpu(*places, doing="load", text=KERNEL):
    return lambda did, segment: (
        text if did == doing and segment.device == "GPU" and set(places) & set(segment.places) else ""
    )


@pytest.mark.parametrize("doing", ["load", "run"])
def test_it_is_found_and_the_rest_is_profiled(engine, loaded, fails, doing):
    fails(on_gpu(1, 3, doing=doing))
    told, said = [], []
    profile = engine.profile(
        2, 1, 0, lambda event, **fields: told.append((event, fields)) or said.append(fields.get("text")), never
    )
    refused = {loaded[1], loaded[3]}
    assert set(profile["unsupported"]["GPU"]) == refused
    assert all(KERNEL in reason for reason in profile["unsupported"]["GPU"].values())
    assert "CPU" not in profile["unsupported"]
    assert set(profile["samples"]["GPU"]) == {loaded[0], loaded[2]}
    assert set(profile["samples"]["CPU"]) == set(loaded)
    assert set(profile["baselines"]) == {"CPU"}
    assert [fields["device"] for event, fields in told if event == "sample"] == ["CPU"] * 2 + ["GPU"] * 2
    assert any(f"trying layer {loaded[1]} alone" in text for text in said if text)


def test_another_one_in_a_segment_that_came_of_pinning(engine, loaded, fails):
    engine._refused["GPU"][loaded[1]] = "refused from the beginning"
    fails(on_gpu(0, 3))
    profile = engine.profile(1, 1, 0, silent, never)
    assert set(profile["unsupported"]["GPU"]) == {loaded[0], loaded[1], loaded[3]}
    assert set(profile["samples"]["GPU"]) == {loaded[2]}


def test_a_run_names_the_layer_and_later_runs_work(engine, loaded, fails):
    fails(on_gpu(1))
    with pytest.raises(EngineError, match="error -45") as caught:
        engine.run(dict.fromkeys(loaded, "GPU"), 1, 0, 0, silent, never)
    assert (caught.value.where, caught.value.kind) == (loaded[1], "unsupported")
    assignment = {name: "CPU" if name == loaded[1] else "GPU" for name in loaded}
    assert engine.run(assignment, 1, 0, 0, silent, never)["verified"] is True


def test_out_of_memory_with_all_of_them_together_pins_none(engine, loaded, fails):
    fails(
        lambda doing, segment: (
            "CL_MEM_OBJECT_ALLOCATION_FAILURE"
            if doing == "load" and segment.device == "GPU" and len(segment.places) > 2
            else ""
        )
    )
    with pytest.raises(EngineError, match="ALLOCATION_FAILURE") as caught:
        engine.run(dict.fromkeys(loaded, "GPU"), 1, 0, 0, silent, never)
    assert caught.value.kind == "engine"
    assert "too little memory" in caught.value.hint
    assert engine._refused == {"CPU": {}, "GPU": {}}
    half = dict(zip(loaded, ("GPU", "GPU", "CPU", "GPU"), strict=True))
    assert engine.run(half, 1, 0, 0, silent, never)["verified"] is True


def test_out_of_memory_beside_what_was_kept_is_tried_again_alone(engine, loaded, fails):
    busy = []
    fails(lambda doing, segment: "out of memory" if doing == "load" and len(engine._executions) > 1 else busy.append(1))
    for devices in ("GGGG", "CGGG", "GGCG"):
        assignment = dict(zip(loaded, ({"C": "CPU", "G": "GPU"}[one] for one in devices), strict=True))
        assert engine.run(assignment, 1, 0, 0, silent, never)["verified"] is True
    assert len(engine._executions) <= 2


def test_looking_for_it_can_be_cancelled(engine, loaded, fails):
    fails(on_gpu(3))
    said = []
    with pytest.raises(JobCancelled):
        engine.profile(
            1, 1, 0, lambda event, **fields: said.append(fields.get("text") or ""), lambda: "alone" in "".join(said)
        )


def test_a_layer_that_no_device_can_load(engine, loaded, fails):
    fails(lambda doing, segment: KERNEL if doing == "load" and 1 in segment.places else "")
    with pytest.raises(EngineError, match=f"no device runs it: .*{KERNEL[:20]}") as caught:
        engine.profile(1, 1, 0, silent, never)
    assert (caught.value.where, caught.value.kind) == (loaded[1], "unsupported")
