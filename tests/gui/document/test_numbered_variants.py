"""Thirty variants in an hour: kept with one key, recalled with another, none of it lost by undo."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


@pytest.fixture
def ready(qtbot, window, graph, profile):
    window.document.open(None, graph=graph)
    window.document.set_profile(profile)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.setFocus()
    return window


def named(document):
    """Name -> assignment, of everything that has a name."""
    return {one.name: one.assignment for one in document.named}


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window, key, modifier)


def test_kept_with_one_key_and_recalled_with_its_number(qtbot, ready):
    document = ready.document
    document.flip("l0")
    first = document.assignment
    ready.commands["keep_variant"].trigger()
    assert named(document)["variant 1"] == first
    document.flip("l2")
    second = document.assignment
    ready.commands["keep_variant"].trigger()
    ready.commands["keep_variant"].trigger()  # once more changes nothing
    assert [name for name in named(document) if name.startswith("variant")] == ["variant 1", "variant 2"]
    ready.commands["variant_1"].trigger()
    assert document.assignment == first
    assert document.undo_stack.undoText() == "Load variant 1"
    document.undo_stack.undo()
    assert document.assignment == second
    assert ready.commands["variant_2"].isVisible()
    assert not ready.commands["variant_3"].isVisible()
    assert ready.commands["variant_2"].shortcut().toString() == "2"


def test_stepping_goes_through_everything_that_has_a_name(ready):
    document = ready.document
    for layer in ("l0", "l1", "l2"):
        document.flip(layer)
        ready.commands["keep_variant"].trigger()
    seen = []
    for _ in document.named:
        ready.commands["next_kept"].trigger()
        seen.append(document.known_as(document.assignment).name)
    assert sorted(seen) == sorted(named(document))
    ready.commands["previous_kept"].trigger()
    assert document.known_as(document.assignment).name == seen[-2]


def test_more_than_nine_are_kept_too(ready):
    document = ready.document
    layers = list(document.assignment)
    for number in range(1, 12):
        document.load({layer: "GPU" if number >> place & 1 else "CPU" for place, layer in enumerate(layers)}, "try")
        ready.variants.keep()
    assert "variant 11" in named(document)
    ready.variants.recall(12)  # there is none: nothing happens
    assert document.assignment == named(document)["variant 11"]
