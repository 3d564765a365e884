"""The layer model without any window."""

import math
import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from layerswitch.measurement.profile import Profile
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.table.layer_table_model import SORT, LayerFilter, LayerModel


@pytest.fixture
def model(profiled: Document, theme: Theme) -> LayerModel:
    return LayerModel(profiled, theme)


def text(model: LayerModel, row: int, key: str) -> str:
    return str(model.index(row, model.column(key)).data())


def test_holds_to_the_rules_of_item_models(model: LayerModel, profiled: Document) -> None:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    profiled.flip("l1")
    profiled.open(None)
    assert model.rowCount() == 0


def test_tells_everything_of_a_layer(model: LayerModel) -> None:
    told = {column.key: text(model, 2, column.key) for column in model.columns}
    assert told == {
        "number": "3", "layer": "l2", "type": "Convolution", "block": "block1", "shape": "1 × 16 × 8 × 8",
        "macs": "2 k", "parameters": "20", "bytes": "4.1 kB", "ms:CPU": "4.00", "ms:GPU": "1.00", "ratio": "4×",
        "faster": "GPU", "assigned": "GPU", "agrees": "yes", "entering": "0.500", "share": told["share"],
        "sure": "–",
    }  # fmt: skip
    assert told["share"].endswith(" %")


def test_shares_add_up_to_one(model: LayerModel) -> None:
    shares = [model.index(row, model.column("share")).data(SORT) for row in range(6)]
    assert sum(shares) == pytest.approx(1.0)


def test_editing_a_cell_is_an_undoable_edit(model: LayerModel, profiled: Document) -> None:
    index = model.index(0, model.column("assigned"))
    assert index.flags() & Qt.ItemFlag.ItemIsEditable
    assert not model.index(0, 0).flags() & Qt.ItemFlag.ItemIsEditable
    assert model.setData(index, "CPU")
    assert profiled.assignment["l0"] == "CPU"
    assert text(model, 0, "agrees") == "no: GPU"
    profiled.undo_stack.undo()
    assert text(model, 0, "assigned") == "GPU"
    assert not model.setData(index, "TPU")
    assert not model.setData(model.index(0, 0), "CPU")


def test_an_edit_tells_the_columns_that_change(model: LayerModel, profiled: Document) -> None:
    spy = QSignalSpy(model.dataChanged)
    profiled.flip("l4")
    assert spy.count() == 1
    top, bottom = spy.at(0)[0], spy.at(0)[1]
    for key in ("assigned", "agrees", "entering", "share"):
        assert top.column() <= model.column(key) <= bottom.column()


def test_an_edit_tells_the_rows_that_change(large: Callable[[int], Document], theme: Theme) -> None:
    document = large(2000)
    model = LayerModel(document, theme)
    keys = ("assigned", "agrees", "entering", "share")

    def shown() -> list[tuple[str, ...]]:
        return [tuple(text(model, row, key) for key in keys) for row in range(2000)]

    told: set[int] = set()
    model.dataChanged.connect(lambda top, bottom, *_: told.update(range(top.row(), bottom.row() + 1)))
    draw = random.Random(3)
    for count in (1, 1, 3, 40, 700):
        before = shown()
        told.clear()
        document.flip(draw.sample(list(document.assignment), count))
        changed = {row for row, (old, new) in enumerate(zip(before, shown(), strict=True)) if old != new}
        assert changed <= told
        assert len(told) <= 3 * count or count > 10


def test_sorts_numbers_as_numbers(model: LayerModel) -> None:
    rows = LayerFilter(model)
    rows.sort(model.column("macs"), Qt.SortOrder.DescendingOrder)
    assert [rows.index(row, model.column("number")).data() for row in range(6)] == list("654321")


def test_filters_by_words(model: LayerModel, profiled: Document) -> None:
    rows = LayerFilter(model)
    rows.set_words("MAX block1")
    assert [rows.index(row, model.column("layer")).data() for row in range(rows.rowCount())] == ["l3"]
    rows.set_words("gpu")
    assert rows.rowCount() == 3
    rows.set_words("nothing like it")
    assert rows.rowCount() == 0


def test_numbers_stand_right_and_have_names(model: LayerModel) -> None:
    index = model.index(1, model.column("ms:CPU"))
    assert index.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "l1, CPU ms: 1.00"
    header = model.headerData(index.column(), Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "simulated" in header


def test_a_layer_that_cannot_run_says_why(document: Document, theme: Theme, profile: Profile) -> None:
    samples = {**profile.samples, "GPU": {k: v for k, v in profile.samples["GPU"].items() if k != "l2"}}
    document.open(None, graph=profile.graph)
    document.set_profile(Profile(profile.graph, profile.board, samples, unsupported={"GPU": {"l2": "no kernel"}}))
    model = LayerModel(document, theme)
    index = model.index(2, model.column("ms:GPU"))
    assert index.data() == "cannot run"
    assert math.isinf(index.data(SORT))
    assert "no kernel" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert text(model, 2, "faster") == "CPU"


def test_a_network_without_times_shows_dashes(document: Document, theme: Theme, profile: Profile) -> None:
    document.open(None, graph=profile.graph)
    model = LayerModel(document, theme)
    assert [text(model, 0, key) for key in ("ms:CPU", "ratio", "faster", "agrees", "entering", "share")] == ["–"] * 6
