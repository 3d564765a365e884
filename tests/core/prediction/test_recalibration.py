from dataclasses import replace

import numpy as np
import pytest

from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.prediction.recalibration import Learned, learn, learn_across


@pytest.fixture
def model():
    layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(6))
    tensors = {f"t{i}": Tensor(f"t{i}", (1000,), "float32") for i in range(7)}
    graph = LayerGraph("net", layers, tensors, ("t0",), ("t6",))
    board = BoardDescription("b", "Board", "simulated", (Device("CPU"), Device("GPU")))
    random = np.random.default_rng(0)
    samples = {device: {f"l{i}": (float(random.uniform(5, 20)),) for i in range(6)} for device in ("CPU", "GPU")}
    costs = (TransferCost("CPU", "GPU", 5.0, 0.0), TransferCost("GPU", "CPU", 4.0, 0.0))
    return LatencyModel.from_profile(Profile(graph, board, samples, costs))


def runs(model, truth, texts):
    given = [Assignment.parse(text, model.graph, model.devices) for text in texts]
    return [(one, truth.cost(truth.choice(one))) for one in given]


def test_nothing_measured_teaches_nothing(model):
    learned = learn(model, [])
    assert [*learned.devices.values(), *learned.transfers.values()] == pytest.approx([1.0] * 4)
    same = learned.applied(model)
    assert np.allclose(same.layer_ms, model.layer_ms)
    assert np.allclose(same.transfer_ms, model.transfer_ms)


def test_scales_and_transfers_are_found(model):
    truth = Learned({"CPU": 1.05, "GPU": 0.95}, {("CPU", "GPU"): 0.4, ("GPU", "CPU"): 1.8}, {})
    seen = runs(model, truth.applied(model), ["CCCCCC", "GGGGGG", "CGCGCG", "GCCCGG", "CGGGGG", "GGGCCC", "CCGCCC"] * 3)
    learned = learn(model, seen)
    assert learned.devices == pytest.approx(truth.devices, abs=0.01)
    asked = learned.applied(model).transfer_ms[0]
    assert asked[0, 1] == pytest.approx(0.4 * 5, abs=0.3)
    assert asked[1, 0] == pytest.approx(1.8 * 4, abs=0.3)
    held_out = runs(model, truth.applied(model), ["CCCGGG", "GCGCGC", "GGCCCC"])
    better = learned.applied(model)
    assert any(model.cost(model.choice(one)) != pytest.approx(ms, rel=0.02) for one, ms in held_out)
    for assignment, ms in held_out:
        assert better.cost(better.choice(assignment)) == pytest.approx(ms, rel=0.01)


def test_a_session_at_other_clocks_teaches_the_same(model):
    truth = Learned({}, {("CPU", "GPU"): 0.4, ("GPU", "CPU"): 1.8}, {})
    slow = replace(model, layer_ms=1.5 * model.layer_ms, transfer_ms=1.5 * model.transfer_ms)
    texts = ["CGCGCG", "GCCCGG", "CGGGGG", "GGGCCC", "CCGCCC"] * 3
    there = [(slow, one, ms) for one, ms in runs(slow, truth.applied(slow), texts)]
    learned = learn_across(model.devices, there)
    assert learned.devices == pytest.approx({"CPU": 1.0, "GPU": 1.0}, abs=0.01)
    better = learned.applied(model)
    here = runs(model, truth.applied(model), ["CCCGGG", "GCGCGC", "GGCCCC"])
    assert any(model.cost(model.choice(one)) != pytest.approx(ms, rel=0.04) for one, ms in here)
    for assignment, ms in here:
        assert better.cost(better.choice(assignment)) == pytest.approx(ms, rel=0.04)


def test_what_no_run_says_anything_of_stays(model):
    learned = learn(model, [(Assignment.parse("CPU", model.graph, model.devices), 1.1 * model.layer_ms[:, 0].sum())])
    assert learned.devices["CPU"] == pytest.approx(1.1, abs=0.01)
    assert learned.devices["GPU"] == pytest.approx(1.0)
    assert list(learned.transfers.values()) == pytest.approx([1.0, 1.0])


def test_no_factor_is_negative(model):
    seen = runs(model, model, ["CGCGCG", "GCGCGC"])
    learned = learn(model, [(one, 0.2 * ms) for one, ms in seen])
    assert min(*learned.devices.values(), *learned.transfers.values()) >= 0
    assert learn(model, [(seen[0][0], 0.0)]).devices["CPU"] == pytest.approx(1.0)


def test_costs_that_the_profile_does_not_know_are_learnt_too(model):
    free = replace(model, transfer_ms=np.zeros_like(model.transfer_ms))
    learned = learn(free, runs(model, model, ["CCCCCC", "GGGGGG", "CGCGCG", "GCCCGG", "CGGGGG", "GGGCCC"] * 3))
    assert learned.added_ms == pytest.approx({("CPU", "GPU"): 5.0, ("GPU", "CPU"): 4.0}, abs=0.5)
    assert learned.applied(free).transfer_ms[:, 0, 0].tolist() == [0.0] * 5


def test_the_best_of_what_is_reasonable_is_found_exactly(model):
    """No other factors near the ones found make the runs' errors, and what is unusual about them, less."""
    random = np.random.default_rng(1)
    texts = ["CCCCCC", "GGGGGG", "CGCGCG", "GCCCGG"]
    seen = [(one, ms * random.lognormal(0, 0.05)) for one, ms in runs(model, model, texts)]
    learned = learn(model, seen)
    extra = 0.05 * float(np.median([ms for _, ms in seen]))

    def penalty(devices, transfers, added):
        better = Learned(devices, transfers, added).applied(model)
        errors = [(better.cost(better.choice(one)) / ms - 1) / 0.01 for one, ms in seen]
        odd = [(value - 1) / 0.05 for value in devices.values()] + [(value - 1) / 0.5 for value in transfers.values()]
        return float(np.sum(np.square([*errors, *odd, *[value / extra for value in added.values()]])))

    best = penalty(learned.devices, learned.transfers, learned.added_ms)
    for _ in range(300):
        moved = [
            {name: max(0.0, value + random.normal(0, size)) for name, value in part.items()}
            for part, size in ((learned.devices, 0.01), (learned.transfers, 0.1), (learned.added_ms, 0.3))
        ]
        assert penalty(*moved) >= best * (1 - 1e-9)


def test_runs_that_say_the_same_share_what_they_teach(model):
    """One order alone, ten times: device factors and transfers cannot be told apart, and none of them runs away."""
    [(one, ms)] = runs(model, model, ["CGCGCG"])
    learned = learn(model, [(one, 1.1 * ms)] * 10)
    better = learned.applied(model)
    assert better.cost(better.choice(one)) == pytest.approx(1.1 * ms, rel=0.005)
    assert all(0.99 < value < 1.3 for value in learned.devices.values())
    assert all(0.99 < value < 2.5 for value in learned.transfers.values())
    assert all(0 <= value < 0.1 * ms for value in learned.added_ms.values())


@pytest.mark.parametrize("wrong", [1e-9, 1e-3, 1e3, 1e9])
def test_a_run_in_other_units_teaches_nothing(model, wrong):
    """Seconds for milliseconds, say: its relative error would outweigh a hundred good runs."""
    good = runs(model, model, ["CCCCCC", "GGGGGG", "CGCGCG", "GCCCGG"]) * 25
    odd = [(good[2][0], wrong * good[2][1])]
    assert learn(model, good + odd) == learn(model, good)
    assert learn(model, odd) == learn(model, [])


def test_a_profile_that_is_far_off_is_still_put_right(model):
    """Everything takes three times as long as the profile says, which is no matter of units."""
    slower = replace(model, layer_ms=3 * model.layer_ms)
    learned = learn(model, runs(model, slower, ["CCCCCC", "GGGGGG"] * 10))
    assert learned.devices == pytest.approx({"CPU": 3.0, "GPU": 3.0}, abs=0.2)
