import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch.planner.presolve import decide
from layerswitch.planner.problem import Problem


@pytest.mark.slow(2)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_every_optimum_has_what_is_decided(networks, data):
    drawn = networks.draw(data, 2, most=7)
    whole = {"layer_ms": np.rint(drawn.layer_ms), "transfer_ms": np.rint(drawn.transfer_ms)}  # sums are exact
    model = dataclasses.replace(drawn, **whole)
    pins = networks.draw_pins(data, model)
    problem = Problem.of(model, pins)
    found = decide(problem, np.where(problem.allowed, model.layer_ms, 0.0), model.transfer_ms)
    able = [np.flatnonzero(row).tolist() for row in problem.allowed]
    costs = {choice: networks.cost(model, choice) for choice in itertools.product(*able)}
    least = min(costs.values())
    best = [choice for choice, cost in costs.items() if cost == least]
    for choice in best:
        assert all((found.first if device == 0 else found.second)[place] for place, device in enumerate(choice))


def test_an_advantage_over_all_transfers_decides_and_a_draw_does_not(networks):
    model = networks.make([[1, 9], [5, 2.5], [1, 9]], [(0, {1}), (1, {2})], [0, 1, 1, 0] * 2)
    assert decide(Problem.of(model, {}), model.layer_ms, model.transfer_ms).free.tolist() == [False] * 3
    model = networks.make([[1, 9], [4, 2], [1, 9]], [(0, {1}), (1, {2})], [0, 1, 1, 0] * 2)
    assert decide(Problem.of(model, {}), model.layer_ms, model.transfer_ms).free.tolist() == [False, True, False]


@pytest.mark.parametrize("transfer", [0.1, 1.0])
def test_much_of_a_large_network_is_decided(networks, transfer):
    model = networks.large(3, 1000, transfer=transfer, reach=1)
    problem = Problem.of(model, {})
    found = decide(problem, np.where(problem.allowed, model.layer_ms, 0.0), model.transfer_ms)
    assert found.free.sum() < (100 if transfer < 1 else 900)
