import threading
from dataclasses import replace

import numpy as np
import pytest

from layerswitch import plan, serialization
from layerswitch.errors import AssignmentError, CancelledError, ProfileError
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost, TransferSample
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.planner.stability import Stability, stability
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.prediction.resampling import Resamples

COUNT = 4
CPU_MS = (10.0, 10.0, 10.0, 10.0)
GPU_MS = (5.0, 10.01, 20.0, 30.0)  # the second layer is a toss-up


def made(noise=0.02, runs=21, transfers=True):
    layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(COUNT))
    tensors = {f"t{i}": Tensor(f"t{i}", (1000,), "float32") for i in range(COUNT + 1)}
    graph = LayerGraph("net", layers, tensors, ("t0",), (f"t{COUNT}",))
    board = BoardDescription("b", "Board", "simulated", (Device("CPU"), Device("GPU")))
    random = np.random.default_rng(0)

    def draw(ms, count=runs):
        return tuple((ms * random.lognormal(0, noise, count)).tolist())

    times = {"CPU": CPU_MS, "GPU": GPU_MS}
    samples = {device: {f"l{i}": draw(ms) for i, ms in enumerate(column)} for device, column in times.items()}
    baselines = {device: draw(sum(column)) for device, column in times.items()}
    pairs = (("CPU", "GPU"), ("GPU", "CPU"))
    moved = tuple(
        TransferSample(a, b, size, ms) for a, b in pairs for size in (1000, 8000) for ms in draw(0.1 + size / 1e5, 7)
    )
    costs = tuple(TransferCost(a, b, 0.1, 1e-5) for a, b in pairs)
    return Profile(graph, board, samples, costs, baselines, moved if transfers else ())


def test_sure_layers_and_a_toss_up():
    profile = made()
    found = stability(profile)
    best = plan(LatencyModel.from_profile(profile), profile.board)
    assert found.assignment == best.assignment
    assert [found.shares[layer] for layer in ("l0", "l2", "l3")] == [1.0, 1.0, 1.0]
    assert 0.2 < found.shares["l1"] < 1.0
    assert found.same == pytest.approx(found.shares["l1"])
    assert found.predicted_ms.median == pytest.approx(best.predicted_ms)
    assert found.regret.low == 0.0
    assert found.regret.high < 0.02


STILL = {"CPU": 0.0, "GPU": 0.0}  # sessions that do not differ


def test_intervals_hold_the_prediction_and_grow_with_the_noise():
    calm, noisy = stability(made(0.005), spread=STILL), stability(made(0.05), spread=STILL)
    for one in (calm, noisy):
        assert one.predicted_ms.low < one.predicted_ms.median < one.predicted_ms.high
        assert one.one_run_ms.high - one.one_run_ms.low > one.predicted_ms.high - one.predicted_ms.low
    assert noisy.predicted_ms.high - noisy.predicted_ms.low > 4 * (calm.predicted_ms.high - calm.predicted_ms.low)


def test_the_same_seed_gives_the_same_and_files_read_back(tmp_path):
    one, other = stability(made(), resamples=50, seed=3), stability(made(), resamples=50, seed=3)
    assert one == other
    assert one != stability(made(), resamples=50, seed=4)
    serialization.save(tmp_path / "s.json", one)
    assert serialization.load(tmp_path / "s.json", Stability) == one


def test_another_assignment_shows_how_often_optima_agree_with_it():
    profile = made()
    against = stability(profile, dict.fromkeys(profile.graph.index, "GPU"))
    assert against.shares["l3"] == 0.0
    assert not against.matters("l3")
    assert against.same == 0.0
    assert against.regret.low > 0.5


def test_pins_are_held_in_every_resample():
    found = stability(made(), pins={"l3": "GPU"})
    assert found.assignment["l3"] == "GPU"
    assert found.shares["l3"] == 1.0
    with pytest.raises(AssignmentError):
        stability(made(), pins={"l9": "GPU"})


def test_single_samples_and_no_transfer_samples_resample_to_themselves():
    found = stability(made(runs=1, transfers=False), spread=STILL)
    assert set(found.shares.values()) == {1.0}
    assert found.predicted_ms.low == pytest.approx(found.predicted_ms.high)
    assert found.spread == STILL
    with pytest.raises(ProfileError, match="1 resamples"):
        stability(made(), resamples=1)


@pytest.mark.slow(4)
def test_sessions_that_differ_widen_the_interval_by_twice_their_variance():
    profile = made(runs=1, transfers=False)
    everything = dict.fromkeys(profile.graph.index, "CPU")
    found = stability(profile, everything, resamples=4000, spread={"CPU": 0.01, "GPU": 0.03})
    ms = found.predicted_ms
    reach = 1.96 * 2**0.5 * 0.01
    assert ms.high / ms.median - 1 == pytest.approx(reach, rel=0.08)
    assert 1 - ms.low / ms.median == pytest.approx(reach, rel=0.08)
    assert found.spread == {"CPU": 0.01, "GPU": 0.03}
    assert stability(profile).spread == pytest.approx({"CPU": 0.0157, "GPU": 0.0157})  # what was published


def test_the_same_profile_is_less_sure_where_sessions_differ_more():
    calm, wild = (stability(made(), spread=dict.fromkeys(STILL, spread)) for spread in (0.0, 0.5))
    assert calm.shares["l2"] == 1.0
    assert wild.shares["l2"] < 1.0
    assert wild.regret.high > calm.regret.high


def test_layers_that_a_device_cannot_run_stay_where_they_can():
    profile = made()
    samples = {device: dict(layers) for device, layers in profile.samples.items()}
    del samples["GPU"]["l0"]
    found = stability(Profile(profile.graph, profile.board, samples, profile.transfer_costs), resamples=20)
    assert found.assignment["l0"] == "CPU"
    assert found.shares["l0"] == 1.0


def test_resamples_predict_as_the_model_of_each_would():
    drawn = Resamples.of(made(), resamples=20)
    for text in ("CCCC", "GCGC", "GGGG", "CGCC"):
        choice = np.array(["CG".index(letter) for letter in text])
        each = [
            replace(drawn.model, layer_ms=layers, transfer_ms=moves).cost(choice)
            for layers, moves in zip(drawn.layer_ms, drawn.transfer_ms, strict=True)
        ]
        assert drawn.predicted(choice) == pytest.approx(each)
        found = drawn.interval(choice)
        assert found.median == pytest.approx(drawn.model.cost(choice))
        assert min(each) <= found.low <= found.high <= max(each)


def test_it_tells_its_progress_and_stops_when_asked():
    cancel, seen = threading.Event(), []

    def show(progress):
        seen.append((progress.done, progress.total))
        if progress.done == 3:
            cancel.set()

    with pytest.raises(CancelledError):
        stability(made(), resamples=50, progress=show, cancel=cancel)
    assert seen == [(1, 50), (2, 50), (3, 50)]


def many(noise, runs, seed, count=30):
    """The profile of a chain whose layers truly take as long on either device, 10 ms each, and free transfers."""
    base = made(runs=1, transfers=False)
    layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(count))
    tensors = {f"t{i}": Tensor(f"t{i}", (1000,), "float32") for i in range(count + 1)}
    random = np.random.default_rng(seed)
    samples = {
        device: {layer.name: tuple((10.0 * random.lognormal(0, noise, runs)).tolist()) for layer in layers}
        for device in ("CPU", "GPU")
    }
    costs = tuple(TransferCost(a, b, 0.0, 0.0) for a, b in (("CPU", "GPU"), ("GPU", "CPU")))
    graph = LayerGraph("net", layers, tensors, ("t0",), (f"t{count}",))
    return Profile(graph, base.board, samples, costs)


@pytest.mark.parametrize(("noise", "runs"), [(0.1, 7), (0.1, 21), (0.3, 7), (0.3, 21)])
def test_how_far_noise_flatters_the_plan_is_foreseen(noise, runs):
    """Truly the plan takes 300 ms, as every assignment does; what the profile says is less."""
    found = [stability(many(noise, runs, seed), spread=STILL, resamples=40, seed=seed) for seed in range(15)]
    truly = np.mean([300.0 / one.predicted_ms.median - 1.0 for one in found])
    foreseen = np.mean([one.optimism for one in found])
    assert truly > 0.01
    assert foreseen == pytest.approx(truly, rel=0.35)


def test_what_was_not_chosen_by_its_samples_is_not_flattered_and_calm_samples_flatter_little():
    profile = many(0.3, 7, 0)
    chosen, given = stability(profile, spread=STILL), stability(profile, dict.fromkeys(profile.graph.index, "CPU"))
    assert given.optimism is None
    assert given.caution == ""
    assert chosen.optimism > 0.05
    likely = chosen.predicted_ms.median * (1.0 + chosen.optimism)
    assert f"{100 * chosen.optimism:.1f} % longer than predicted: {likely:.0f} ms." in chosen.caution
    again = stability(profile, chosen.assignment, spread=STILL)
    assert again.optimism == chosen.optimism
    calm = stability(made(0.002), spread=STILL)
    assert 0.0 <= calm.optimism < 0.005
    assert calm.caution == ""
    single = stability(many(0.3, 1, 0), spread=STILL)
    assert single.optimism == 0.0  # nothing is known of the noise


def test_a_plan_that_takes_no_time_has_no_optimism():
    """Medians of 0 ms whose resamples are not: nothing to be a part of."""
    base = many(0.3, 7, 0, count=1)
    times = (0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
    profile = Profile(base.graph, base.board, {"CPU": {"l0": times}, "GPU": {"l0": times}}, base.transfer_costs)
    assert stability(profile, spread=STILL).optimism == 0.0
