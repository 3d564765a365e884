"""Any number of named assignments, any two against each other: keep, rename, delete, load, and what is real."""

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from layerswitch.experiments.results import Comparison, Entry, Run
from layerswitch.measurement import statistics
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.planner.stability import stability
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.comparison.comparison_panel import ComparisonPanel
from layerswitch_gui.widgets import formatting


@pytest.fixture
def panel(qtbot: QtBot, profiled: Document, theme: Theme) -> Iterator[ComparisonPanel]:
    made = ComparisonPanel(profiled, theme)
    qtbot.addWidget(made)
    made.resize(900, 300)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.hide()


def names(panel: ComparisonPanel) -> list[str]:
    panel.bring_up_to_date()
    return [item.text() for row in range(panel.table.rowCount()) if (item := panel.table.item(row, 0))]


def named(document: Document) -> dict[str, Assignment]:
    """Name -> assignment, of everything that has a name."""
    return {one.name: one.assignment for one in document.named}


def compared(document: Document, first: tuple[float, ...], second: tuple[float, ...]) -> Comparison:
    graph = document.graph
    assert graph is not None
    assert document.profile is not None
    entries = [
        Entry(name, "baseline", named(document)[name], None, statistics.summarize(samples), samples, 0)
        for name, samples in (("CPU", first), ("GPU", second))
    ]
    return Comparison(graph.name, graph.fingerprint, document.profile.board, len(first), tuple(entries), "GPU")


def test_duplicates_have_rows_of_their_own_and_names_that_are_free(panel: ComparisonPanel, profiled: Document) -> None:
    assert names(panel) == ["CPU", "GPU", "▸ optimum = greedy"]
    panel.table.selectRow(0)
    panel.duplicate.click()
    panel.commands["duplicate"].trigger()
    assert names(panel)[3:] == ["mine", "mine 2"]
    assert named(profiled)["mine"] == named(profiled)["mine 2"] == named(profiled)["CPU"]


def test_renaming_in_the_cell(qtbot: QtBot, panel: ComparisonPanel, profiled: Document) -> None:
    profiled.keep_as("mine", named(profiled)["CPU"])
    panel.bring_up_to_date()
    panel.table.selectRow(3)
    panel.rename.click()
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, "night <b>")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(panel)[3:] == ["night <b>"])
    assert "mine" not in named(profiled)


def test_renaming_to_a_taken_name_makes_it_unique_and_to_nothing_changes_nothing(
    panel: ComparisonPanel, profiled: Document
) -> None:
    profiled.keep_as("mine", named(profiled)["CPU"])
    panel.bring_up_to_date()
    item = panel.table.item(3, 0)
    assert item is not None
    item.setText("  ")
    assert names(panel)[3:] == ["mine"]
    item = panel.table.item(3, 0)
    assert item is not None
    item.setText("CPU")
    assert names(panel)[3:] == ["CPU 2"]
    assert named(profiled)["CPU"] == named(profiled)["CPU 2"]


def test_the_current_assignment_gets_a_name_by_renaming(
    qtbot: QtBot, panel: ComparisonPanel, profiled: Document
) -> None:
    profiled.flip("l0")
    panel.bring_up_to_date()
    assert names(panel)[-1] == "▸ mine"
    panel.table.selectRow(3)
    panel.rename.click()
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "mine"
    QTest.keyClicks(editor, "evening")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: named(profiled).get("evening") == profiled.assignment)


def test_only_what_people_made_can_be_deleted(panel: ComparisonPanel, profiled: Document) -> None:
    profiled.keep_as("mine", named(profiled)["CPU"])
    panel.bring_up_to_date()
    for row in range(3):
        panel.table.clearSelection()
        panel.table.selectRow(row)
        assert not panel.delete.isEnabled()
        assert not panel.commands["delete"].isEnabled()
    panel.table.clearSelection()
    panel.table.selectRow(3)
    panel.commands["delete"].trigger()
    assert names(panel) == ["CPU", "GPU", "▸ optimum = greedy"]
    assert "mine" not in named(profiled)


def test_two_rows_are_held_against_each_other(panel: ComparisonPanel, profiled: Document) -> None:
    panel.table.selectRow(0)
    panel.table.setSelectionMode(panel.table.SelectionMode.MultiSelection)
    panel.table.selectRow(1)
    pair = panel.versus.pair
    assert pair is not None
    assert [row.name for row in pair] == ["CPU", "GPU"]
    layers = panel.versus.layers
    texts = [layers.rows.index(row).data() for row in range(layers.rows.rowCount())]
    assert texts[:2] == ["C → G   l0   −3.00 ms", "C → G   l1   +3.00 ms"]
    assert len(texts) == 6
    assert "Predicted only: CPU is as fast as GPU" in panel.versus.sentence.text()


def test_choosing_a_differing_layer_selects_it_everywhere(panel: ComparisonPanel, profiled: Document) -> None:
    profiled.flip(["l1", "l3"])
    panel.bring_up_to_date()
    panel.versus.choose("mine", "optimum")
    layers = panel.versus.layers
    assert layers.rows.rowCount() == 2
    layers.selectionModel().select(layers.rows.index(1), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert profiled.selection == ("l3",)
    panel.commands["select_two"].trigger()
    assert profiled.selection == ("l1", "l3")


def test_colouring_is_asked_for_with_both(qtbot: QtBot, panel: ComparisonPanel) -> None:
    panel.versus.choose("CPU", "GPU")
    with qtbot.waitSignal(panel.colour_asked) as asked:
        panel.commands["colour"].trigger()
    assert [row.name for row in asked.args or []] == ["CPU", "GPU"]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ((9.0,) * 8, (10.0,) * 8, "The difference is real: CPU is faster than GPU by 10.0 %"),
        ((11.0,) * 8, (10.0,) * 8, "The difference is real: CPU is slower than GPU by 10.0 %"),
        ((9.0, 11.0) * 4, (10.0,) * 8, "Not shown: no difference to be seen yet between CPU and GPU"),
        ((9.0,) * 3, (10.0,) * 3, "about 3 more rounds would settle"),
    ],
)
def test_says_whether_the_difference_is_real(
    panel: ComparisonPanel, profiled: Document, first: tuple[float, ...], second: tuple[float, ...], says: str
) -> None:
    profiled.set_comparison(compared(profiled, first, second))
    panel.bring_up_to_date()
    panel.versus.choose("CPU", "GPU")
    assert says in panel.versus.sentence.text()
    assert "simulated" in panel.versus.sentence.text()


def test_separate_runs_give_no_verdict(panel: ComparisonPanel, profiled: Document) -> None:
    for device, ms in (("CPU", 9.0), ("GPU", 10.0)):
        profiled.measured[named(profiled)[device]] = Interval(ms, ms, ms, 20)
    profiled.runs_changed.emit()
    panel.bring_up_to_date()
    panel.versus.choose("CPU", "GPU")
    assert "Measured in separate runs" in panel.versus.sentence.text()
    assert "whether they differ" in panel.versus.sentence.text()


def test_before_anything_is_open_it_says_what_to_do(qtbot: QtBot, document: Document, theme: Theme) -> None:
    made = ComparisonPanel(document, theme)
    qtbot.addWidget(made)
    made.refresh()
    assert "Open a network" in made.sentence.text()
    for action in made.commands.actions:
        action.trigger()


def test_a_narrow_panel_gives_up_columns_instead_of_cutting_verdicts(
    qtbot: QtBot, panel: ComparisonPanel, profiled: Document
) -> None:
    profiled.set_comparison(compared(profiled, (9.0,) * 8, (10.0,) * 8))
    panel.bring_up_to_date()

    def shown() -> list[str]:
        header = panel.table.horizontalHeader()
        titles = [panel.table.horizontalHeaderItem(column) for column in range(header.count())]
        return [item.text() for column, item in enumerate(titles) if item and not panel.table.isColumnHidden(column)]

    panel.resize(2400, 300)
    qtbot.waitUntil(lambda: len(shown()) == 9)
    panel.resize(640, 300)
    qtbot.waitUntil(lambda: "95 % interval" not in shown())
    assert {"Assignment", "Measured", "Gain", "Verdict"} <= set(shown())
    assert panel.table.horizontalScrollBar().maximum() == 0
    item = panel.table.item(0, 0)
    assert item is not None
    assert "measured:" in item.toolTip()
    assert "95 % interval" in item.toolTip()


def measured(
    document: Document, samples: dict[str, tuple[float, ...]], reference: str, plan: NamedAssignment | None = None
) -> Comparison:
    """A comparison of named assignments with its gains and verdicts, as the library makes them."""
    graph, profile = document.graph, document.profile
    assert graph is not None
    assert profile is not None
    entries = []
    for name, taken in samples.items():
        gain = statistics.paired_gain(taken, samples[reference]) if name != reference else None
        shown = statistics.verdict(gain) if gain else "reference"
        more = statistics.more_rounds(gain) or None if gain and shown == "no difference seen" else None
        ms = statistics.summarize(taken)
        one = plan if name == "plan" and plan else next(one for one in document.named if one.name == name)
        entries.append(Entry(name, one.kind, one.assignment, None, ms, taken, 0, gain, shown, more))
    rounds = len(samples[reference])
    return Comparison(graph.name, "", profile.board, rounds, tuple(entries), reference, pairs=3)


OPEN = {"CPU": (10.0,) * 8, "GPU": (20.0,) * 8, "optimum": (9.0, 10.5, 9.5, 11.0, 9.2, 10.6, 9.4, 9.8)}


def test_what_is_not_decided_says_how_many_more_rounds_would_settle_it(
    panel: ComparisonPanel, profiled: Document
) -> None:
    found = measured(profiled, OPEN, "CPU")
    profiled.set_comparison(found)
    panel.bring_up_to_date()
    entry = found.entries[2]
    assert entry.more_rounds
    assert entry.gain is not None
    said = statistics.sentence("optimum", "CPU", entry.gain, entry.verdict, entry.more_rounds)
    assert said[1:] in panel.sentence.text()
    assert f"about {entry.more_rounds} more rounds would settle" in panel.sentence.text()
    assert "hold together with 95 % (among 3 pairs)" in panel.sentence.toolTip()
    item = panel.table.item(2, 0)
    assert item is not None
    assert said[1:] in " ".join(item.toolTip().split())
    assert "spread from run to run" in item.toolTip()


def test_a_gain_stands_within_its_interval_in_the_table(panel: ComparisonPanel, profiled: Document) -> None:
    profiled.set_comparison(measured(profiled, {"CPU": (10.0,) * 8, "GPU": (9.0, 9.2) * 4}, "CPU"))
    panel.bring_up_to_date()
    texts = [item.text() for column in (6, 7, 8) if (item := panel.table.item(1, column))]
    assert texts == ["+9.0 %", "+8.0 to +10.0 %", "faster"]
    assert "GPU is faster than CPU by 9.0 % (8.0 to 10.0)" in panel.sentence.text()


def test_few_rounds_have_a_range_and_no_interval(panel: ComparisonPanel, profiled: Document) -> None:
    profiled.set_comparison(measured(profiled, {"CPU": (10.0, 11.0), "GPU": (20.0, 21.0)}, "CPU"))
    panel.bring_up_to_date()
    item = panel.table.item(0, 4)
    assert item is not None
    assert item.text().endswith("(range)")
    assert "range of 2 samples" in item.toolTip()


def test_the_sentence_calls_assignments_what_the_table_calls_them(panel: ComparisonPanel, profiled: Document) -> None:
    profiled.flip("l0")
    profiled.keep_as("evening")
    plan = NamedAssignment("plan", "plan", profiled.assignment)
    found = measured(profiled, {"CPU": (10.0,) * 8, "plan": (9.0,) * 8}, "CPU", plan)
    profiled.set_comparison(found)
    panel.bring_up_to_date()
    assert "evening is faster than CPU by 10.0 %" in panel.sentence.text()


def test_a_baseline_that_was_planned_too_stays_the_reference(panel: ComparisonPanel, profiled: Document) -> None:
    plan = NamedAssignment("plan", "plan", named(profiled)["CPU"])
    found = measured(profiled, {"CPU": (10.0,) * 8, "GPU": (20.0,) * 8, "plan": (10.0,) * 8}, "CPU", plan)
    profiled.set_comparison(found)
    panel.bring_up_to_date()
    texts = [item.text() for column in (6, 7, 8) if (item := panel.table.item(0, column))]
    assert texts == ["", "", "reference"]
    assert "The plan is CPU itself" in panel.sentence.text()
    assert "no difference" not in panel.sentence.text().lower()


def test_a_column_that_went_stays_away_until_there_is_room(
    qtbot: QtBot, panel: ComparisonPanel, profiled: Document
) -> None:
    profiled.set_comparison(compared(profiled, (9.0,) * 8, (10.0,) * 8))
    panel.bring_up_to_date()
    for width in range(500, 1300, 50):
        panel.resize(width, 300)
        qtbot.wait(5)
        gone = []
        for _ in range(3):
            panel.table._narrow.fit()
            gone.append([panel.table.isColumnHidden(column) for column in range(panel.table.columnCount())])
        assert gone[0] == gone[1] == gone[2], width
        if not all(gone[0][column] for column in panel.table._narrow._dispensable):
            assert panel.table.horizontalScrollBar().maximum() == 0, width


def test_in_a_narrow_high_panel_the_two_stand_under_the_table(
    qtbot: QtBot, panel: ComparisonPanel, profiled: Document
) -> None:
    profiled.set_comparison(compared(profiled, (9.0,) * 8, (10.0,) * 8))
    panel.bring_up_to_date()
    letter = panel.fontMetrics().averageCharWidth()
    panel.resize(100 * letter, 40 * panel.fontMetrics().lineSpacing())
    qtbot.waitUntil(lambda: panel.versus.mapTo(panel, QPoint()).y() > panel.table.mapTo(panel, QPoint()).y() + 50)
    qtbot.waitUntil(lambda: panel.table.horizontalScrollBar().maximum() == 0)
    panel.resize(160 * letter, 15 * panel.fontMetrics().lineSpacing())
    qtbot.waitUntil(lambda: panel.versus.mapTo(panel, QPoint()).x() > panel.table.width())


def test_the_plans_row_says_what_stability_says_on_the_command_line(panel: ComparisonPanel, profiled: Document) -> None:
    profile, plan = profiled.profile, profiled.plan
    assert profile is not None
    assert plan is not None
    assert "single inference" not in told_of(panel, 2)
    found = stability(profile, plan.assignment, resamples=30, spread={"CPU": 0.0157, "GPU": 0.02})
    profiled.trust.take(None, found)
    panel.bring_up_to_date()
    said = told_of(panel, 2)
    assert (
        f"A single inference of it: {formatting.interval(found.one_run_ms.low, found.one_run_ms.high)} predicted"
        in said
    )
    assert f"{100 * found.same:.1f} % of the optima of 30 resampled profiles are this assignment" in said
    assert f"it is at most {100 * found.regret.high:.2f} % slower than the others" in said
    assert "CPU 1.6 %, GPU 2.0 %" in said
    assert "single inference" not in told_of(panel, 0)


def told_of(panel: ComparisonPanel, row: int) -> str:
    """The tooltip of a row, on one line."""
    panel.bring_up_to_date()
    item = panel.table.item(row, 0)
    assert item is not None
    return " ".join(item.toolTip().split())


def test_how_each_was_measured_is_said(panel: ComparisonPanel, profiled: Document) -> None:
    def verdicts() -> list[str]:
        panel.bring_up_to_date()
        return [item.text() for row in range(panel.table.rowCount()) if (item := panel.table.item(row, 8))]

    assert verdicts() == ["not measured"] * 3
    profiled.set_comparison(measured(profiled, {"CPU": (10.0,) * 8, "GPU": (20.0,) * 8, "optimum": (9.0,) * 8}, "CPU"))
    profiled.set_comparison(measured(profiled, {"CPU": (10.0,) * 8, "GPU": (20.0,) * 8}, "CPU"))
    assert verdicts() == ["reference", "slower", "in an earlier comparison"]
    assert profiled.profile is not None
    run = Run("optimum", "chain", "", profiled.profile.board, profiled.assignment, (9.0,) * 8)
    profiled.add_run(run, statistics.summarize(run.samples_ms))
    assert verdicts() == ["reference", "slower", "measured alone"]


def test_what_was_learnt_while_refining_is_no_prediction_of_the_profiles(
    panel: ComparisonPanel, profiled: Document
) -> None:
    found = measured(profiled, {"CPU": (10.0,) * 8, "GPU": (20.0,) * 8}, "CPU")
    entries = tuple(msgspec.structs.replace(entry, predicted_ms=99.0) for entry in found.entries)
    profiled.set_comparison(msgspec.structs.replace(found, entries=entries))
    panel.bring_up_to_date()
    item = panel.table.item(0, 2)
    assert item is not None
    assert item.text() == "15.0 ms"
