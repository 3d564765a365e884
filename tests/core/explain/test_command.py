"""`layerswitch explain`, as people and programs call it."""

import json

import pytest
from command_line import layerswitch
from msgspec.structs import replace

from layerswitch import serialization
from layerswitch.measurement.profile import Peaks, Profile


@pytest.fixture(scope="module")
def path(tmp_path_factory, graph_of, profile_of, convolution):
    shape = (1, 16, 28, 28)
    graph = graph_of([shape, convolution(shape, 32), ("Relu", {}, (1, 32, 28, 28), {})])
    times = {
        "CPU": {"layer a": [1.0] * 6, "layer b": [0.5] * 6},
        "GPU": {"layer a": [2.0] * 6, "layer b": [0.2] * 6},
    }
    kernels = {"GPU": {"layer a": [("im2col", 1.5), ("gemm_mm", 0.5)]}, "CPU": {"layer a": [("gemm_mm", 1.0)]}}
    profile = profile_of(
        graph, times, kernels=kernels, peaks={"CPU": (40.0, 8.0)}, baselines={"CPU": [3.0] * 6, "GPU": [2.2] * 6}
    )
    path = tmp_path_factory.mktemp("explain") / "p.json"
    serialization.save(path, profile)
    return path


def test_a_network(path):
    done = layerswitch("explain", path, "--reasons")
    assert done.returncode == 0, done.stderr
    assert "calibrated medians: CPU x 2.0000, GPU x 1.0000 (measured times)" in done.stdout
    assert "784 x 32 x 144" in done.stdout
    assert "Attainable on CPU: 40.0 GFLOP/s and 8.00 GB/s, meeting at 5.0 FLOP/byte" in done.stdout
    assert "Attainable on GPU: at least " in done.stdout
    assert "map size" in done.stdout
    assert "layer b: Relu, no multiply-accumulates, 0.201 MB moved" in done.stdout
    assert "Not known: peaks of GPU" in done.stdout


def test_a_layer_raw(path):
    done = layerswitch("explain", path, "layer a", "--raw")
    assert done.returncode == 0, done.stderr
    assert "raw medians (measured times)" in done.stdout
    assert "75% data movement, 25% arithmetic" in done.stdout
    assert done.stdout.endswith(
        "The CPU takes 1.00 ms, the GPU 2.00 ms, 2.00 times as long: the GPU spends 75 % of 2.00 ms on spreading the "
        "input out for the product (im2col) (none on the CPU); the CPU kernel is direct.\n"
    )


def test_a_layer_stands_beside_the_roofs(path):
    done = layerswitch("explain", path, "layer a", "--raw").stdout
    assert "Attainable on CPU: 40.0 GFLOP/s and 8.00 GB/s, meeting at 5.0 FLOP/byte" in done
    cpu = next(line for line in done.splitlines() if line.startswith("CPU "))
    assert " 7.23 " in cpu
    assert "18%" in cpu  # of 40
    one = json.loads(layerswitch("explain", path, "layer a", "--json").stdout)
    assert [roof["device"] for roof in one["rooflines"]] == ["CPU", "GPU"]
    assert one["rooflines"][0]["gflops"] == 40.0
    assert not one["rooflines"][0]["points"]


def test_json(path):
    whole = json.loads(layerswitch("explain", path, "--json").stdout)
    assert whole["schema"] == "layerswitch/explanation/1"
    assert [one["verdict"] for one in whole["layers"]] == ["noise", "GPU"]  # 2 and 2 ms, 1 and 0.2
    one = json.loads(layerswitch("explain", path, "layer a", "--json").stdout)
    assert one["layer"] == whole["layers"][0]
    assert one["board"]["origin"] == "measured"
    assert one["times"] == "calibrated"


def test_rates_of_a_slow_board_keep_their_digits(path, tmp_path):
    profile = serialization.load(path, Profile)
    slow = replace(profile, peaks={"CPU": Peaks(0.0343, 0.0394, 0.037)})
    serialization.save(tmp_path / "slow.json", slow)
    done = layerswitch("explain", tmp_path / "slow.json").stdout
    assert (
        "Attainable on CPU: 0.0343 GFLOP/s and 0.0394 GB/s, meeting at 0.9 FLOP/byte; a kernel takes 0.037 ms" in done
    )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("absent.json",), "absent.json"),
        (("{path}", "layer z"), "layer z"),
        (("{path}", "--devices", "CPU"), "--devices"),
        (("{path}", "--devices", "CPU,TPU"), "TPU"),
        ((__file__,), "not a LayerSwitch profile"),
    ],
)
def test_bad_input_is_one_line(path, arguments, word):
    done = layerswitch("explain", *(text.format(path=path) for text in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
