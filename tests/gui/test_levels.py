"""Networks by operator, layer and block; whole blocks and types put on a device."""

import pytest

from layerswitch.network.formats import open_model
from layerswitch_gui.jobs.lazy_library import Services


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)


@pytest.fixture
def real(qtbot, window, services):
    """The window over the real library, with the simulated board."""
    true = Services()
    for name in ("bundled_models", "boards", "find", "open_model", "connect", "plan", "greedy", "compare", "summarize"):
        setattr(services, name, getattr(true, name))
    window.opening.choose_board("sim:khadas-vim3")
    window.workbench.profile_runs = 3
    window.opening.open("squeezenet")
    settle(qtbot, window)
    return window


@pytest.mark.parametrize("level", ["operator", "block"])
def test_a_profile_and_a_plan_at_each_level(qtbot, real, level):
    document = real.document
    real.commands[f"level_{level}"].trigger()
    settle(qtbot, real)
    graph = open_model("squeezenet", level=level).graph
    assert tuple(document.graph.index) == tuple(graph.index)
    real.commands["profile"].trigger()
    settle(qtbot, real)
    assert set(document.plan.assignment) == set(graph.index)
    assert dict(document.assignment) == document.plan.assignment
    real.commands["rerun"].trigger()
    settle(qtbot, real)
    assert document.measured_ms is not None
    assert not real.messages.isVisible()


def test_the_level_is_kept_for_the_next_network_and_in_sessions(qtbot, real, tmp_path):
    document = real.document
    real.commands["level_block"].trigger()
    settle(qtbot, real)
    assert real.preferences.get("level") == "block"
    document.flip(next(iter(document.assignment)))
    real.context.questions.answers.save_file = str(tmp_path / "a.layerswitch")
    real.commands["save"].trigger()
    wanted = document.assignment
    real.commands["level_layer"].trigger()
    real.opening.open("alexnet")
    settle(qtbot, real)
    assert document.graph.level == "layer"
    real.opening.open(str(tmp_path / "a.layerswitch"))
    settle(qtbot, real)
    assert document.assignment == wanted
    assert document.model.graph.level == "block"
    assert real.commands["level_block"].isChecked()


def test_a_level_that_loses_work_is_asked_about(qtbot, real):
    document, questions = real.document, real.context.questions
    document.flip(next(iter(document.assignment)))
    questions.answers.lose_work = "cancel"
    real.commands["level_block"].trigger()
    settle(qtbot, real)
    assert document.graph.level == "layer"
    assert real.commands["level_layer"].isChecked()


def test_whole_blocks_and_types_go_to_a_device(qtbot, real):
    document = real.document
    layer = next(layer for layer in document.graph.layers if layer.block)
    document.select([layer.name])
    real.commands["block_gpu"].trigger()
    on_gpu = {name for name, device in document.assignment.items() if device == "GPU"}
    assert on_gpu == {one.name for one in document.graph.layers if one.block == layer.block}
    assert len(on_gpu) > 1
    assert document.undo_stack.undoText() == f"Put block {layer.block} on GPU"
    document.undo_stack.undo()
    real.commands["type_gpu"].trigger()
    on_gpu = {name for name, device in document.assignment.items() if device == "GPU"}
    assert on_gpu == {one.name for one in document.graph.layers if one.type == layer.type}
    assert document.undo_stack.undoText() == f"Put every {layer.type} on GPU"
