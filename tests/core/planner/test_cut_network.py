import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layerswitch.planner.cut_network import cut_network
from layerswitch.planner.max_flow import SINK, SOURCE
from layerswitch.planner.problem import switches

NEVER_CUT = 1 << 40


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_least_cut_around_an_assignment_costs_what_the_assignment_costs(networks, data):
    """With every layer held on its side, what is left to the flow are the auxiliary nodes."""
    model = networks.draw(data, 2, 6)
    times = np.where(np.isfinite(model.layer_ms), np.rint(model.layer_ms), 0).astype(np.int64)
    transfers = np.rint(model.transfer_ms).astype(np.int64)
    price = data.draw(st.integers(0, 5))
    choice = np.array([data.draw(st.integers(0, 1)) for _ in times])
    cuts = cut_network(model.dataflow)
    capacity = cuts.network.summed(cuts.capacities(times, transfers, price, NEVER_CUT))
    layer_nodes = 2 + np.arange(len(times))
    held = np.full(cuts.network.nodes, -1)
    held[[SOURCE, SINK]], held[layer_nodes] = (0, 1), choice
    auxiliary = np.flatnonzero(held < 0)
    assume(len(auxiliary) <= 10)
    least = min(cut_cost(cuts.network, capacity, held, auxiliary, number) for number in range(1 << len(auxiliary)))
    moved = sum(
        transfers[row, choice[producer], target]
        for row, producer in enumerate(model.dataflow.producers)
        for target in {choice[reader] for reader in model.dataflow.readers[row]} - {choice[producer]}
    )
    assert least == times[np.arange(len(times)), choice].sum() + moved + price * switches(choice)


def cut_cost(network, capacity, held, auxiliary, number):
    """The capacity from the source's side to the sink's, with the auxiliary nodes' sides as the bits of a number."""
    side = held.copy()
    side[auxiliary] = [number >> bit & 1 for bit in range(len(auxiliary))]
    return int(capacity[(side[network.tails] == 0) & (side[network.heads] == 1)].sum())


def test_models_that_share_a_data_flow_share_the_network(networks):
    model = networks.large(1, 20)
    assert cut_network(model.dataflow) is cut_network(model.dataflow)
