"""Each rule speaks when its numbers carry it, and is silent when they do not."""

import pytest

from layerswitch.explain import explain
from layerswitch.network.graph import Layer, LayerGraph

PEAKS = {"CPU": (40.0, 8.0, 0.1), "GPU": (60.0, 10.0, 0.2)}
DEPTHWISE = ("DepthwiseConvolution", {"kernel": [3, 3]}, (1, 16, 28, 28), {"weights": (16, 1, 3, 3)})
# The convolution 3x3, 16 -> 32 on 28 x 28 that `explained` makes: 7.2 MFLOP, 0.169 MB, 42.7 FLOP/byte.


def rules(one):
    return [clause.rule for clause in one.clauses]


def text(one, rule):
    return next((clause.text for clause in one.clauses if clause.rule == rule), None)


def test_the_whole_of_a_reason(explained):
    one = explained(
        {"CPU": 0.03, "GPU": 8.6},
        layer=DEPTHWISE,
        peaks={"CPU": (40.0, 8.0, 0.01), "GPU": (60.0, 10.0, 0.3)},
        kernels={"CPU": [("depthwise", 0.03)], "GPU": [("fill_border", 5.0), ("depthwise", 3.6)]},
    )
    assert one.verdict == "CPU"
    assert one.reason == (
        "Depthwise convolution 3x3, 2.24 FLOP/byte: memory-bound on the CPU, at only 0.1 % of what it can attain on "
        "the GPU. The CPU takes 0.0300 ms, the GPU 8.60 ms, 287 times as long: "
        "the GPU spends 55 % of 8.60 ms on border filling (none on the CPU); the CPU kernel is direct."
    )


def test_kind_and_intensity(explained, graph_of, profile_of):
    one = explained({"CPU": 1.0, "GPU": 2.0})
    assert text(one, "kind") == "Convolution 3x3 (784 x 32 x 144)"
    assert text(one, "intensity") == "42.7 FLOP/byte"
    relu = explained({"CPU": 1.0, "GPU": 2.0}, layer=("LeakyRelu", {}, (1, 16, 28, 28), {}))
    assert text(relu, "kind") == "Leaky relu"
    assert text(relu, "intensity") == "no multiply-accumulates, 0.100 MB moved"


@pytest.mark.parametrize(
    ("times", "peaks", "expected"),
    [
        ((0.2, 0.13), {"CPU": (40.0, 8.0), "GPU": (60.0, 10.0)}, "compute-bound on both"),
        ((0.2, 0.13), {"CPU": (400.0, 1.0), "GPU": (600.0, 2.0)}, "memory-bound on both"),
        ((0.2, 0.13), {"CPU": (400.0, 1.0), "GPU": (60.0, 10.0)}, "memory-bound on the CPU, compute-bound on the GPU"),
        ((5.0, 0.13), PEAKS, "at only 3.6 % of what it can attain on the CPU, compute-bound on the GPU"),
        ((5.0, 6.0), PEAKS, "reaches only 3.6 % of what the CPU can attain and 2.0 % of what the GPU can attain"),
        ((5.0, 6.0), {"CPU": (40.0, 8.0)}, None),
        ((5.0, 6.0), {}, None),
    ],
)
def test_bound(explained, times, peaks, expected):
    assert text(explained(dict(zip(("CPU", "GPU"), times, strict=True)), peaks=peaks), "bound") == expected


def test_what_multiplies_nothing_is_held_against_the_memory_alone(explained):
    relu = ("Relu", {}, (1, 16, 28, 28), {})
    one = explained({"CPU": 0.02, "GPU": 0.5}, layer=relu, peaks=PEAKS)
    assert text(one, "bound") == "memory-bound on the CPU, at only 2.0 % of what it can attain on the GPU"


def test_of_winograd_no_bound_by_arithmetic_is_claimed(explained):
    """35 % of the roof by its MACs are 16 % by what it multiplies: 2.25 times fewer for 2 x 2 outputs of 3 x 3."""
    kernels = {"CPU": [("gemm", 0.2)], "GPU": [("winograd input transform", 0.03), ("winograd gemm", 0.31)]}
    peaks = {"CPU": (40.0, 8.0), "GPU": (60.0, 10.0)}
    assert text(explained({"CPU": 0.2, "GPU": 0.34}, peaks=peaks, kernels=kernels), "bound") is None
    direct = {**kernels, "GPU": [("gemm", 0.34)]}
    assert text(explained({"CPU": 0.2, "GPU": 0.34}, peaks=peaks, kernels=direct), "bound") == "compute-bound on both"
    memory = {"CPU": (400.0, 1.0), "GPU": (600.0, 1.0)}  # bytes are bytes, however few multiplications are made of them
    assert text(explained({"CPU": 0.2, "GPU": 0.34}, peaks=memory, kernels=kernels), "bound") == "memory-bound on both"
    slow = explained({"CPU": 5.0, "GPU": 6.0}, peaks=peaks, kernels=kernels)
    assert text(slow, "bound") == "reaches only 3.6 % of what the CPU can attain and 2.0 % of what the GPU can attain"


def test_constants(explained):
    connected = ("FullyConnected", {"units": 100}, (1, 100), {"weights": (100, 16 * 28 * 28)})
    one = explained({"CPU": 1.0, "GPU": 2.0}, layer=connected)
    assert text(one, "constants") == "99 % of the bytes constants"
    assert one.reason.startswith("Fully connected (1 x 100 x 12544), 0.495 FLOP/byte, 99 % of the bytes constants. The")
    assert "constants" not in rules(explained({"CPU": 1.0, "GPU": 2.0}))


def test_overhead_needs_half_of_the_difference(explained):
    kernels = {"CPU": [("gemm", 1.0)], "GPU": [("im2col", 0.9), ("gemm", 1.1)]}
    one = explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels)
    assert "the GPU spends 45 % of 2.00 ms on spreading the input out" in text(one, "overhead")
    kernels["GPU"] = [("im2col", 0.4), ("gemm", 1.6)]
    assert "overhead" not in rules(explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels))


def test_overhead_that_both_have_is_no_reason(explained):
    kernels = {"CPU": [("im2col", 0.9), ("gemm", 0.1)], "GPU": [("im2col", 0.9), ("gemm", 1.1)]}
    one = explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels)
    assert "overhead" not in rules(one)
    assert text(one, "arithmetic") == "the computing itself takes 1.10 ms on the GPU, 0.100 ms on the CPU"


def test_launches_are_told_only_where_their_time_is_known(explained):
    kernels = {"CPU": [("gemm", 1.0)], "GPU": [("gemm", 2.0, 10)]}
    one = explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels, peaks={"CPU": (40, 8, 0.01), "GPU": (60, 10, 0.1)})
    assert text(one, "overhead") == "the GPU spends 50 % of 2.00 ms on launches (1.0 % on the CPU)"
    assert "overhead" not in rules(explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels))


def test_time_outside_of_kernels(explained):
    kernels = {"CPU": [("gemm", 1.0)], "GPU": [("gemm", 1.0)]}
    one = explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels)
    assert text(one, "overhead") == "the GPU spends 50 % of 2.00 ms outside of its kernels (none on the CPU)"


def test_nothing_is_said_of_parts_when_one_device_has_no_kernels(explained):
    one = explained({"CPU": 1.0, "GPU": 2.0}, kernels={"GPU": [("im2col", 1.5), ("gemm", 0.5)]})
    assert rules(one)[-2:] == ["preference", "unknown"]
    assert "does not tell why" in one.reason


def test_direct(explained):
    kernels = {"CPU": [("direct_convolution", 1.0)], "GPU": [("im2col", 0.3), ("gemm", 1.7)]}
    assert text(explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels), "direct") == "the CPU kernel is direct"
    kernels["GPU"] = [("im2col", 0.1), ("gemm", 1.9)]
    assert "direct" not in rules(explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels))
    kernels["CPU"] = [("im2col", 0.1), ("gemm", 0.9)]
    kernels["GPU"] = [("im2col", 0.5), ("gemm", 1.5)]
    assert "direct" not in rules(explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels))


def test_method(explained):
    winograd = [("winograd input transform", 0.2), ("winograd gemm", 0.8)]
    kernels = {"CPU": winograd, "GPU": [("gemm_mm", 2.0)]}
    assert text(explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels), "method") == (
        "the CPU runs it as Winograd, the GPU does not"
    )
    kernels = {"CPU": winograd, "GPU": [("winograd gemm", 2.0)]}
    assert "method" not in rules(explained({"CPU": 1.0, "GPU": 2.0}, kernels=kernels))


def test_roofs_speak_only_when_they_make_up_half_of_the_ratio(explained):
    peaks = {"CPU": (40.0, 8.0), "GPU": (60.0, 10.0)}
    one = explained({"CPU": 0.2, "GPU": 0.13}, peaks=peaks)
    assert text(one, "roofs") == "the GPU computes up to 60.0 GFLOP/s, the CPU 40.0"
    assert "roofs" not in rules(explained({"CPU": 0.5, "GPU": 0.13}, peaks=peaks))  # 1.5 does not make 3.8
    assert "roofs" not in rules(explained({"CPU": 0.13, "GPU": 0.2}, peaks=peaks))  # the other way round
    memory = explained({"CPU": 0.2, "GPU": 0.13}, peaks={"CPU": (400.0, 1.0), "GPU": (600.0, 2.0)})
    assert text(memory, "roofs") == "the GPU's memory gives up to 2.00 GB/s, the CPU's 1.00"


def test_unusual(graph_of, profile_of, convolution):
    shape, layers = (1, 16, 28, 28), [(1, 16, 28, 28)]
    layers += [convolution(shape, 16) for _ in range(5)]
    times = {device: {f"layer {name}": [1.0] * 6 for name in "abcde"} for device in ("CPU", "GPU")}
    times["GPU"]["layer e"] = [4.0] * 6
    one = explain(profile_of(graph_of(layers), times)).layer("layer e")
    assert text(one, "unusual") == (
        "the GPU reaches 0.903 GFLOP/s, 25 % of its median over layers of this type (100 % on the CPU)"
    )
    times["CPU"]["layer e"] = [3.9] * 6  # both do badly: nothing to do with the GPU
    assert "unusual" not in rules(explain(profile_of(graph_of(layers), times)).layer("layer e"))


def test_within_noise_no_reason_is_given(explained):
    wobbling = [1.0, 1.2, 0.9, 1.1, 1.0, 1.3, 0.8, 1.1]
    kernels = {"CPU": [("gemm", 1.0)], "GPU": [("im2col", 0.5), ("gemm", 0.5)]}
    one = explained({"CPU": wobbling, "GPU": [ms + 0.01 for ms in wobbling]}, kernels=kernels, peaks=PEAKS)
    assert one.verdict == "noise"
    assert rules(one) == ["kind", "intensity", "bound", "noise"]
    assert "within noise and there is nothing to explain" in one.reason


def test_calibration_widens_the_intervals_by_the_whole_runs_own(explained):
    samples = {"CPU": 1.0, "GPU": 1.1}
    assert explained(samples).verdict == "CPU"
    unsteady = {"CPU": [1.0, 1.3, 0.8, 1.2, 0.9, 1.0, 1.1], "GPU": [1.1] * 7}
    assert explained(samples, baselines=unsteady).verdict == "noise"


def test_a_few_samples_prove_nothing(explained):
    one = explained({"CPU": [1.0], "GPU": [5.0] * 5})
    assert one.verdict == "too few samples"
    assert one.reason.endswith(
        "CPU 1.00 ms (1 sample) and GPU 5.00 ms (5 samples): too few samples to tell a difference from noise, "
        "which takes 6 of each."
    )


def test_why_the_other_device_cannot(graph_of, profile_of, convolution):
    shape = (1, 16, 28, 28)
    graph = graph_of([shape, convolution(shape, 16)])
    missing = {"GPU": {"layer a": "no such kernel"}}
    one = explain(profile_of(graph, {"CPU": {"layer a": [1.0]}, "GPU": {}}, unsupported=missing)).layers[0]
    assert one.verdict == "only CPU"
    assert one.reason.endswith("Only the CPU runs it, in 1.00 ms (GPU: no such kernel).")


def test_equal_times_of_nothing(explained):
    one = explained({"CPU": 0.0, "GPU": 0.0}, kernels={"CPU": [("gemm", 0.0)], "GPU": [("gemm", 0.0)]}, peaks=PEAKS)
    assert one.verdict == "noise"
    one = explained({"CPU": 0.0, "GPU": 1.0}, kernels={"CPU": [("gemm", 0.0)], "GPU": [("gemm", 1.0)]}, peaks=PEAKS)
    assert "The CPU takes 0.00 ms, the GPU 1.00 ms" in one.reason


def test_of_a_block_of_products_no_bound_is_claimed(graph_of, profile_of, convolution):
    shape = (1, 16, 28, 28)
    graph = graph_of([shape, convolution(shape, 16), convolution(shape, 16)])
    first, second = graph.layers
    block = Layer("block", "Residual", first.inputs, second.outputs, first.operators + second.operators)
    graph = LayerGraph("net", (block,), graph.tensors, graph.inputs, graph.outputs, "block", constants=graph.constants)
    times = {"CPU": {"block": [0.2] * 6}, "GPU": {"block": [0.1] * 6}}
    one = explain(profile_of(graph, times, peaks=PEAKS)).layers[0]
    assert one.reason.startswith("Residual, at most 60.8 FLOP/byte. The GPU")
    assert not {"bound", "roofs"} & set(rules(one))


def test_what_drift_can_make_is_noise(explained):
    one = explained({"CPU": 1.0, "GPU": 1.034})
    assert one.verdict == "noise"
    assert "the intervals lie within 3.5 %, as drift can make, so the difference is within noise" in one.reason
    assert explained({"CPU": 1.0, "GPU": 1.036}).verdict == "CPU"
