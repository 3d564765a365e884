"""Whole networks on Arm NN's reference backend: the fast ones of `tools/check_networks`, in one segment and cut."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyarmnn", reason="pyarmnn is not installed: nothing is computed with it here")
TOOLS = Path(__file__).parents[2] / "tools"
FAST = ("ch_ppocr_mobile_v2.0_cls_infer", "face_detection_short_range", "iris_landmark")


@pytest.fixture
def tool(monkeypatch):
    """The package under tools/, importable during the test."""
    monkeypatch.syspath_prepend(str(TOOLS))
    from check_networks import arm, judges, networks

    yield {"arm": arm, "judges": judges, "networks": networks}
    for name in [name for name in sys.modules if name.partition(".")[0] == "check_networks"]:
        del sys.modules[name]


@pytest.fixture
def engine(tool):
    """The reference backend, twice."""
    made = tool["arm"].engine()
    yield made
    made.close()


@pytest.mark.parametrize("name", FAST)
def test_it_agrees_in_one_segment_and_in_many(name, tool, engine):
    if name not in tool["networks"].names():
        pytest.skip("the test networks are not there: run `python tools/fetch_test_models.py`")
    network = tool["networks"].opened(name)
    assert tool["arm"].refused(engine, network) == {}
    try:
        _, (whole, cut) = tool["arm"].compared(engine, network, 1)
    except tool["judges"].NoJudgeError as error:
        pytest.skip(str(error))
    assert whole.difference < 1e-4
    assert cut.difference < 1e-4
    assert whole.segments == 1
    assert cut.segments > 4
    assert cut.tensors > 4


def test_drawn_weights_keep_the_size_of_activations(tool, engine):
    """Else differences would be lost in saturation, or blown up by it."""
    network = tool["networks"].opened("mobilenet-v2")
    tool["arm"].refused(engine, network)
    _, tensors = tool["judges"].judged(
        network, {"data": np.random.default_rng(0).standard_normal((1, 3, 224, 224), "f4")}
    )
    spread = [array.std() for array in tensors.values() if array.ndim == 4 and array.shape[2] > 1]
    assert min(spread) > 0.05
    assert max(spread) < 20


def test_a_wrong_result_is_noticed(tool, engine, monkeypatch):
    if "ch_ppocr_mobile_v2.0_cls_infer" not in tool["networks"].names():
        pytest.skip("the test networks are not there: run `python tools/fetch_test_models.py`")
    network = tool["networks"].opened("ch_ppocr_mobile_v2.0_cls_infer")
    tool["arm"].refused(engine, network)
    name = next(name for name, array in network.constants.items() if array.ndim == 4)
    other = dict(network.constants, **{name: network.constants[name] * np.float32(1.1)})
    judged = tool["judges"].judged
    monkeypatch.setattr(
        tool["arm"],
        "judged",
        lambda network, inputs: judged(replace(network, constants=other), inputs),
    )
    _, (whole, _) = tool["arm"].compared(engine, network, 1)
    assert whole.difference > 1e-3
