import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch import plan

SLACK = 1e-9


@pytest.mark.slow(3)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_optimum_is_that_of_brute_force_and_proven(networks, boards, data):
    model = networks.draw(data, 2)
    pins = networks.draw_pins(data, model)
    best = networks.brute_force(model, pins)
    least = min(best.values())
    found = plan(model, boards[2], pins=pins)
    assert found.predicted_ms == pytest.approx(least, rel=SLACK, abs=1e-12)
    assert found.lower_bound_ms <= least * (1 + 1e-14)
    assert found.optimal
    assert networks.cost(model, model.choice(found.assignment)) == pytest.approx(found.predicted_ms, rel=1e-12)
    assert all(found.assignment[layer] == device for layer, device in pins.items())
    assert found.switches == found.assignment.switches


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_of_equals_the_one_with_the_fewest_switches(networks, boards, data):
    count = data.draw(st.integers(2, 7))
    ms = st.integers(0, 3)
    layer_ms = [[data.draw(ms), data.draw(ms)] for _ in range(count)]
    tensors = [
        (place, {place + 1, *data.draw(st.sets(st.integers(place + 1, count - 1)))}) for place in range(count - 1)
    ]
    model = networks.make(layer_ms, tensors, [data.draw(ms) for _ in range(4 * len(tensors))])
    best = networks.brute_force(model, {})
    fewest = min(switches for switches, cost in best.items() if cost == min(best.values()))
    assert plan(model, boards[2]).switches == fewest


def test_ties_of_decimal_times_are_ties(networks, boards):
    """0.1 + 0.2 is not 0.3 in binary, and still no reason to switch."""
    model = networks.make([[0.1, 9.0], [0.3, 0.1], [0.2, 9.0]], [(0, {1}), (1, {2})], [0, 0.1, 0.1, 0] * 2)
    assert plan(model, boards[2]).switches == 0


def independent_cut(model):
    """The same problem put to networkx: built layer by layer, capacities as floats."""
    graph = nx.DiGraph()
    for place, (first, second) in enumerate(model.layer_ms.tolist()):
        graph.add_edge("s", place, **({"capacity": second} if np.isfinite(second) else {}))
        graph.add_edge(place, "t", **({"capacity": first} if np.isfinite(first) else {}))
    for row, (producer, readers) in enumerate(zip(model.dataflow.producers, model.dataflow.readers, strict=True)):
        graph.add_edge(producer, ("to second", row), capacity=float(model.transfer_ms[row, 0, 1]))
        graph.add_edge(("to first", row), producer, capacity=float(model.transfer_ms[row, 1, 0]))
        for reader in readers:
            graph.add_edge(("to second", row), reader)
            graph.add_edge(reader, ("to first", row))
    return nx.minimum_cut_value(graph, "s", "t")


@pytest.mark.parametrize("transfer", [0.1, 1.0, 10.0, 100.0])
@pytest.mark.parametrize("reach", [1, 4])
def test_large_networks_against_networkx(networks, boards, transfer, reach):
    model = networks.large(7, 300, transfer=transfer, reach=reach)
    found = plan(model, boards[2])
    assert found.predicted_ms == pytest.approx(independent_cut(model), rel=SLACK)
    assert found.optimal


def test_ten_thousand_layers_are_proven_optimal(networks, boards):
    found = plan(networks.large(1, 10_000), boards[2])
    assert found.optimal
    assert found.predicted_ms * (1 - 1e-10) <= found.lower_bound_ms <= found.predicted_ms


def test_a_tensor_read_twice_is_paid_once(networks, boards):
    model = networks.make([[1, 9], [9, 1], [9, 1]], [(0, {1, 2})], [0, 7, 7, 0])
    found = plan(model, boards[2])
    assert found.predicted_ms == 10.0
    assert found.letters == "CGG"
    assert len(found.transfers) == 1


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e6, 1e12])
def test_any_unit_of_time_is_as_exact(networks, boards, scale):
    model = networks.make(np.array([[5, 1], [1, 6], [5, 1]]) * scale, [(0, {1}), (1, {2})], np.full(8, 1.5) * scale)
    found = plan(model, boards[2])
    assert found.predicted_ms == pytest.approx(6.0 * scale, rel=1e-12)
    assert found.optimal


def test_very_unlike_sizes_in_one_network(networks, boards):
    model = networks.make([[1e6, 2e6], [1e-6, 3e-6], [2e6, 1e6]], [(0, {1}), (1, {2})], [0, 4e-6, 9, 0, 0, 3e-6, 9, 0])
    found = plan(model, boards[2])
    assert found.letters == "CCG"
    assert found.predicted_ms - found.lower_bound_ms < 1e-6


def test_a_time_too_short_for_any_unit_is_none_at_all(networks, boards):
    found = plan(networks.make([[1.0, 1e-308], [2.0, 1e-308]], [(0, {1})], [0] * 4), boards[2])
    assert (found.letters, found.optimal) == ("GG", True)


def test_all_times_zero(networks, boards):
    found = plan(networks.make([[0, 0], [0, 0]], [(0, {1})], [0] * 4), boards[2])
    assert (found.predicted_ms, found.lower_bound_ms, found.optimal, found.switches) == (0.0, 0.0, True, 0)


def test_one_device(networks, boards):
    found = plan(networks.make([[1], [2]], [(0, {1})], [0]), boards[1])
    assert (found.predicted_ms, found.optimal, found.letters) == (3.0, True, "CC")


def test_what_a_plan_says_of_itself(networks, boards):
    model = networks.make([[4, 1], [1, 3], [np.inf, 2]], [(0, {1}), (1, {2})], [0, 0.25, 0.5, 0] * 2)
    found = plan(model, boards[2], pins={"l1": "GPU"}, name="mine")
    assert found.name == "mine"
    assert found.pins == {"l1": "GPU"}
    assert found.baselines_ms == {"GPU": 6.0}
    assert found.greedy_ms == 1 + 1 + 2 + 0.5 + 0.25
    assert found.gain == 0.0
    assert found.method == "minimum cut"
    assert found.fingerprint == model.graph.fingerprint


def test_the_same_every_time(networks, boards):
    model = networks.make([[1, 1]] * 6, [(i, {i + 1}) for i in range(5)], [0] * 20)
    assert {plan(model, boards[2]).letters for _ in range(5)} == {"CCCCCC"}
