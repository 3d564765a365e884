"""The layer table in a window: selection both ways, keys, copying, editing in the cell."""

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.table import LayerTable
from layerswitch_gui.views.table.layer_table_model import SORT, LayerModel

ROWS = QItemSelectionModel.SelectionFlag.Rows | QItemSelectionModel.SelectionFlag.Select


@pytest.fixture
def table(qtbot: QtBot, profiled: Document, theme: Theme) -> LayerTable:
    made = LayerTable(profiled, theme)
    qtbot.addWidget(made)
    made.resize(900, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def chosen(table: LayerTable) -> list[str]:
    rows = table.view.selectionModel().selectedRows(table.model.column("layer"))
    return sorted(str(index.data()) for index in rows)


def test_selecting_rows_selects_layers(table: LayerTable, profiled: Document) -> None:
    for row in (3, 1):
        table.view.selectionModel().select(table.rows.index(row, 0), ROWS)
    assert profiled.selection == ("l1", "l3")


def test_layers_selected_elsewhere_are_selected_here(table: LayerTable, profiled: Document) -> None:
    table.view.sortByColumn(table.model.column("macs"), Qt.SortOrder.DescendingOrder)
    profiled.select(["l5", "l0", "l1"])
    assert chosen(table) == ["l0", "l1", "l5"]
    assert profiled.selection == ("l5", "l0", "l1"), "showing a selection does not change it"


def test_filtering_keeps_the_documents_selection(table: LayerTable, profiled: Document) -> None:
    profiled.select(["l0", "l1"])
    table.filter.setText("maxpool")
    assert chosen(table) == ["l1"]
    table.filter.setText("")
    assert chosen(table) == ["l0", "l1"]
    assert profiled.selection == ("l0", "l1")


def test_keys_assign_and_flip(qtbot: QtBot, table: LayerTable, profiled: Document) -> None:
    profiled.select(["l0", "l1", "l2"])
    qtbot.keyClick(table.view, Qt.Key.Key_C)
    assert profiled.assignment.text == "CCCCGC"
    assert profiled.undo_stack.count() == 1
    qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert profiled.assignment.text == "GGGCGC"


def test_copies_rows_as_tab_separated_text(qtbot: QtBot, table: LayerTable, profiled: Document) -> None:
    profiled.select(["l2", "l4"])
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert profiled.assignment.text == "GCGCGC", "Ctrl+C is no C"
    assert lines[0][:4] == ["#", "Layer", "Type", "Assigned"]
    assert [line[1] for line in lines[1:]] == ["l2", "l4"]
    profiled.select([])
    assert len(table.as_text().splitlines()) == 7


def test_editing_in_the_cell_offers_the_devices(qtbot: QtBot, table: LayerTable, profiled: Document) -> None:
    index = table.rows.index(1, table.model.column("assigned"))
    table.view.edit(index)
    box = table.view.findChild(QComboBox)
    assert box is not None
    assert [box.itemText(place) for place in range(box.count())] == ["CPU", "GPU"]
    box.hidePopup()
    box.setCurrentText("GPU")
    box.activated.emit(1)
    assert profiled.assignment["l1"] == "GPU"


def test_empty_table_says_what_to_do(qtbot: QtBot, document: Document, theme: Theme) -> None:
    made = LayerTable(document, theme)
    qtbot.addWidget(made)
    assert not made._nothing.isHidden()
    assert made.view.isHidden()
    made.copy()


def test_making_the_table_compares_no_layers(qtbot: QtBot, large: "object", theme: Theme, monkeypatch) -> None:
    """Thousands of them: rows stand in execution order, as they are, until somebody sorts."""
    asked, real = [], LayerModel.data
    monkeypatch.setattr(LayerModel, "data", lambda self, index, role: asked.append(role) or real(self, index, role))
    table = LayerTable(large(100), theme)  # type: ignore[operator]
    qtbot.addWidget(table)
    table.show()
    assert SORT not in asked
    assert [table.rows.index(row, 0).data() for row in range(3)] == ["1", "2", "3"]
    table.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert SORT in asked
