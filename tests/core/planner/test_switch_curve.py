import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch import plan, switch_curve
from layerswitch.planner import dynamic_program


@pytest.mark.slow(7)
@pytest.mark.parametrize(("devices", "most"), [(2, 8), (3, 6)])
def test_every_limit_against_brute_force(networks, boards, devices, most):
    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def check(data):
        model = networks.draw(data, devices, most)
        pins = networks.draw_pins(data, model)
        best = networks.brute_force(model, pins)
        best = {switches: ms for switches, ms in best.items() if np.isfinite(ms)}
        curve = switch_curve(model, pins=pins, up_to=most)
        assert [point.switches for point in curve] == list(range(min(best), most + 1))
        for point in curve:
            least = min(ms for switches, ms in best.items() if switches <= point.switches)
            assert point.predicted_ms == pytest.approx(least, rel=1e-9, abs=1e-12)
            assert point.lower_bound_ms <= least * (1 + 1e-12)
            assert point.optimal
            assert point.assignment.switches <= point.switches
            assert all(point.assignment[layer] == device for layer, device in pins.items())
            found = plan(model, boards[devices], pins=pins, max_switches=point.switches)
            assert found.predicted_ms == pytest.approx(least, rel=1e-9, abs=1e-12)
            assert found.switches <= point.switches

    check()


def test_curve_falls_and_ends_in_the_optimum(networks, boards):
    model = networks.large(3, 120, transfer=0.5)
    curve, best = switch_curve(model), plan(model, boards[2])
    times = [point.predicted_ms for point in curve]
    assert times == sorted(times, reverse=True)
    assert curve[-1].predicted_ms == best.predicted_ms
    assert curve[-1].switches == best.switches
    assert curve[-2].predicted_ms > best.predicted_ms
    assert all(point.optimal for point in curve)


def test_a_limit_that_does_not_bind_leaves_the_cut(networks, boards):
    model = networks.large(3, 50)
    free = plan(model, boards[2])
    assert plan(model, boards[2], max_switches=free.switches).method == "minimum cut"
    assert plan(model, boards[2], max_switches=free.switches - 1).method.startswith("dynamic programming")


def test_a_wide_network_takes_the_integer_program(networks, boards, monkeypatch):
    model = networks.large(5, 25, transfer=0.3)
    exact = switch_curve(model)
    monkeypatch.setattr(dynamic_program, "MOST_STATES", 3)
    wide = switch_curve(model)
    assert switch_curve(model, table_only=True) == ()
    assert len(wide) == len(exact) > 3
    for one, other in zip(exact, wide, strict=True):
        assert other.predicted_ms == pytest.approx(one.predicted_ms, rel=1e-6)
        assert other.lower_bound_ms <= one.predicted_ms * (1 + 1e-7)
        assert other.assignment.switches <= other.switches
    limited = plan(model, boards[2], max_switches=2)
    assert limited.method == "integer program (HiGHS)"
    assert limited.predicted_ms == pytest.approx(exact[2].predicted_ms, rel=1e-6)


def test_up_to_less_than_the_optimum_uses(networks):
    curve = switch_curve(networks.large(3, 60, transfer=0.5), up_to=2)
    assert [point.switches for point in curve][-1] == 2
