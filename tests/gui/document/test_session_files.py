"""Sessions through the window: saved, opened again, and what happens when the model is gone."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from layerswitch.measurement.profile import BoardDescription
from layerswitch.network.model import Model
from layerswitch.serialization import save
from layerswitch.session import load_session, save_session
from layerswitch_gui.document.session_files import read, session_of

OLD = Path(__file__).parents[2] / "core" / "data_v1"


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=30_000)


def test_a_session_comes_back_as_it_was(profiled, services, tmp_path):
    profiled.flip("l0")
    profiled.pin(["l1"])
    profiled.keep_as("mine")
    path = tmp_path / "one.layerswitch"
    save_session(path, session_of(profiled))
    state, trouble = read(str(path), services)
    assert trouble is None
    assert state["assignment"] == profiled.assignment
    assert state["pins"] == {"l1": "CPU"}
    assert state["computed"] + state["own"] == profiled.named
    assert [one.name for one in state["own"]] == ["mine"]
    assert state["plan"] == profiled.plan
    assert state["entry"].name == "sim:fake"


def test_a_session_without_its_model_is_still_shown(profiled, services, tmp_path):
    profiled.source = "/nowhere/net.onnx"
    path = tmp_path / "one.layerswitch"
    save_session(path, session_of(profiled))
    state, trouble = read(str(path), services)
    assert state["model"] is None
    assert state["profile"] == profiled.profile
    assert "net.onnx" in trouble.where
    assert "beside the session" in trouble.hint


def test_a_session_whose_model_has_changed_says_so(profiled, services, tmp_path):
    profiled.source = "long"
    path = tmp_path / "one.layerswitch"
    save_session(path, session_of(profiled))
    state, trouble = read(str(path), services)
    assert state["model"] is None
    assert "changed" in trouble.what


def test_save_and_open_in_the_window(qtbot, window, tmp_path):
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    document = window.document
    document.flip("l0")
    wanted = document.assignment
    path = tmp_path / "work.layerswitch"
    window.context.questions.answers.save_file = str(path)
    window.commands["save"].trigger()
    assert not document.modified
    assert load_session(path).assignment == wanted
    window.opening.open("long")
    settle(qtbot, window)
    window.opening.open(str(path))
    settle(qtbot, window)
    assert document.assignment == wanted
    assert document.prediction is not None
    assert document.path == str(path)
    assert window.preferences.recent == [str(path)]
    assert window.commands["profile"].isEnabled()


def test_a_broken_session_changes_nothing(qtbot, window, tmp_path):
    window.opening.open("chain")
    settle(qtbot, window)
    path = tmp_path / "broken.layerswitch"
    path.write_text('{"schema": "layerswitch/session/1"}')
    window.opening.open(str(path))
    settle(qtbot, window)
    assert window.document.graph.name == "chain"
    assert "not a LayerSwitch session file" in window.messages.label.text()


@pytest.mark.parametrize(
    ("key", "name"), [("export_json", "a.json"), ("export_picture", "a.png"), ("export_csv", "a.csv")]
)
def test_exports_write_whole_files(qtbot, window, tmp_path, key, name):
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    window.context.questions.answers.save_file = str(tmp_path / name)
    window.commands[key].trigger()
    assert (tmp_path / name).stat().st_size > 200
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_export_that_cannot_be_written_is_an_error_in_the_window(qtbot, window, tmp_path):
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    window.context.questions.answers.save_file = str(tmp_path / "no" / "such" / "folder.json")
    window.commands["export_json"].trigger()
    assert "cannot be written" in window.messages.label.text()


def test_a_profile_opens_as_it_was_measured_and_is_planned(qtbot, window, profile, tmp_path):
    path = tmp_path / "chain.json"
    save(path, profile)
    window.opening.open(str(path))
    settle(qtbot, window)
    document = window.document
    assert document.profile == profile
    assert document.plan is not None
    assert document.assignment == document.plan.assignment
    assert {"baseline", "plan"} <= {one.kind for one in document.named}
    assert not document.path  # Save asks where: the profile's file stays what it is
    assert window.choices.model.currentText() == "Chain"
    opened = load_session_of(document, tmp_path)
    assert opened.profile == profile


def test_a_profile_of_a_bundled_network_on_a_known_board_can_be_run(profiled, services, tmp_path):
    known = replace(profiled.profile, board=replace(profiled.profile.board, name="sim:fake"))
    save(tmp_path / "p.json", known)
    services.bundled_models = lambda: (SimpleNamespace(name=known.graph.name),)
    services.open_model = lambda source, shapes=None: Model(known.graph, {})
    state, trouble = read(str(tmp_path / "p.json"), services)
    assert trouble is None
    assert state["model"].graph == known.graph
    assert state["source"] == known.graph.name
    assert state["entry"].name == "sim:fake"


def test_an_imported_profile_has_neither_model_nor_board(qtbot, window, profile, tmp_path):
    board = BoardDescription("elsewhere", "Another board", "imported", profile.board.devices)
    graph = replace(profile.graph, name="unknown")
    save(tmp_path / "p.json", replace(profile, board=board, graph=graph))
    window.opening.open(str(tmp_path / "p.json"))
    settle(qtbot, window)
    assert window.document.model is None
    assert window.document.entry is None
    assert window.choices.model.currentText() == "unknown"
    assert window.choices.board.currentIndex() == -1
    assert not window.commands["profile"].isEnabled()
    assert window.document.plan is not None


def test_layers_that_run_on_one_device_only_start_there(profile, services, tmp_path):
    samples = {device: dict(layers) for device, layers in profile.samples.items()}
    first = profile.graph.layers[0].name
    del samples["CPU"][first]
    save(tmp_path / "p.json", replace(profile, samples=samples, baselines={}))
    state, _ = read(str(tmp_path / "p.json"), services)
    assert state["assignment"][first] == "GPU"
    assert [one.name for one in state["computed"]] == ["GPU"]


def test_a_broken_profile_changes_nothing(qtbot, window, profile, tmp_path):
    path = tmp_path / "p.json"
    save(path, profile)
    path.write_bytes(path.read_bytes()[:-100])
    window.opening.open("chain")
    settle(qtbot, window)
    window.opening.open(str(path))
    settle(qtbot, window)
    assert window.document.source == "chain"
    assert "p.json" in window.messages.label.text()


def load_session_of(document, folder):
    path = folder / "kept.layerswitch"
    save_session(path, session_of(document))
    return load_session(path)


def test_what_nobody_knows_of_an_imported_network_is_not_shown_as_none(qtbot, window, profile, tmp_path):
    layers = tuple(replace(layer, operators=()) for layer in profile.graph.layers)
    save(tmp_path / "p.json", replace(profile, graph=replace(profile.graph, name="imported", layers=layers)))
    window.opening.open(str(tmp_path / "p.json"))
    settle(qtbot, window)
    assert "Layers" in window.docks["Inspector"].widget().text.text()
    assert "MACs" not in window.docks["Inspector"].widget().text.text()
    window.document.select([layers[0].name])
    assert "Type" in window.docks["Inspector"].widget().text.text()
    assert "MACs" not in window.docks["Inspector"].widget().text.text()


def test_a_session_of_version_1_opens_with_its_variants_and_results(qtbot, window):
    window.opening.open(str(OLD / "session.layerswitch"))
    settle(qtbot, window)
    document = window.document
    assert [(one.name, one.kind) for one in document.own] == [
        ("refined", "refined"), ("variant 1", "own"), ("mine", "own"),
    ]  # fmt: skip
    assert document.assignment == document.own[-1].assignment
    assert (len(document.runs), document.comparison.rounds) == (1, 3)
    assert document.measured_beside(document.runs[0].assignment) == ""
    assert document.losses == []
