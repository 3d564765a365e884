import numpy as np
import pytest

from layerswitch import serialization
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.planner import dynamic_program
from layerswitch.planner.simplest_plan import Simplest, simplest
from layerswitch.planner.stability import stability
from layerswitch.prediction.resampling import Resamples

STILL = {"CPU": 0.0, "GPU": 0.0}
COSTS = tuple(TransferCost(a, b, 0.1, 0.0) for a, b in (("CPU", "GPU"), ("GPU", "CPU")))


def profile(cpu, gpu, noise, runs=15, seed=0):
    """A chain whose layers truly take so many ms on each device."""
    count, random = len(cpu), np.random.default_rng(seed)
    layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(count))
    tensors = {f"t{i}": Tensor(f"t{i}", (1000,), "float32") for i in range(count + 1)}
    samples = {
        device: {f"l{i}": tuple((ms * random.lognormal(0, noise, runs)).tolist()) for i, ms in enumerate(column)}
        for device, column in (("CPU", cpu), ("GPU", gpu))
    }
    graph = LayerGraph("net", layers, tensors, ("t0",), (f"t{count}",))
    board = BoardDescription("b", "Board", "simulated", (Device("CPU"), Device("GPU")))
    return Profile(graph, board, samples, COSTS)


def found(measured, spread=STILL, resamples=100):
    drawn = Resamples.of(measured, resamples, spread=spread)
    return simplest(stability(measured, drawn=drawn), drawn)


def test_a_switch_that_pays_is_shown_to():
    one = found(profile((20.0, 20.0, 5.0, 5.0), (10.0, 10.0, 15.0, 15.0), 0.02))
    assert one.optimum
    assert one.switches == 1
    assert Assignment(one.assignment).text == "GGCC"
    assert one.slower.median == one.slower.high == 0.0
    assert one.sentence == "Every plan of fewer switches is shown to be slower than the optimum's 1 switch."


def test_switches_between_equal_devices_are_not_shown_to_pay():
    """The profile's optimum switches often, by luck; the evidence is for none."""
    for seed in range(5):
        measured = profile((10.0,) * 20, (10.0,) * 20, 0.2, runs=7, seed=seed)
        one = found(measured)
        assert Assignment(stability(measured, resamples=20).assignment).switches > 3
        assert one.switches == 0
        assert not one.optimum
        assert one.flattered > 0.01
        assert one.slower.low <= one.flattered
        assert one.slower.median > 0.0
        assert f"with 0 switches is predicted {100 * one.slower.median:.1f} % slower" in one.sentence
        assert f"noise may explain {100 * one.flattered:.1f} %: it is not shown to be slower" in one.sentence


def test_the_last_switch_is_left_where_only_the_first_pays():
    cpu, gpu = (20.0, 20.0, 5.0, 10.15), (10.0, 10.0, 15.0, 10.0)
    measured = profile(cpu, gpu, 0.05)
    layers = {device: dict(times) for device, times in measured.samples.items()}
    layers["CPU"]["l3"] = tuple(ms * 10.3 / np.median(layers["CPU"]["l3"]) for ms in layers["CPU"]["l3"])
    layers["GPU"]["l3"] = tuple(ms * 10.0 / np.median(layers["GPU"]["l3"]) for ms in layers["GPU"]["l3"])
    one = found(Profile(measured.graph, measured.board, layers, COSTS))
    assert Assignment(one.assignment).text == "GGCC"
    assert one.switches == 1
    assert not one.optimum


def test_sessions_that_differ_more_show_less():
    measured = profile((11.0, 10.0), (10.0, 11.0), 0.002)
    assert found(measured).switches == 1
    assert found(measured, {"CPU": 0.2, "GPU": 0.2}, resamples=400).switches == 0


def test_of_an_assignment_by_hand_nothing_is_said():
    measured = profile((10.0, 10.0), (20.0, 5.0), 0.01)
    drawn = Resamples.of(measured, 20)
    given = stability(measured, {"l0": "GPU", "l1": "CPU"}, drawn=drawn)
    assert simplest(given, drawn) is None


def test_pins_are_held():
    measured = profile((20.0, 20.0, 5.0, 5.0), (10.0, 10.0, 15.0, 15.0), 0.02)
    drawn = Resamples.of(measured, 50, spread=STILL)
    one = simplest(stability(measured, pins={"l0": "CPU"}, drawn=drawn), drawn)
    assert Assignment(one.assignment).text == "CGCC"
    assert one.switches == 2


def test_of_very_many_switches_and_of_wide_networks_nothing_is_said(monkeypatch):
    pattern = [(20.0, 5.0), (5.0, 20.0)] * 20
    many = profile([cpu for cpu, _ in pattern], [gpu for _, gpu in pattern], 0.01, runs=7)
    assert found(many, resamples=10) is None
    few = profile((20.0, 20.0, 5.0, 5.0), (10.0, 10.0, 15.0, 15.0), 0.02)
    monkeypatch.setattr(dynamic_program, "MOST_CELLS", 1)
    assert found(few) is None


def test_an_optimum_without_switches_and_layers_without_time():
    alone = found(profile((1.0, 1.0), (2.0, 2.0), 0.01))
    assert alone.optimum
    assert alone.sentence == "The optimum has no switch."
    nothing = found(profile((0.0, 0.0), (0.0, 0.0), 0.0))
    assert nothing.switches == 0
    assert nothing.slower.median == 0.0


def test_it_reads_back(tmp_path):
    one = found(profile((10.0,) * 5, (10.0,) * 5, 0.2, runs=7))
    serialization.save(tmp_path / "s.json", one)
    assert serialization.load(tmp_path / "s.json", Simplest) == one


@pytest.mark.slow(6)
@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_equal_devices_are_seldom_said_to_need_switches(noise):
    said = [found(profile((10.0,) * 12, (10.0,) * 12, noise, runs=11, seed=seed), resamples=60) for seed in range(40)]
    assert sum(one.switches > 0 for one in said) <= 4
