"""The switch curve and the fewest switches that are not shown to be slower than the optimum."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from layerswitch import switch_curve
from layerswitch.measurement.sample_summary import Interval
from layerswitch.planner.simplest_plan import Simplest
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.charts import SwitchCurve


@pytest.fixture
def curve(qtbot: QtBot, profiled: Document, theme: Theme) -> SwitchCurve:
    made = SwitchCurve(profiled, theme)
    qtbot.addWidget(made)
    assert profiled.latency is not None
    made.show()
    made.show_points(switch_curve(profiled.latency))
    return made


def few(document: Document, curve: SwitchCurve, place: int) -> Simplest:
    point = curve.points[place]
    slower, assignment = Interval(0.01, -0.01, 0.03, 200), dict(point.assignment)
    return Simplest(point.switches, assignment, point.predicted_ms, slower, 0.002, point is curve.points[-1])


def test_a_diamond_marks_the_fewest_switches(qapp: QApplication, curve: SwitchCurve, profiled: Document) -> None:
    assert len(curve.points) > 1
    assert not len(curve._fewest.points())
    assert "shown" not in curve._says.text()
    profiled.trust.take(None, None, few(profiled, curve, 0))
    (diamond,) = curve._fewest.points()
    assert (diamond.pos().x(), diamond.pos().y()) == (curve.points[0].switches, curve.points[0].predicted_ms)
    told = curve._says.text()
    assert f"The diamond with {curve.points[0].switches} switch" in told
    assert "is predicted 1.0 % slower than the optimum (-1.0 to +3.0), of which noise may explain 0.2 %" in told
    profiled.trust.take(None, None, few(profiled, curve, -1))
    assert "Every plan of fewer switches is shown to be slower" in curve._says.text()
    profiled.trust.take(None, None, None)
    assert not len(curve._fewest.points())


def test_a_what_if_has_no_diamond(curve: SwitchCurve, profiled: Document) -> None:
    profiled.trust.take(None, None, few(profiled, curve, 0))
    assert profiled.latency is not None
    assert profiled.plan is not None
    profiled.ask_what_if(2.0, profiled.latency, profiled.plan)
    curve.show_points(switch_curve(profiled.latency))
    assert not len(curve._fewest.points())
    assert "diamond" not in curve._says.text()
    profiled.end_what_if()
    curve.show_points(switch_curve(profiled.latency))
    assert len(curve._fewest.points())
