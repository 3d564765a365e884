import numpy as np
import pytest

from layerswitch import greedy, plan, switch_curve
from layerswitch.errors import AssignmentError, PlanError
from layerswitch.serialization import decode, encode


@pytest.fixture
def model(networks):
    return networks.make([[4, 1], [1, 3], [np.inf, 2]], [(0, {1}), (1, {2})], [0, 0.25, 0.5, 0] * 2)


@pytest.mark.parametrize(
    ("pins", "error", "text"),
    [
        ({"nix": "CPU"}, AssignmentError, "pin: 'net' has no layer 'nix'"),
        ({"l0": "TPU"}, AssignmentError, "pin of layer 'l0': unknown device 'TPU' (use CPU, GPU)"),
        ({"l2": "CPU"}, PlanError, "layer 'l2': is pinned to CPU, which cannot run it (only on GPU)"),
    ],
)
def test_impossible_pins(model, boards, pins, error, text):
    with pytest.raises(error) as caught:
        plan(model, boards[2], pins=pins)
    assert str(caught.value) == text
    with pytest.raises(error):
        switch_curve(model, pins=pins)


def test_a_layer_that_runs_nowhere(networks, boards):
    model = networks.make([[1, 1], [np.inf, np.inf]], [], [])
    with pytest.raises(PlanError, match="layer 'l1' of 'net': no device can run this layer"):
        plan(model, boards[2])
    with pytest.raises(PlanError):
        greedy(model)


@pytest.mark.parametrize("bad", [np.nan, -1.0])
def test_times_that_are_none(networks, boards, bad):
    with pytest.raises(PlanError, match="a layer's time is negative or not a number"):
        plan(networks.make([[1, bad]], [], []), boards[2])
    with pytest.raises(PlanError, match="a transfer's cost is negative or not a finite number"):
        plan(networks.make([[1, 1], [1, 1]], [(0, {1})], [0, bad, 1, 0]), boards[2])


def test_too_few_switches(model, boards):
    with pytest.raises(PlanError, match=r"at most 0 switches .* need at least 1"):
        plan(model, boards[2], pins={"l1": "CPU"}, max_switches=0)


def test_greedy_ignores_transfers_and_takes_the_first_of_equals(networks):
    model = networks.make([[2, 1], [1, 2], [3, 3], [np.inf, 9]], [(0, {1}), (1, {2, 3})], [99] * 8)
    assert greedy(model).text == "GCCG"


def test_a_plan_survives_its_file(model, boards):
    found = plan(model, boards[2], pins={"l1": "CPU"}, max_switches=2)
    assert decode(encode(found), type(found)) == found
