import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerswitch.planner import max_flow


def solve(nodes, arcs):
    """What is left of each arc's capacity. The networks here have their sink last; the solver has it second."""
    tails, heads, capacity = (np.array(column, dtype=np.int64) for column in zip(*arcs, strict=True))
    new = np.array([0, *range(2, nodes), 1])
    network = max_flow.Network.of(nodes, new[tails], new[heads])
    whole = network.summed(np.concatenate([capacity, np.zeros_like(capacity)]))
    limit = min(int(whole[network.tails == max_flow.SOURCE].sum()), 1 << 57)
    return network, whole, max_flow.maximum(network, whole, limit)


def value(network, whole, left):
    return int((whole - left)[network.tails == max_flow.SOURCE].sum())


@st.composite
def networks(draw):
    """Capacities across the whole range of sizes; the sum of the source's stays under the limit."""
    nodes = draw(st.integers(2, 7))
    sizes = st.one_of(
        st.integers(0, 5), st.integers(0, 2**31), st.integers(2**31 - 2, 2**31 + 2), st.integers(0, 2**53)
    )
    places = st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)).filter(lambda pair: pair[0] != pair[1])
    arcs = draw(st.lists(st.tuples(places, sizes), min_size=1, max_size=15))
    return nodes, [(tail, head, size) for (tail, head), size in arcs]


@settings(deadline=None)
@given(networks())
def test_value_is_that_of_networkx_in_python_integers(network):
    nodes, arcs = network
    graph = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for tail, head, size in arcs:
        before = graph.edges[tail, head]["capacity"] if graph.has_edge(tail, head) else 0
        graph.add_edge(tail, head, capacity=before + size)
    assert value(*solve(nodes, arcs)) == nx.maximum_flow_value(graph, 0, nodes - 1)


@settings(deadline=None)
@given(networks())
def test_both_sides_are_minimum_cuts_one_within_the_other(network):
    found, whole, left = solve(*network)
    least, greatest = found.reached(left > 0), ~found.reached(left > 0, backwards=True)
    assert (least <= greatest).all()
    for side in (least, greatest):
        assert side[max_flow.SOURCE]
        assert not side[max_flow.SINK]
        assert whole[side[found.tails] & ~side[found.heads]].sum() == value(found, whole, left)


@pytest.mark.parametrize("known", [1, 3, 2**30, 2**40 + 7, 2**57])
def test_endless_capacities_are_never_cut(known):
    tails, heads, sizes = np.array([(0, 2, max_flow.ENDLESS), (2, 3, known), (3, 1, max_flow.ENDLESS), (0, 1, 0)]).T
    network = max_flow.Network.of(4, tails, heads)
    whole = network.summed(np.concatenate([sizes, np.zeros_like(sizes)]))
    left = max_flow.maximum(network, whole, known)
    assert value(network, whole, left) == known
    assert network.reached(left > 0).tolist() == [True, False, True, False]
