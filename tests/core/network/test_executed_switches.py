"""The switches that are left when a board runs layers of one device together."""

import pytest

from layerswitch.network.assignment import Assignment, executed_switches
from layerswitch.network.graph import Layer, LayerGraph, Tensor


@pytest.fixture
def module():
    """A layer, three branches of two layers, and where they join."""
    reads = {"in": "x", "a1": "in", "a2": "a1", "b1": "in", "b2": "b1", "c1": "in", "c2": "c1"}
    layers = [Layer(name, "Relu", (f"{before}" if before == "x" else f"t_{before}",), (f"t_{name}",))
              for name, before in reads.items()]  # fmt: skip
    layers.append(Layer("join", "Concat", ("t_a2", "t_b2", "t_c2"), ("t_join",)))
    tensors = {name: Tensor(name, (4,), "float32") for name in ("x", *(f"t_{one.name}" for one in layers))}
    return LayerGraph("module", tuple(layers), tensors, ("x",), ("t_join",))


def test_branches_on_one_device_run_together(module):
    assignment = Assignment.parse("CGGCCGGC", module, ("CPU", "GPU"))
    assert (assignment.switches, executed_switches(module, assignment)) == (4, 2)


def test_it_is_never_more_than_in_the_networks_order(module):
    for number in range(256):
        assignment = Assignment({name: ("CPU", "GPU")[number >> place & 1] for place, name in enumerate(module.index)})
        assert 0 <= executed_switches(module, assignment) <= assignment.switches


def test_all_on_one_device(module):
    assert executed_switches(module, Assignment.uniform(module, "GPU")) == 0
