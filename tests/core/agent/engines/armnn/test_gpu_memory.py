"""What a GPU has too little memory for is refused in words, before anything is tried that would end the process."""

import numpy as np
import onnx
import pytest

from layerswitch.agent.engines.armnn.gpu_memory import too_large, too_much
from layerswitch.agent.engines.base import EngineError, silent
from layerswitch.agent.engines.network_graph import Graph
from layerswitch.agent.hardware import GpuMemory


@pytest.fixture
def graph():
    """x (40 bytes) --layer with 400 bytes of weights--> y (40 bytes) --the same again--> z."""

    def layer(name, before, after, weights):
        one = {"name": name, "type": "FullyConnected", "inputs": [before], "outputs": [after]}
        return {**one, "operators": [{**one, "attributes": {}, "constants": {"weights": weights}}]}

    tensors = {name: {"shape": [1, 10], "dtype": "float32"} for name in "xyz"}
    constants = {name: {"shape": [10, 10], "dtype": "float32"} for name in "vw"}
    layers = [layer("first", "x", "y", "v"), layer("second", "y", "z", "w")]
    return Graph({"layers": layers, "tensors": tensors, "constants": constants, "inputs": ["x"], "outputs": ["z"]})


def test_a_tensor_larger_than_one_allocation(graph):
    assert too_large(graph, 1, GpuMemory(400, 10**6)) == ""
    assert "tensor w of 0 MB is larger than the 0 MB" in too_large(graph, 1, GpuMemory(399, 10**6))


def test_weights_and_the_largest_layer_must_fit(graph):
    assert too_much(graph, (0, 1), GpuMemory(400, 880)) == ""
    assert too_much(graph, (0, 1), GpuMemory(400, 879)).startswith("it needs 0 MB at least")
    assert too_much(graph, (0,), GpuMemory(400, 480)) == ""


@pytest.fixture
def limited(engine, monkeypatch):
    """limited(once, whole): the second device has so much memory."""
    pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
    engine._backends["GPU"] = "GpuAcc"  # by name; what is loaded and optimized is the reference

    def limit(once, whole):
        monkeypatch.setattr(
            engine._library, "memory", lambda backend: GpuMemory(once, whole) if backend == "GpuAcc" else None
        )

    optimize = engine._library.optimize
    monkeypatch.setattr(engine._library, "optimize", lambda network, backend: optimize(network, "CpuRef"))
    return limit


@pytest.fixture
def chain(case, write_onnx):
    """Two fully connected layers of 4,096 and 16,384 bytes of weights."""
    rng = np.random.default_rng(0)
    nodes = [onnx.helper.make_node("Gemm", ["x", "v"], ["a"]), onnx.helper.make_node("Gemm", ["a", "w"], ["y"])]
    constants = {"v": rng.standard_normal((32, 32), np.float32), "w": rng.standard_normal((32, 128), np.float32)}
    return case(write_onnx(nodes, {"x": (1, 32)}, ["y"], constants))


def test_a_layer_with_a_tensor_too_large_is_pinned(engine, limited, chain):
    limited(8192, 10**6)
    assert list(engine.load(chain.network, chain.constants)) == ["GPU"]
    ((name, reason),) = engine.load(chain.network, chain.constants)["GPU"].items()
    assert (name, "the GPU allocates at once" in reason) == (list(chain.graph.index)[1], True)


def test_a_segment_that_needs_too_much_is_told_and_pins_nothing(engine, limited, chain):
    limited(10**6, 20000)
    assert engine.load(chain.network, chain.constants) == {}
    names = list(chain.graph.index)
    with pytest.raises(EngineError, match="GpuAcc cannot load it: it needs 0 MB at least") as caught:
        engine.run(dict.fromkeys(names, "GPU"), 1, 0, 0, silent, bool)
    assert "give it fewer layers" in caught.value.hint
    assert engine._refused["GPU"] == {}
    assert engine.run(dict(zip(names, ("CPU", "GPU"), strict=True)), 1, 0, 0, silent, bool)["verified"] is True
