"""The simulated board: an engine like any other, seeded, and as noisy as a board."""

import json
import tomllib

import numpy as np
import pytest

from layerswitch import resources
from layerswitch.agent import engines
from layerswitch.agent.engines.base import EngineError, JobCancelled
from layerswitch.network.formats import bundled_models, open_model

BOARDS = ("khadas-vim3", "rock-pi-n10")


def quiet(*_, **__):
    """Emit into nothing."""


def never():
    return False


def settings(name="khadas-vim3", **changes):
    with (resources.assets() / "boards" / f"{name}.toml").open("rb") as file:
        return {**tomllib.load(file), "pace": 0, **changes}


@pytest.fixture(scope="module")
def networks():
    return {one.name: open_model(one.name, level="block").graph.to_dict() for one in bundled_models()}


@pytest.fixture
def make(networks, collecting):
    def begin(network="googlenet", board="khadas-vim3", **changes):
        engine = collecting(engines.create("simulated", settings(board, **changes)))
        engine.load(networks[network], {})
        return engine

    return begin


def uniform(network, device):
    return {layer["name"]: device for layer in network["layers"]}


@pytest.mark.parametrize("board", BOARDS)
def test_it_says_that_it_is_simulated(board):
    description = engines.create("simulated", settings(board)).describe()
    assert description["origin"] == "simulated"
    assert "(simulated)" in description["title"]
    assert [device["name"] for device in description["devices"]] == ["CPU", "GPU"]


@pytest.mark.parametrize("board", BOARDS)
def test_every_bundled_network_runs_on_both_devices(board, networks, collecting):
    engine = collecting(engines.create("simulated", settings(board)))
    for network in networks.values():
        assert engine.load(network, {}) == {}
        profile = engine.profile(2, 0, 0, quiet, never)
        for device in ("CPU", "GPU"):
            times = np.array(list(profile["samples"][device].values()))
            assert times.shape == (len(network["layers"]), 2)
            assert np.isfinite(times).all()
            assert (times > 0).all()


def test_a_profile_has_all_its_parts(make, networks):
    heard = []
    profile = make().profile(5, 2, 0, lambda event, **fields: heard.append((event, fields)), never)
    json.dumps(profile)
    names = [layer["name"] for layer in networks["googlenet"]["layers"]]
    assert [len(times) for times in profile["baselines"].values()] == [5, 5]
    samples = [fields for event, fields in heard if event == "sample"]
    assert len(samples) == 10
    assert list(samples[0]["layers"]) == names
    progress = [fields for event, fields in heard if event == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"]
    sizes = {(one["source"], one["target"]): set() for one in profile["transfer_samples"]}
    for one in profile["transfer_samples"]:
        sizes[one["source"], one["target"]].add(one["bytes"])
    assert set(sizes) == {("CPU", "GPU"), ("GPU", "CPU")}
    assert all(len(found) >= 5 for found in sizes.values())
    kernels = {kernel["name"] for kernel in profile["kernels"]["GPU"]["inception_3a"]}
    assert {"gemm", "winograd gemm", "im2col", "pool", "concat"} <= kernels
    for device in ("CPU", "GPU"):
        whole, layers = np.median(profile["baselines"][device]), profile["samples"][device].values()
        assert whole - sum(np.median(one) for one in layers) == pytest.approx(profile["leftover_ms"][device])


def test_the_same_seed_gives_the_same_numbers_and_the_next_call_others(make, networks):
    plan = uniform(networks["googlenet"], "CPU")
    first, second, other = make(), make(), make()
    once = first.run(plan, 5, 1, 7, quiet, never)
    assert once == second.run(plan, 5, 1, 7, quiet, never)
    assert once["samples_ms"] != first.run(plan, 5, 1, 7, quiet, never)["samples_ms"]
    assert once["samples_ms"] != other.run(plan, 5, 1, 8, quiet, never)["samples_ms"]


def test_one_assignment_measured_twice_looks_the_same(make, networks):
    engine, plan = make(), uniform(networks["googlenet"], "GPU")
    pairs = [[engine.run(plan, 1, 0, 0, quiet, never)["samples_ms"][0] for _ in "ab"] for _ in range(300)][20:]
    difference = np.log(np.array(pairs)[:, 0] / np.array(pairs)[:, 1])
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(len(difference))
    assert 0.0005 < difference.std() < 0.05


def test_noise_is_of_the_size_in_the_boards_file(make):
    profile = make().profile(400, 3, 0, quiet, never)
    jitter = settings()["devices"]["CPU"]["noise"]["jitter"]
    ratios = [np.diff(np.log(times)).std() / np.sqrt(2) for times in profile["samples"]["CPU"].values()]
    assert np.median(ratios) == pytest.approx(jitter, rel=0.25)
    assert np.std(np.log(profile["baselines"]["CPU"])) > 0


def test_the_first_inference_is_slow(make, networks):
    times = make().run(uniform(networks["googlenet"], "CPU"), 8, 0, 0, quiet, never)["samples_ms"]
    assert times[0] > 1.2 * times[-1]


def test_a_switched_run_adds_up_and_pays_for_its_transfers(make, networks):
    engine, layers = make(), networks["googlenet"]["layers"]
    plan = {layer["name"]: "GPU" if place < 4 else "CPU" for place, layer in enumerate(layers)}
    run = engine.run(plan, 30, 5, 0, quiet, never)
    segments, transfers = np.array(run["segments_ms"]), np.array(run["transfers_ms"])
    assert segments.shape == transfers.shape == (2, 30)
    assert (transfers[0] == 0).all()
    assert segments.sum(0) + transfers.sum(0) == pytest.approx(run["samples_ms"])
    size = np.prod(networks["googlenet"]["tensors"][layers[3]["outputs"][0]]["shape"]) * 4
    cost = next(one for one in settings()["transfers"] if one["source"] == "GPU")
    assert np.median(transfers[1]) == pytest.approx(cost["fixed_ms"] + cost["ms_per_megabyte"] * size / 1e6, rel=0.02)


def test_a_tensor_read_twice_is_moved_once(make, networks):
    """A residual block's input is read by its branch and by the addition, both on the other device."""
    graph = open_model("resnet-50", level="operator").graph
    tensor, places = next((name, found) for name, found in graph.readers.items() if len(found) == 2)
    engine = make()
    engine.load(graph.to_dict(), {})
    producer = graph.producer[tensor]
    plan = {layer.name: "CPU" if place <= producer else "GPU" for place, layer in enumerate(graph.layers)}
    run = engine.run(plan, 20, 5, 0, quiet, never)
    cost = next(one for one in settings()["transfers"] if one["source"] == "CPU")
    once = cost["fixed_ms"] + cost["ms_per_megabyte"] * graph.tensors[tensor].bytes / 1e6
    crossing = [name for name, read in graph.readers.items() if graph.producer.get(name, 10**6) <= producer < max(read)]
    assert tensor in crossing
    assert len(places) == 2
    assert np.median(run["transfers_ms"][1]) == pytest.approx(once * len(crossing), rel=0.05)


def test_cancel_stops_within_one_inference(make, networks):
    engine, asked = make("vgg-16"), []

    def cancelled():
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(JobCancelled):
        engine.profile(1000, 0, 0, quiet, cancelled)
    assert len(asked) == 4
    assert engine.run(uniform(networks["vgg-16"], "GPU"), 1, 0, 0, quiet, never)["samples_ms"]


def test_time_passes_at_the_pace_asked_for(make, networks, monkeypatch):
    slept = []
    monkeypatch.setattr("layerswitch.agent.engines.simulated.engine.time.sleep", slept.append)
    run = make(pace=0.5).run(uniform(networks["googlenet"], "CPU"), 10, 0, 0, quiet, never)
    assert sum(slept) == pytest.approx(0.5 * sum(run["samples_ms"]) / 1000, rel=0.15)
    assert max(slept) <= 0.05  # cancel is asked for between sleeps


UNKNOWN = {
    "name": "odd",
    "layers": [
        {
            "name": name,
            "type": kind,
            "inputs": [source],
            "outputs": [target],
            "operators": [
                {"name": name, "type": kind, "inputs": [source], "outputs": [target], "attributes": attributes}
            ],
        }
        for name, kind, source, target, attributes in (
            ("fine", "Relu", "a", "b", {}),
            ("strange", "com.example.Wavelet", "b", "c", {"unknown": True}),
        )
    ],
    "tensors": {name: {"name": name, "shape": [1, 8, 4, 4], "dtype": "float32"} for name in "abc"},
    "inputs": ["a"],
    "outputs": ["c"],
}


def test_an_unknown_operator_is_unsupported_everywhere(make):
    engine = make()
    reasons = engine.load(UNKNOWN, {})
    assert set(reasons) == {"CPU", "GPU"}
    assert all(list(one) == ["strange"] and "com.example.Wavelet" in one["strange"] for one in reasons.values())
    profile = engine.profile(2, 0, 0, quiet, never)
    assert list(profile["samples"]["CPU"]) == ["fine"]
    assert profile["baselines"] == {}
    with pytest.raises(EngineError) as failure:
        engine.run({"fine": "CPU", "strange": "GPU"}, 1, 0, 0, quiet, never)
    assert failure.value.kind == "unsupported"


def test_bad_requests_are_refused(make, networks):
    engine, plan = make(), uniform(networks["googlenet"], "CPU")
    for wrong in ({**plan, "nowhere": "CPU"}, {**plan, "conv2": "NPU"}, {"conv2": "CPU"}):
        with pytest.raises(EngineError):
            engine.run(wrong, 1, 0, 0, quiet, never)
    with pytest.raises(EngineError):
        engine.load({"name": "broken", "layers": [{"name": "a", "type": "Relu", "inputs": ["x"]}]}, {})
    assert engine.run(plan, 1, 0, 0, quiet, never)["samples_ms"]  # still holds what it held
    with pytest.raises(EngineError):
        engines.create("simulated", settings()).profile(1, 0, 0, quiet, never)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "layerswitch/simulated-board/99"},
        {"devices": {}, "transfers": None},
        {"transfers": []},
        {"devices": {"CPU": {"kind": "cpu"}}},
        {"pace": "fast"},
        {"pace": -1},
        {"transfer_jitter": float("nan")},
    ],
)
def test_a_wrong_board_file_is_one_clear_error(change):
    with pytest.raises(EngineError) as failure:
        engines.create("simulated", settings(**change))
    assert failure.value.kind == "request"


def test_times_are_those_of_the_published_order_of_size(collecting):
    """ResNet-50 takes longer on the Mali-G52 than on the A73 cluster; its first layers do not. Nothing forces it."""
    engine = collecting(engines.create("simulated", settings()))
    network = open_model("resnet-50", level="block").graph
    engine.load(network.to_dict(), {})
    profile = engine.profile(20, 3, 0, quiet, never)
    medians = {device: np.median(profile["baselines"][device]) for device in ("CPU", "GPU")}
    assert 220 < medians["CPU"] < 270
    assert 265 < medians["GPU"] < 325
    early, late = network.layers[1].name, network.layers[-3].name
    samples = profile["samples"]
    assert np.median(samples["GPU"][early]) < np.median(samples["CPU"][early])
    assert np.median(samples["CPU"][late]) < np.median(samples["GPU"][late])
