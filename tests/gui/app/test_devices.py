"""A board with more than two devices: its edits stand in the menus, with keys of their own."""

import msgspec
import pytest

from layerswitch.measurement.profile import Device, TransferCost


@pytest.fixture
def third(window, graph, profile):
    """The window with a network profiled on CPU, GPU, NPU and another device whose name begins with G."""
    two = profile
    names = ("NPU", "GAP")
    more = tuple(Device(name, "accelerator", "") for name in names)
    board = msgspec.structs.replace(two.board, devices=(*two.board.devices, *more))
    every = board.device_names
    costs = tuple(TransferCost(one, other, 0.5, 0.0) for one in every for other in every if one != other)
    samples = {**two.samples, **dict.fromkeys(names, two.samples["GPU"])}
    window.document.open(None, graph=graph)
    window.document.set_profile(msgspec.structs.replace(two, board=board, samples=samples, transfer_costs=costs))
    return window


def texts(window, menu):
    return [action.text().replace("&", "") for action in window.commands.menu(menu).actions() if action.isVisible()]


def test_every_device_has_its_edits_with_its_letter(third):
    document = third.document
    made = {name: third.commands[name] for name in third.further_devices.names}
    assert [made[f"assign:{one}"].shortcut().toString() for one in ("NPU", "GAP")] == ["N", "A"]
    assert "Selection to NPU" in texts(third, "&Edit")
    assert "All on GAP" in texts(third, "&Assignment")
    assert not made["assign:NPU"].isEnabled()
    document.select(["l1"])
    made["assign:NPU"].trigger()
    assert document.assignment["l1"] == "NPU"
    made["block:GAP"].trigger()
    assert [document.assignment[name] for name in ("l0", "l1")] == ["GAP", "GAP"]
    made["reset:NPU"].trigger()
    assert document.assignment.text_on(document.devices) == "NNNNNN"
    third.commands["copy"].trigger()
    document.undo_stack.undo()
    third.commands["paste"].trigger()
    assert set(document.assignment.values()) == {"NPU"}


def test_the_strip_holds_every_device_against_the_assignment(third):
    assert list(third.summary.against) == ["CPU", "GPU", "NPU", "GAP"]
    assert third.summary.against["NPU"].accessibleName() == "vs NPU only"


def test_they_go_with_their_board(third, graph):
    third.document.open(None, graph=graph)
    assert third.further_devices.names == []
    assert "Selection to NPU" not in texts(third, "&Edit")
    assert "Selection to GPU" in texts(third, "&Edit")
    assert list(third.summary.against) == ["CPU", "GPU"]
