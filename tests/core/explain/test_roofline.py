import pytest

from layerswitch.explain import assigned, explain


@pytest.fixture
def two(graph_of, convolution):
    before = (1, 16, 28, 28)
    first = convolution(before, 32)
    return graph_of([before, first, convolution(first[2], 8, kernel=1), ("Relu", {}, (1, 8, 28, 28), {})])


def samples(times):
    return {device: {f"layer {name}": [ms] * 6 for name, ms in zip("abc", row, strict=True)} for device, row in times}


def test_measured_roofs(two, profile_of):
    times = samples([("CPU", (1.0, 2.0, 3.0)), ("GPU", (2.0, 1.0, 3.0))])
    found = explain(profile_of(two, times, peaks={"CPU": (40.0, 8.0, None, "benchmark")})).rooflines
    cpu, gpu = found
    assert (cpu.measured, cpu.source, cpu.ridge) == (True, "benchmark", 5.0)
    assert (cpu.roof(1.0), cpu.roof(5.0), cpu.roof(100.0)) == (8.0, 40.0, 40.0)
    macs = 28 * 28 * 32 * 16 * 9
    moved = 4 * (28 * 28 * (16 + 32) + 32 * 16 * 9 + 32)
    assert [point.layer for point in cpu.points] == ["layer a", "layer b"]  # a Relu has no place here
    assert cpu.points[0].intensity == pytest.approx(2 * macs / moved)
    assert cpu.points[0].gflops == pytest.approx(2 * macs / 1.0 / 1e6)
    assert not gpu.measured
    assert gpu.gflops == max(point.gflops for point in gpu.points)
    widest = 4 * (28 * 28 * (32 + 8) + 32 * 8 + 8) / 1.0  # layer b's bytes in 1 ms
    assert gpu.gb_per_s == pytest.approx(widest / 1e6)
    assert "no peaks" in gpu.source


def test_roofs_of_half_a_benchmark_are_not_taken_as_measured(two, profile_of):
    times = samples([("CPU", (1.0, 2.0, 3.0))])
    assert not explain(profile_of(two, times, peaks={"CPU": (40.0,)})).rooflines[0].measured


def test_after_assignment_each_layer_is_under_one_roof(two, profile_of):
    times = samples([("CPU", (1.0, 2.0, 3.0)), ("GPU", (2.0, 1.0, 3.0))])
    before = explain(profile_of(two, times)).rooflines
    after = assigned(before, {"layer a": "GPU", "layer b": "CPU", "layer c": "CPU"})
    assert [[point.layer for point in one.points] for one in after] == [["layer b"], ["layer a"]]
    assert [one.roof(2.0) for one in after] == [one.roof(2.0) for one in before]


def test_no_layer_that_multiplies_no_roof(graph_of, profile_of):
    graph = graph_of([(1, 4, 8, 8), ("Relu", {}, (1, 4, 8, 8), {})])
    one = explain(profile_of(graph, {"CPU": {"layer a": [1.0]}})).rooflines[0]
    assert (one.points, one.gflops, one.ridge, one.roof(1.0)) == ((), None, None, None)
