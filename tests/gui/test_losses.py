"""The whole window: nothing that a person made goes without a question that says what it is, or an undo."""

import pytest

LOST = ["1 named assignment", "1 run", "1 comparison", "1 edit"]


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=30_000)


@pytest.fixture
def worked(qtbot, window):
    """A person has edited, named, run and compared."""
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    window.document.flip("l0")
    for key in ("keep_variant", "rerun", "compare"):
        window.commands[key].trigger()
        settle(qtbot, window)
    window.context.questions.asked.clear()
    window.context.questions.given.clear()
    return window


WAYS = {
    "Opening something else": lambda window: window.opening.open("long"),
    "Changing the board": lambda window: window.opening.choose_board("sim:other"),
    "Changing the level": lambda window: window.commands["level_block"].trigger(),
    "Closing": lambda window: window.close(),
}


@pytest.mark.parametrize("what", WAYS)
def test_one_gate_says_what_would_be_lost(qtbot, worked, what):
    document, questions = worked.document, worked.context.questions
    before = document.graph, document.entry, document.own, document.runs, document.comparison
    questions.answers.lose_work = "cancel"
    WAYS[what](worked)
    settle(qtbot, worked)
    assert questions.given == [(what, LOST)]
    assert (document.graph, document.entry, document.own, document.runs, document.comparison) == before


def test_profiling_again_asks_nothing_as_it_loses_nothing(qtbot, worked, services):
    document, profile = worked.document, worked.document.profile
    own, runs, comparison = document.own, document.runs, document.comparison
    worked.commands["profile"].trigger()
    settle(qtbot, worked)
    assert worked.context.questions.asked == []
    assert document.profile is not profile
    assert (document.own, document.runs, document.comparison) == (own, runs, comparison)
    assert document.losses == LOST
    assert worked.variants.has(1)
    worked.commands["undo"].trigger()
    assert document.profile is profile
    assert document.assignment == own[0].assignment


def test_what_was_measured_before_is_marked_wherever_it_is_shown(qtbot, worked, services):
    document, docks = worked.document, worked.docks
    services.created = "2026-02-02"
    worked.commands["profile"].trigger()
    settle(qtbot, worked)
    worked.commands["variant_1"].trigger()
    panel = docks["Comparison"].widget()
    panel.bring_up_to_date()
    assert document.measured_beside(document.assignment) == "earlier"
    assert "Measured as of the earlier profile, not of this one." in panel.sentence.toolTip().replace("\n", " ")
    verdicts = [panel.table.item(row, panel.table.columnCount() - 1).text() for row in range(panel.table.rowCount())]
    assert all(verdict.endswith(", earlier profile") for verdict in verdicts)
    assert "earlier profile" in worked.summary.measured.detail.text()
    worked.commands["undo"].trigger()  # loading the variant
    worked.commands["undo"].trigger()  # the profile
    panel.bring_up_to_date()
    assert "profile" not in panel.sentence.text()
    assert "profile" not in worked.summary.measured.detail.text()


def test_another_board_needs_no_question_before_anything_was_measured(qtbot, window):
    window.opening.open("chain")
    settle(qtbot, window)
    window.document.flip("l0")
    window.opening.choose_board("sim:other")
    assert "lose_work" not in window.context.questions.asked
    assert window.document.undo_stack.count() == 1
