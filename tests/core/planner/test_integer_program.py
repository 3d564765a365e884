import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch import plan
from layerswitch.planner.dynamic_program import Frontier
from layerswitch.planner.integer_program import integer_program
from layerswitch.planner.problem import Problem, switches


@pytest.mark.slow(3)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_three_devices_against_brute_force(networks, boards, data):
    model = networks.draw(data, 3, most=6)
    pins = networks.draw_pins(data, model)
    least = min(networks.brute_force(model, pins).values())
    found = plan(model, boards[3], pins=pins)
    assert found.predicted_ms == pytest.approx(least, rel=1e-6, abs=1e-9)
    assert found.lower_bound_ms <= least * (1 + 1e-7)
    assert found.method == "integer program (HiGHS)"
    assert all(found.assignment[layer] == device for layer, device in pins.items())


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_with_a_limit_it_agrees_with_the_table(networks, data):
    problem = Problem.of(networks.draw(data, data.draw(st.sampled_from([2, 3])), most=7), {})
    limit = data.draw(st.integers(switches(problem.fewest_switches()), 7))
    found = integer_program(problem, limit, 60.0)
    least = Frontier(problem, (limit,)).least_ms[limit]
    assert problem.model.cost(found.choice) == pytest.approx(least, rel=1e-6, abs=1e-9)
    assert found.lower_bound_ms <= least * (1 + 1e-7) + 1e-9
    assert switches(found.choice) <= limit


def test_sixty_layers_on_three_devices_are_proven(networks, boards):
    model = networks.large(11, 60, devices=3, reach=3)
    found = plan(model, boards[3])
    least = Frontier(Problem.of(model, {}), (len(model.layer_ms),)).least_ms[-1]
    assert found.predicted_ms == pytest.approx(least, rel=1e-6)
    assert found.lower_bound_ms == pytest.approx(found.predicted_ms, rel=1e-6)


def test_without_time_the_answer_stays_honest(networks, boards):
    model = networks.large(2, 400, devices=3)
    found = plan(model, boards[3], time_limit_s=0.0)
    assert found.lower_bound_ms <= found.predicted_ms
    assert not found.optimal
    assert found.predicted_ms == pytest.approx(networks.cost(model, model.choice(found.assignment)))


@pytest.mark.parametrize("short", [0.0, 1e-9, 1.0])
def test_times_of_any_range_are_planned(networks, boards, short):
    """Next to no time on one device each, thirty years on the others: what is dear is scaled to no infinity."""
    long = 1e12
    layer_ms = [[short, long, long], [long, long, short], [long, short, long], [short, short, long]]
    model = networks.make(layer_ms, [(0, {1}), (1, {2, 3}), (2, {3})], [short] * 27)
    found = plan(model, boards[3])
    assert list(found.assignment.values())[:3] == ["CPU", "NPU", "GPU"]
    assert found.optimal
    assert found.predicted_ms == pytest.approx(min(networks.brute_force(model, {}).values()))
