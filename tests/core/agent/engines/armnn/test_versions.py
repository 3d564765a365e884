"""A version of Arm NN that nobody has tried is tried, and named in what goes wrong."""

import sys
import types

import pytest

from layerswitch.agent.engines.base import EngineError, never, silent

pyarmnn = pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
FUTURE = "99.0.0"


@pytest.fixture
def other(monkeypatch):
    """other(**names) -> pyarmnn as it would be in a future version; names that are None are not there any more."""

    def install(**names):
        found = types.ModuleType("pyarmnn")
        found.__dict__.update(vars(pyarmnn), ARMNN_VERSION=FUTURE, **names)
        for name, value in names.items():
            if value is None:
                delattr(found, name)
        monkeypatch.setitem(sys.modules, "pyarmnn", found)

    return install


def make():
    from layerswitch.agent.engines.armnn.engine import ArmNNEngine

    return ArmNNEngine({"devices": {"CPU": "CpuRef", "GPU": "CpuRef"}})


def relu(wide):
    tensors = {name: {"name": name, "shape": [1, 2, wide, wide], "dtype": "float32"} for name in ("x", "y")}
    operator = {"name": "a", "type": "Relu", "inputs": ["x"], "outputs": ["y"]}
    return {
        "name": "one",
        "layers": [{**operator, "operators": [operator]}],
        "tensors": tensors,
        "inputs": ["x"],
        "outputs": ["y"],
    }


def test_it_is_tried(other):
    other()
    engine = make()
    assert engine.load(relu(4), {}) == {}
    assert engine.run({"a": "GPU"}, 1, 0, 0, silent, never)["verified"] is True
    assert engine.describe()["engine"] == f"Arm NN {FUTURE}"
    engine.close()


@pytest.mark.parametrize("missing", ["INetwork", "IRuntime"])
def test_what_it_lacks_from_the_beginning(other, missing):
    other(**{missing: None})
    with pytest.raises(EngineError, match=f"{FUTURE}.*{missing}") as caught:
        make()
    assert "20.08 and 23.08 have" in caught.value.hint


def test_what_it_lacks_later(other):
    other()
    engine = make()
    del engine._library.ann.Optimize
    with pytest.raises(EngineError, match=f"pyarmnn {FUTURE} does not fit: .*Optimize") as caught:
        engine.load(relu(4), {})
    assert FUTURE in caught.value.hint
    engine.close()


def test_a_refusal_names_it_too(other):
    other()
    engine = make()
    with pytest.raises(EngineError, match="no network is loaded") as caught:
        engine.run({}, 1, 0, 0, silent, never)
    assert FUTURE in caught.value.hint
    engine.close()


def test_without_pyarmnn(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarmnn", None)
    with pytest.raises(EngineError, match="pyarmnn cannot be imported") as caught:
        make()
    assert "python3-pyarmnn" in caught.value.hint
