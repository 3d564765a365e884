"""Bounds keep the table small and change nothing that it finds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch import plan, switch_curve
from layerswitch.planner import dynamic_program
from layerswitch.planner.bounds import Bounds
from layerswitch.planner.dynamic_program import Frontier
from layerswitch.planner.lagrangian import PricedCuts
from layerswitch.planner.problem import Problem, switches
from layerswitch.planner.switch_curve import unlimited


def choices(problem):
    """Every assignment that the problem allows."""
    places = [np.flatnonzero(row).tolist() for row in problem.allowed]
    return [np.array(choice, dtype=np.intp) for choice in itertools.product(*places)]


def test_every_limit_against_brute_force_where_bounds_are_asked_from_the_first_state(networks, boards, monkeypatch):
    monkeypatch.setattr(dynamic_program, "FEW", 0)

    @settings(max_examples=80, deadline=None)
    @given(data=st.data())
    def check(data):
        model = networks.draw(data, 2, 8)
        pins = networks.draw_pins(data, model)
        best = networks.brute_force(model, pins)
        best = {switches: ms for switches, ms in best.items() if np.isfinite(ms)}
        for point in switch_curve(model, pins=pins):
            least = min(ms for count, ms in best.items() if count <= point.switches)
            assert point.predicted_ms == pytest.approx(least, rel=1e-9, abs=1e-12)
            assert point.optimal
            found = plan(model, boards[2], pins=pins, max_switches=point.switches)
            assert found.predicted_ms == pytest.approx(least, rel=1e-9, abs=1e-12)

    check()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("transfer", [0.2, 1.0])
def test_a_bounded_table_says_what_the_whole_one_says_in_less_room(networks, monkeypatch, seed, transfer):
    problem = Problem.of(networks.large(seed, 60, transfer=transfer, reach=7), {})
    free = unlimited(problem, 60.0).choice
    limits = range(switches(problem.fewest_switches()), switches(free))
    monkeypatch.setattr(dynamic_program, "FEW", 10**9)
    whole = Frontier(problem, limits)
    monkeypatch.setattr(dynamic_program, "FEW", 8)
    bounded = Frontier(problem, limits, (free,))
    wanted = list(limits)
    assert bounded.least_ms[wanted] == pytest.approx(whole.least_ms[wanted], rel=1e-12)
    assert bounded._cells < whole._cells
    for limit in wanted:
        choice = bounded.choice(limit)
        assert switches(choice) <= limit
        assert problem.model.cost(choice) == pytest.approx(whole.least_ms[limit], rel=1e-12)
        alone = Frontier(problem, (limit,), (free,))
        assert alone.least_ms[limit] == pytest.approx(whole.least_ms[limit], rel=1e-12)


def test_a_price_bounds_every_assignment_and_is_nearly_reached(networks):
    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def check(data):
        model = networks.draw(data, 2, 7)
        problem = Problem.of(model, networks.draw_pins(data, model))
        price = data.draw(st.sampled_from([0.0, 0.5, 3.0, 40.0]))
        costs = [model.cost(choice) + price * switches(choice) for choice in choices(problem)]
        found = PricedCuts(problem).solve(price, min(costs))
        assert found.bound_ms <= min(costs) * (1 + 1e-12)
        assert found.bound_ms >= min(costs) * (1 - 1e-6) - 1e-12
        assert model.cost(found.choice) + price * switches(found.choice) <= min(costs) * (1 + 1e-6) + 1e-12

    check()


def test_no_state_of_a_best_assignment_is_called_useless(networks):
    """Walk along the best assignment for each limit: every state it passes through must be useful."""

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def check(data):
        model = networks.draw(data, 2, 7)
        problem = Problem.of(model, networks.draw_pins(data, model))
        found = [(switches(choice), model.cost(choice), choice) for choice in choices(problem)]
        limits = range(min(count for count, _, _ in found), len(model.layer_ms))
        bounds = Bounds.of(problem, limits, (unlimited(problem, 60.0).choice,))
        for limit in limits:
            best = min((one for one in found if one[0] <= limit), key=lambda one: one[1])[2]
            for done in range(1, len(best) + 1):
                live, state, cost = passed(model, best, done)
                left = limit - switches(best[done - 1 :])
                useful = bounds.useful(done, live, state, np.full((1, limits.stop), cost))
                assert useful[0, left]

    check()


def passed(model, choice, done):
    """The tensors still to be read after the first `done` layers, the state, and what it has cost."""
    live, codes, cost = [], [choice[done - 1]], sum(model.layer_ms[place, choice[place]] for place in range(done))
    for row, (producer, readers) in enumerate(zip(model.dataflow.producers, model.dataflow.readers, strict=True)):
        if producer >= done:
            continue
        source = choice[producer]
        there = {source} | {choice[reader] for reader in readers if reader < done}
        cost += sum(model.transfer_ms[row, source, target] for target in there)
        if readers[-1] >= done:
            live.append(row)
            codes.append(3 if len(there) == 2 else source << 2 | 1 << source)
    return live, np.array([codes], dtype=np.int64), cost
