import numpy as np
import pytest

from layerswitch.agent.engines.simulated.engine import SimulatedEngine
from layerswitch.boards.client.collectors import ProfileCollector
from layerswitch.boards.client.responses import Profiled
from layerswitch.boards.registry import find
from layerswitch.errors import FileError, ProfileError
from layerswitch.explain import Explanation, explain
from layerswitch.measurement.profile import BoardDescription, Profile, ProfileSettings
from layerswitch.measurement.profile_import import import_layers
from layerswitch.network.formats import open_model
from layerswitch.prediction.latency_model import LatencyModel

PAPER = ("alexnet", "googlenet", "mobilenet-v1", "resnet-50", "squeezenet")


@pytest.fixture(scope="module")
def simulated():
    """name -> its profile on the simulated board, without an agent in between."""
    made = {}

    def make(name):
        if name not in made:
            engine = SimulatedEngine({**find("sim:khadas-vim3").engine_settings()[1], "pace": 0.0})
            made[name] = profile_by(engine, open_model(name).graph, runs=12)
        return made[name]

    return make


def profile_by(engine, graph, *, runs, seed=0):
    """What an engine measures, put together as a board does it."""
    collected = ProfileCollector(graph, BoardDescription.from_dict(engine.describe()), ProfileSettings(runs=runs))
    collected.begin_with(engine.load(graph.to_dict(), {}))

    def take(event, **fields):
        if event in ("sample", "transfer"):
            collected.take(event, fields)

    collected.finish(Profiled.from_dict(engine.profile(runs, 3, seed, take, lambda: False)), runs)
    return collected.value()


@pytest.mark.parametrize("name", PAPER)
def test_every_layer_of_the_papers_networks_has_a_reason(simulated, name):
    profile = simulated(name)
    found = explain(profile)
    assert [one.name for one in found.layers] == list(profile.graph.index)
    for one in found.layers:
        assert one.reason.endswith(".")
        assert one.verdict in ("CPU", "GPU", "noise")
        for on in one.devices:
            assert sum(on.shares.parts.values()) == pytest.approx(1)
    assert found.unknown == ()
    assert Explanation.from_dict(found.to_dict()) == found


@pytest.mark.parametrize("name", [name for name in PAPER if name != "alexnet"])
def test_the_simulated_board_shows_the_papers_finding(simulated, name):
    found = explain(simulated(name))
    rules = {clause.rule: clause.text for clause in found.findings}
    assert rules["large maps of convolutions"].startswith(
        "Large maps of convolutions prefer the GPU, small ones the CPU"
    )


@pytest.mark.parametrize("calibrated", [True, False])
def test_times_are_the_latency_models(simulated, calibrated):
    profile = simulated("squeezenet")
    found = explain(profile, calibrated=calibrated)
    model = LatencyModel.from_profile(profile, calibrated=calibrated)
    assert found.times == ("calibrated" if calibrated else "raw")
    times = np.array([[on.ms.median for on in one.devices] for one in found.layers])
    assert np.allclose(times, model.layer_ms)
    assert {device: scale.median for device, scale in found.scales.items()} == pytest.approx(dict(model.scales))


def test_the_simulated_engine_gives_peaks_that_say_what_they_are(simulated):
    for peaks in simulated("alexnet").peaks.values():
        assert peaks.gflops > 1
        assert peaks.gb_per_s > 1
        assert peaks.launch_ms > 0
        assert peaks.source.startswith("simulated")
    grouped = simulated("alexnet").kernels["CPU"]["conv2"]
    assert {kernel.name: kernel.launches for kernel in grouped}["gemm"] == 2


def test_an_imported_profile_says_what_cannot_be_known(tmp_path):
    rows = [f"l{place},{device},{1 + place + (device == 'GPU')}" for place in range(9) for device in ("CPU", "GPU")]
    (tmp_path / "t.csv").write_text("\n".join(["layer,device,time_ms", *rows]))
    found = explain(import_layers(tmp_path / "t.csv"))
    assert any(text.startswith("operators: ") for text in found.unknown)
    assert any(text.startswith("kernels on GPU: ") for text in found.unknown)
    assert {one.verdict for one in found.layers} == {"too few samples"}
    assert found.layers[0].reason.startswith("Imported layer whose operators are not known. ")
    assert found.layers[0].work.macs is None
    assert [one.name for one in found.attributes] == ["place"]
    assert found.findings[0].text.startswith("Whether large maps prefer a device is unknown")


def test_a_board_with_one_device_has_no_comparison(graph_of, profile_of, convolution):
    shape = (1, 4, 8, 8)
    found = explain(profile_of(graph_of([shape, convolution(shape, 4)]), {"CPU": {"layer a": [1.0]}}))
    assert (found.pair, found.attributes, found.findings) == (None, (), ())
    assert found.layers[0].verdict == "only CPU"


def test_any_two_of_several_devices(graph_of, profile_of, convolution):
    shape = (1, 4, 8, 8)
    times = {device: {"layer a": [ms] * 6} for device, ms in (("CPU", 1.0), ("GPU", 2.0), ("NPU", 4.0))}
    profile = profile_of(graph_of([shape, convolution(shape, 4)]), times)
    assert explain(profile).pair == ("CPU", "GPU")
    assert explain(profile, pair=("CPU", "NPU")).attributes[0].spots[0].ratio == 0.25
    for pair in (("CPU", "TPU"), ("CPU", "CPU")):
        with pytest.raises(ProfileError, match="CPU, GPU, NPU"):
            explain(profile, pair=pair)


def test_an_unknown_layer(simulated):
    with pytest.raises(ProfileError, match="nolayer"):
        explain(simulated("alexnet")).layer("nolayer")


@pytest.mark.parametrize("peaks", [{"NPU": (1.0, 1.0)}, {"CPU": (0.0, 1.0)}, {"CPU": (float("inf"), 1.0)}])
def test_impossible_peaks_are_refused(graph_of, profile_of, convolution, peaks):
    shape = (1, 4, 8, 8)
    graph = graph_of([shape, convolution(shape, 4)])
    with pytest.raises((ValueError, FileError)):
        Profile.from_dict(profile_of(graph, {"CPU": {"layer a": [1.0]}}, peaks=peaks).to_dict())


def test_two_equal_devices_are_seldom_called_different():
    """Drift and noise as on the published board, which samples of one second do not show."""
    settings = {**find("sim:khadas-vim3").engine_settings()[1], "pace": 0.0}
    settings["devices"] = dict.fromkeys(("CPU", "GPU"), settings["devices"]["CPU"])
    graph = open_model("squeezenet").graph
    layers = called = 0
    for seed in range(12):
        found = explain(profile_by(SimulatedEngine(settings), graph, runs=20, seed=seed))
        layers += len(found.layers)
        called += sum(one.verdict != "noise" for one in found.layers)
        assert not [clause for clause in found.findings if clause.text.startswith(("The GPU does", "Large"))]
    assert called <= 0.05 * layers
