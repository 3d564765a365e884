"""The list of layers that differ tells what comes and goes, and keeps what is selected and where it is scrolled."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.comparison.comparison_panel import ComparisonPanel
from layerswitch_gui.views.comparison.pair_list import DifferenceList
from layerswitch_gui.widgets import formatting


@pytest.fixture
def panel(qtbot: QtBot, profiled: Document, theme: Theme) -> Iterator[ComparisonPanel]:
    profiled.flip("l0")
    made = ComparisonPanel(profiled, theme)
    qtbot.addWidget(made)
    made.resize(900, 300)
    with qtbot.waitExposed(made):
        made.show()
    made.versus.choose("mine", "optimum")
    yield made
    made.hide()


@pytest.fixture
def shown(panel: ComparisonPanel) -> DifferenceList:
    return panel.versus.layers


def texts(shown: DifferenceList) -> list[str]:
    return [shown.rows.index(row).data().split()[3] for row in range(shown.rows.rowCount())]


def test_an_edit_tells_the_row_that_comes_or_goes(
    panel: ComparisonPanel, shown: DifferenceList, profiled: Document
) -> None:
    resets, inserts = QSignalSpy(shown.rows.modelReset), QSignalSpy(shown.rows.rowsInserted)
    removes = QSignalSpy(shown.rows.rowsRemoved)
    for layer, expected in (("l3", ["l0", "l3"]), ("l1", ["l0", "l1", "l3"])):
        profiled.flip(layer)
        panel.bring_up_to_date()
        assert texts(shown) == expected
    profiled.flip("l0")
    panel.bring_up_to_date()
    assert texts(shown) == ["l1", "l3"]
    assert (inserts.count(), removes.count(), resets.count()) == (2, 1, 0)
    profiled.flip(["l0", "l2", "l3"])  # many at once: anew
    panel.bring_up_to_date()
    assert texts(shown) == ["l0", "l1", "l2"]
    assert resets.count() == 1


def test_choosing_is_told_and_an_edit_is_no_choice(
    panel: ComparisonPanel, shown: DifferenceList, profiled: Document
) -> None:
    profiled.flip(["l2", "l3"])
    panel.bring_up_to_date()
    shown.selectionModel().select(shown.rows.index(1), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert profiled.selection == ("l2",)
    profiled.flip("l2")  # its row goes, the layer stays selected
    panel.bring_up_to_date()
    assert texts(shown) == ["l0", "l3"]
    assert profiled.selection == ("l2",)
    assert not shown.selectionModel().selectedRows()
    profiled.flip("l2")  # and is selected when it is back
    panel.bring_up_to_date()
    assert [index.row() for index in shown.selectionModel().selectedRows()] == [1]


def test_the_tooltip_names_both_assignments(shown: DifferenceList) -> None:
    tip = shown.rows.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "in mine" in tip
    assert "in optimum" in tip
    assert "simulated" in tip


def test_an_edit_sets_only_the_cells_that_change(panel: ComparisonPanel, profiled: Document) -> None:
    changed: list[int] = []
    panel.table.model().dataChanged.connect(lambda first, _last: changed.append(first.row()))
    profiled.flip("l1")
    panel.bring_up_to_date()
    mine = panel.table.rowCount() - 1
    assert changed
    assert set(changed) == {mine}
    item = panel.table.item(mine, 2)
    assert item is not None
    assert profiled.prediction is not None
    assert item.text() == formatting.ms(profiled.prediction.total_ms)
