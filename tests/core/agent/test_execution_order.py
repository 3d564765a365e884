"""The execution order with the fewest segments, against all orders of small networks."""

import itertools

import numpy as np
import pytest

from layerswitch.agent.execution_order import fewest_segments


def orders(before):
    """Every topological order."""

    def extend(order, left):
        if not left:
            yield order
        for place in sorted(left):
            if set(before[place]) <= set(order):
                yield from extend((*order, place), left - {place})

    yield from extend((), frozenset(range(len(before))))


def segments(order, devices):
    return len(list(itertools.groupby(order, key=lambda place: devices[place])))


def drawn(rng, layers, names):
    before = [sorted({int(one) for one in rng.integers(0, place, 2)} if place else set()) for place in range(layers)]
    before = [places[: int(rng.integers(0, 3))] for places in before]
    return before, [names[int(one)] for one in rng.integers(0, len(names), layers)]


@pytest.mark.parametrize("seed", range(60))
def test_two_devices_no_order_has_fewer(seed):
    before, devices = drawn(np.random.default_rng(seed), 7, ("CPU", "GPU"))
    found = fewest_segments(before, devices)
    best = min(segments(order, devices) for order in orders(before))
    assert len(found) == best


@pytest.mark.parametrize("seed", range(60))
def test_every_layer_once_after_what_it_reads_and_on_one_device(seed):
    before, devices = drawn(np.random.default_rng(seed), 30, ("CPU", "GPU", "NPU"))
    found = fewest_segments(before, devices)
    order = list(itertools.chain.from_iterable(found))
    position = {place: number for number, place in enumerate(order)}
    assert sorted(order) == list(range(30))
    assert all(position[one] < position[place] for place in order for one in before[place])
    assert all(len({devices[place] for place in places}) == 1 for places in found)
    assert len(found) <= segments(range(30), devices)


def test_a_chain_and_equally_good_orders_keep_the_networks_order():
    assert fewest_segments([[], [0], [1], [2]], ["C", "C", "G", "C"]) == [(0, 1), (2,), (3,)]
    assert fewest_segments([[], [0], [0], [1, 2]], ["C"] * 4) == [(0, 1, 2, 3)]


def test_branches_of_an_inception_module_are_gathered_by_device():
    before = [[], [0], [1], [0], [3], [0], [5], [2, 4, 6]]  # three branches of two layers, and where they join
    devices = ["C", "G", "G", "C", "C", "G", "G", "C"]
    assert fewest_segments(before, devices) == [(0, 3, 4), (1, 2, 5, 6), (7,)]


def test_nothing():
    assert fewest_segments([], []) == []
