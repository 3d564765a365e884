"""Files of version 1 had conditions as text: they open, as numbers where the text can be read, else as notes."""

import json

import pytest

from layerswitch import serialization
from layerswitch.experiments.results import Comparison, Run
from layerswitch.measurement.conditions import UNKNOWN, BoardState, Conditions, Resumption
from layerswitch.measurement.conditions_v1 import conditions_and_notes
from layerswitch.measurement.profile import Profile

BOARD = {"name": "b", "title": "Board", "origin": "measured", "devices": [{"name": "CPU"}]}
TEXTS = {
    "clocks": "1800, 2208 MHz",
    "clocks after": "1000, 1200 MHz",
    "governor": "performance, powersave",
    "temperatures": "soc thermal 45 °C, soc thermal -3 °C",
    "load": "0.12",
    "free memory": "2500 MB",
    "sittings": "2 (the link to the board was lost in between)",
    "inputs": "drawn from seed 0",
}
RUN = {
    "schema": "layerswitch/run/1",
    "name": "r",
    "network": "n",
    "fingerprint": "f",
    "board": BOARD,
    "assignment": {"a": "CPU"},
    "samples_ms": [1.0],
}


@pytest.fixture
def written(tmp_path):
    """written(data) -> the path of a file that says so."""

    def write(data):
        (tmp_path / "file.json").write_text(json.dumps(data))
        return tmp_path / "file.json"

    return write


def check(conditions):
    before = BoardState(
        clocks_mhz={"core 0": 1800.0, "core 1": 2208.0},
        governors=("performance", "powersave"),
        temperatures_c={"soc thermal": 45.0, "soc thermal 2": -3.0},
        load=0.12,
        free_bytes=2_500_000_000,
    )
    assert conditions.before == before
    assert conditions.after.clocks_mhz == {"core 0": 1000.0, "core 1": 1200.0}
    assert conditions.after.load == 0.12  # what had not changed was not said again
    assert conditions.resumed == Resumption(2, "the link was lost")


def test_a_run(written):
    run = serialization.load(written({**RUN, "conditions": TEXTS}), Run)
    check(run.conditions)
    assert run.notes == {"inputs": "drawn from seed 0"}
    assert Run.from_dict({**RUN, "conditions": TEXTS}) == run
    assert serialization.load(written(run.to_dict()), Run) == run


def test_a_profile(written):
    graph = {"name": "n", "layers": [{"name": "a", "type": "Relu", "inputs": ["x"], "outputs": ["y"]}]}
    graph |= {"tensors": {name: {"name": name, "shape": [1], "dtype": "float32"} for name in "xy"}}
    graph |= {"inputs": ["x"], "outputs": ["y"]}
    data = {"schema": "layerswitch/profile/1", "graph": graph, "board": BOARD, "samples": {"CPU": {"a": [1.0]}}}
    profile = serialization.load(written({**data, "conditions": {**TEXTS, "incomplete": "so"}}), Profile)
    check(profile.conditions)
    assert profile.notes == {"inputs": "drawn from seed 0", "incomplete": "so"}


def test_a_comparison(written):
    data = {
        "schema": "layerswitch/comparison/1",
        "network": "n",
        "fingerprint": "f",
        "board": BOARD,
        "rounds": 2,
        "entries": [],
        "reference": "CPU",
        "conditions": [TEXTS, {}],
    }
    comparison = serialization.load(written(data), Comparison)
    check(comparison.conditions[0])
    assert comparison.conditions[1] == UNKNOWN


@pytest.mark.parametrize("text", ["", "nonsense", "°C", "1e999", "-", "performance (simulated)", "9" * 400])
@pytest.mark.parametrize("label", ["clocks", "governor after", "temperatures", "load", "free memory", "sittings"])
def test_a_text_that_cannot_be_read_is_a_note(label, text):
    conditions, notes = conditions_and_notes({label: text})
    assert Conditions.from_dict(conditions) == UNKNOWN or notes == {}
    assert conditions or notes == {label: text}
