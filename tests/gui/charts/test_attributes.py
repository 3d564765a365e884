"""The attributes dock: its dots are the library's ratios, its sentence the library's, and selection goes both ways."""

from types import SimpleNamespace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from layerswitch.explain import strength
from layerswitch_gui.analysis import Analysis
from layerswitch_gui.charts import attributes
from layerswitch_gui.charts.attributes import NO_PROFILE, AttributesChart
from layerswitch_gui.charts.roofs import SIZE
from layerswitch_gui.document import Document
from layerswitch_gui.theme import Theme
from layerswitch_gui.workbench import Workbench


@pytest.fixture
def chart(qtbot: QtBot, bench: Workbench, large: "object", theme: Theme) -> AttributesChart:
    document: Document = large(12)  # type: ignore[operator]
    made = AttributesChart(document, theme, Analysis(bench, bench))
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    qtbot.waitUntil(lambda: made.which.count() > 0, timeout=20_000)
    return made


def test_dots_are_the_ratios_on_the_faster_devices_side(chart: AttributesChart) -> None:
    chart.choose([one.name for one in chart.attributes].index("place"))
    found = {spot.data().layer: (spot.pos(), side) for side in (0, 1) for spot in chart.dots[side].points()}
    assert len(found) == 12
    for place in range(12):
        position, side = found[f"l{place}"]
        assert position.x() == place + 1
        assert 10 ** position.y() == pytest.approx(0.25 if place % 2 else 4.0)  # odd layers: 1 ms over 4 ms
        assert side == (0 if place % 2 else 1)


def test_the_sentence_has_correlation_and_strength(chart: AttributesChart) -> None:
    chart.choose([one.name for one in chart.attributes].index("place"))
    shown = chart.shown
    assert shown is not None
    assert shown.rho is not None
    assert f"Rank correlation {shown.rho:+.2f}, {strength(shown.rho)} (p = " in chart.says.text()
    assert "No trend with place in the network can be told from chance" in chart.says.text()


def test_words_stand_in_groups_with_their_medians(chart: AttributesChart) -> None:
    chart.choose([one.name for one in chart.attributes].index("type"))
    assert chart.shown is not None
    labels = [group.label for group in chart.shown.groups]
    assert sorted(labels) == ["Convolution", "MaxPool"]
    _xs, ys = chart._medians.getData()
    assert 10 ** ys[::2] == pytest.approx([4.0 if label == "Convolution" else 0.25 for label in labels])


def test_the_words_at_the_end_lie_over_no_layer(chart: AttributesChart, qtbot: QtBot) -> None:
    for width in (900, 500, 1600):
        chart.resize(width, 300)
        qtbot.wait(50)
        view = chart.plot.getViewBox()
        for place in range(len(chart.attributes)):
            chart.choose(place)
            assert chart.shown is not None
            ends = [(view.mapViewToScene(text.pos()).x(), text.boundingRect().width()) for text in chart._sides]
            left = min(end - words for end, words in ends)
            xs = [chart._xs([spot])[0] for spot in chart.shown.spots]
            most = max(view.mapViewToScene(pg.Point(x, 0.0)).x() for x in xs)
            assert most + SIZE / 2 <= left, (width, chart.shown.name)
            assert max(end for end, _words in ends) <= view.sceneBoundingRect().right() + 1


def test_zooming_is_kept_when_the_dock_is_resized(chart: AttributesChart, qtbot: QtBot) -> None:
    view = chart.plot.getViewBox()
    chart.plot.setXRange(0.5, 0.6, padding=0)
    zoomed = view.viewRange()[0]
    chart.resize(700, 300)
    qtbot.wait(50)
    assert view.viewRange()[0] == pytest.approx(zoomed)


def test_click_selection_and_keys(chart: AttributesChart) -> None:
    document = chart._document
    chart.choose([one.name for one in chart.attributes].index("place"))
    dots = chart.dots[0]
    event = SimpleNamespace(modifiers=lambda: Qt.KeyboardModifier.NoModifier)
    dots.sigClicked.emit(dots, [next(s for s in dots.points() if s.data().layer == "l3")], event)
    assert document.selection == ("l3",)
    xs, _ys = chart._rings.getData()
    assert np.array_equal(xs, [4.0])
    chart.commands["next"].trigger()
    assert document.selection == ("l4",)
    before = chart.which.currentIndex()
    chart.commands["next_attribute"].trigger()
    assert chart.which.currentIndex() == before + 1
    chart.commands["previous_attribute"].trigger()
    assert chart.which.currentIndex() == before


def test_a_spot_is_placed_without_looking_at_all_the_others(chart: AttributesChart, monkeypatch) -> None:
    looked, real = [], attributes._is_word
    monkeypatch.setattr(attributes, "_is_word", lambda one: looked.append(one) or real(one))
    chart.refresh()
    chart.step(1)
    assert 0 < len(looked) < 12  # layers


def test_the_export_shows_the_same_attribute(qtbot: QtBot, chart: AttributesChart) -> None:
    chart.choose(2)
    made = chart.for_export()
    assert made is not None
    qtbot.addWidget(made[0])
    assert isinstance(made[0], AttributesChart)
    assert made[0].shown == chart.shown


def test_it_says_what_is_missing(qtbot: QtBot, bench: Workbench, document: Document, theme: Theme) -> None:
    made = AttributesChart(document, theme, Analysis(bench, bench))
    qtbot.addWidget(made)
    assert made.says.text() == NO_PROFILE
    assert made.for_export() is None


@pytest.mark.parametrize(
    ("rho", "word"),
    [(0.85, "very strong"), (-0.6, "strong"), (0.59, "moderate"), (-0.2, "weak"), (0.0, "very weak")],
)
def test_strength_in_words(rho: float, word: str) -> None:
    assert strength(rho) == word
