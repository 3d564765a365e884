"""The attributes dock: its dots are the library's ratios, its sentence the library's, and selection goes both ways."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pyqtgraph as pg
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from layerswitch.explain import Clause, strength
from layerswitch.measurement.profile import Device, TransferCost
from layerswitch_gui.document.document import Document
from layerswitch_gui.jobs.analysis import Analysis
from layerswitch_gui.jobs.workflow import Workbench
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.charts import attributes_chart
from layerswitch_gui.views.charts.attributes_chart import NO_PROFILE, AttributesChart
from layerswitch_gui.views.charts.roofline_plot import SIZE


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
    assert "No trend with place in the network can be distinguished from chance" in chart.says.text()


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
    looked, real = [], attributes_chart._is_word
    monkeypatch.setattr(attributes_chart, "_is_word", lambda one: looked.append(one) or real(one))
    chart.refresh()
    chart.step(1)
    assert 0 < len(looked) < 12  # layers


def test_the_export_shows_the_same_attribute(qtbot: QtBot, chart: AttributesChart) -> None:
    chart.choose(2)
    copy = chart.copy()
    qtbot.addWidget(copy)
    assert copy.shown == chart.shown


def test_it_says_what_is_missing(qtbot: QtBot, bench: Workbench, document: Document, theme: Theme) -> None:
    made = AttributesChart(document, theme, Analysis(bench, bench))
    qtbot.addWidget(made)
    assert made.says.text() == NO_PROFILE
    assert made.picture() is None


@pytest.mark.parametrize(
    ("rho", "word"),
    [(0.85, "very strong"), (-0.6, "strong"), (0.59, "moderate"), (-0.2, "weak"), (0.0, "very weak")],
)
def test_strength_in_words(rho: float, word: str) -> None:
    assert strength(rho) == word


def third(document: Document) -> None:
    """The same network, profiled on an NPU too, which takes twice as long as the GPU."""
    profile = document.profile
    assert profile is not None
    doubled = {layer: tuple(2 * ms for ms in samples) for layer, samples in profile.samples["GPU"].items()}
    board = replace(profile.board, devices=(*profile.board.devices, Device("NPU")))
    ways = [(one, other) for one in ("CPU", "GPU", "NPU") for other in ("CPU", "GPU", "NPU") if one != other]
    costs = tuple(TransferCost(one, other, 0.5, 0.0) for one, other in ways)
    samples = {**profile.samples, "NPU": doubled}
    document.set_profile(replace(profile, board=board, samples=samples, transfer_costs=costs))


def test_of_three_devices_any_two_can_be_compared(chart: AttributesChart, qtbot: QtBot) -> None:
    assert chart.pair.isHidden()  # two devices leave no choice
    assert not chart.commands["pair"].isEnabled()
    third(chart._document)
    qtbot.waitUntil(lambda: chart.pair.count() == 3 and chart.shown is not None, timeout=20_000)
    assert not chart.pair.isHidden()
    assert [chart.pair.itemText(place) for place in range(3)] == ["CPU / GPU", "CPU / NPU", "GPU / NPU"]
    chart.choose([one.name for one in chart.attributes].index("place"))

    def shows(pair: tuple[str, str]) -> bool:
        found = chart._analysis.explanation
        label = chart.plot.getAxis("left").labelText
        return found is not None and found.pair == pair and label.startswith("/".join(pair))

    for place, ratios in ((2, {0.5}), (1, {0.125, 2.0})):
        chart.choose_pair(place)
        qtbot.waitUntil(partial(shows, chart.pairs[place]), timeout=20_000)
        assert chart.shown is not None
        assert {round(spot.ratio, 6) for spot in chart.shown.spots} == ratios
        assert chart.pair.currentIndex() == place
    chart.commands["pair"].trigger()
    assert chart.pair.currentText() == "GPU / NPU"


def test_large_numbers_are_written_out(chart: AttributesChart) -> None:
    chart.choose([one.name for one in chart.attributes].index("macs"))
    assert chart.shown is not None
    spot = replace(chart.shown.spots[0], value=118_013_952.0, ratio=1234.5)
    said = chart._tip(0, 0, spot)
    assert "118,013,952" in said
    assert "1,234" in said or "1,235" in said
    assert "e+" not in said


def test_groups_are_told_in_full_by_the_tooltip(chart: AttributesChart) -> None:
    chart.choose([one.name for one in chart.attributes].index("type"))
    lines = chart.says.toolTip().splitlines()
    assert "Convolution: 6 layers, median 4.00, quartiles 4.00 to 4.00, 6 faster on the GPU" in lines
    assert "MaxPool: 6 layers, median 0.250, quartiles 0.250 to 0.250, 0 faster on the GPU" in lines


def test_what_is_found_of_fully_connected_layers_stands_with_the_types(chart: AttributesChart) -> None:
    chart.choose([one.name for one in chart.attributes].index("type"))
    found = chart._analysis.explanation
    assert found is not None
    clause = Clause("fully connected", "Of 3 fully connected layers (mixed) 1 faster on the CPU.")
    chart._analysis.explanation = replace(found, findings=(*found.findings, clause))
    chart._draw()
    assert chart.says.text().startswith(clause.text)


def test_names_of_groups_never_run_into_each_other(chart: AttributesChart, qtbot: QtBot) -> None:
    chart.choose([one.name for one in chart.attributes].index("type"))
    shown = chart.shown
    assert shown is not None
    long = [f"a very long kernel name without end {place}" for place in range(2)]
    groups = tuple(replace(group, label=label) for group, label in zip(shown.groups, long, strict=True))
    names = {group.label: label for group, label in zip(shown.groups, long, strict=True)}
    spots = tuple(replace(spot, value=names[str(spot.value)]) for spot in shown.spots)
    found = chart._analysis.explanation
    assert found is not None
    attributes_ = tuple(replace(one, spots=spots, groups=groups) if one == shown else one for one in found.attributes)
    chart._analysis.explanation = replace(found, attributes=attributes_)
    for width in (900, 400):
        chart.resize(width, 300)
        qtbot.wait(50)
        chart._draw()
        view, ticks = chart.plot.getViewBox(), chart.plot.getAxis("bottom")._tickLevels[0]
        places = [view.mapViewToScene(pg.Point(at, 0.0)).x() for at, _ in ticks]
        widths = [QFontMetricsF(chart._theme.font(0.9)).horizontalAdvance(text) for _, text in ticks]
        assert places[0] + widths[0] / 2 < places[1] - widths[1] / 2
