"""The cost model's parts: which kernels an operator becomes, and what work costs on a device."""

import math
import tomllib

import numpy as np
import pytest

from layerswitch import resources
from layerswitch.agent.engines.simulated import kernels
from layerswitch.agent.engines.simulated.device_model import Coefficients
from layerswitch.agent.engines.simulated.kernel_work import FAMILIES, Library, Table, Work
from layerswitch.agent.operator_shapes import as_map

CPU, GPU = Library("cpu"), Library("gpu")


def operator(kind, source, target, **attributes):
    """An operator and its tensors, from NCHW shapes."""
    tensors = {
        "x": {"name": "x", "shape": source, "dtype": "float32"},
        "y": {"name": "y", "shape": target, "dtype": "float32"},
    }
    return {"name": "o", "type": kind, "inputs": ["x"], "outputs": ["y"], "attributes": attributes}, tensors


def works(kind, source, target, library=CPU, **attributes):
    one, tensors = operator(kind, source, target, **attributes)
    return kernels.works(one, tensors, "NCHW", library)


def names(*arguments, **attributes):
    return [work.name for work in works(*arguments, **attributes)]


@pytest.fixture(scope="module")
def devices():
    with (resources.assets() / "boards" / "khadas-vim3.toml").open("rb") as file:
        tables = tomllib.load(file)["devices"]
    return {device: Coefficients.from_dict(table) for device, table in tables.items()}


WINOGRAD = ["winograd input transform", "winograd gemm", "winograd output transform"]


def test_convolutions_become_the_kernels_the_library_chooses():
    assert names("Convolution", [1, 64, 28, 28], [1, 64, 28, 28], kernel=[1, 1]) == ["gemm"]
    assert names("Convolution", [1, 64, 28, 28], [1, 64, 28, 28], kernel=[3, 3], strides=[1, 1]) == WINOGRAD
    assert names("Convolution", [1, 64, 28, 28], [1, 64, 14, 14], kernel=[3, 3], strides=[2, 2]) == ["im2col", "gemm"]
    assert names("Convolution", [1, 3, 28, 28], [1, 64, 28, 28], kernel=[3, 3]) == ["im2col", "gemm"]
    assert names("Convolution", [1, 64, 17, 17], [1, 64, 17, 17], kernel=[1, 7]) == WINOGRAD
    assert names("Convolution", [1, 64, 28, 28], [1, 64, 28, 28], kernel=[5, 5]) == ["im2col", "gemm"]
    assert names("Convolution", [1, 64, 28, 28], [1, 64, 28, 28], kernel=[3, 3], group=64) == ["depthwise"]
    assert names("Convolution", [1, 2048, 1, 1], [1, 1000, 1, 1], kernel=[1, 1]) == ["gemv"]
    narrow = Library("cpu", (16, 63))
    assert names("Convolution", [1, 64, 28, 28], [1, 64, 28, 28], narrow, kernel=[3, 3]) == ["im2col", "gemm"]


def test_groups_run_one_after_the_other():
    found = names("Convolution", [1, 96, 27, 27], [1, 256, 27, 27], kernel=[5, 5], group=2)
    assert found == ["im2col", "gemm", "im2col", "gemm", "concat"]


def test_a_products_work_is_its_multiply_accumulates_in_whole_tiles():
    (gemm,) = works("Convolution", [1, 30, 8, 8], [1, 24, 8, 8], kernel=[1, 1])
    assert gemm.units == 64 * 30 * 24
    assert (gemm.weights, gemm.depth, gemm.columns, gemm.passes) == (30 * 24 * 4, 30, 24, 8)
    (tall,) = works("Convolution", [1, 30, 7, 7], [1, 25, 7, 7], kernel=[1, 1])
    assert tall.units == 56 * 30 * 36


def test_winograd_multiplies_less():
    attributes = {"kernel": [3, 3], "strides": [1, 1]}
    products = works("Convolution", [1, 64, 56, 56], [1, 96, 56, 56], GPU, **attributes)
    assert products[1].units == 36 * 14 * 14 * 64 * 96
    assert products[1].units == pytest.approx(56 * 56 * 64 * 96 * 9 / 4)


def test_layouts_mean_the_same_work():
    one, tensors = operator("MaxPool", [1, 8, 6, 10], [1, 8, 3, 5], kernel=[2, 2], strides=[2, 2])
    turned = {
        name: {**tensor, "shape": [tensor["shape"][place] for place in (0, 2, 3, 1)]}
        for name, tensor in tensors.items()
    }
    assert kernels.works(one, tensors, "NCHW", CPU) == kernels.works(one, turned, "NHWC", CPU)


@pytest.mark.parametrize("shape", [[], [7], [2, 7], [1, 7, 3], [1, 7, 3, 2], [1, 2, 3, 4, 5]])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_maps_keep_every_element(shape, layout):
    found = as_map({"shape": shape, "dtype": "int8"}, layout)
    assert (found.elements, found.bytes) == (math.prod(shape), math.prod(shape))


@pytest.mark.parametrize("kind", sorted(kernels.KNOWN))
def test_every_known_operator_costs_something_on_both_devices(kind, devices):
    one, tensors = operator(kind, [1, 32, 8, 8], [1, 32, 8, 8], units=32)
    if kind == "MatMul":
        tensors["z"] = tensors["x"]
        one["inputs"] = ["x", "z"]
    assert not kernels.unsupported(one)
    for device in devices.values():
        times = device.times(Table(kernels.works(one, tensors, "NCHW", device.library)))
        assert len(times) >= 1
        assert np.isfinite(times).all()
        assert (times > 0).all()


@pytest.mark.parametrize("device", ["CPU", "GPU"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("field", ["units", "stream", "weights"])
def test_more_work_never_takes_less_time(device, family, field, devices):
    base = Work("w", family, 1e6, 1e5, 1e5, 64, 64, 16)
    sizes = [base._replace(**{field: getattr(base, field) * factor}) for factor in (0.01, 1, 2, 100)]
    assert (np.diff(devices[device].times(Table(sizes))) >= 0).all()


def test_the_formula_is_the_documented_one(devices):
    gpu = devices["GPU"]
    work = Work("gemm", "gemm", 5e7, 2e6, 4e6, 512, 2048, 13)
    crowding = (work.weights / gpu.cache_bytes) ** gpu.cache_steepness
    idle = 1 + gpu.idle_gemm * gpu.half_rows / (gpu.half_rows + 13)
    per_unit = 1 / gpu.rates["gemm"] + crowding / (1 + crowding) / gpu.refetch_rate
    compute = 5e7 * per_unit * (1 + gpu.half_depth / 512) * idle
    memory = 2e6 / gpu.stream_bytes_per_ms + 4e6 / gpu.weight_bytes_per_ms
    expected = gpu.launch_ms + (compute**gpu.overlap + memory**gpu.overlap) ** (1 / gpu.overlap)
    assert gpu.times(Table([work]))[0] == pytest.approx(expected)


def test_long_work_tells_how_far_it_is_however_long_it_takes(monkeypatch):
    """A hundredth of ten million inferences takes minutes: progress goes by the clock as well."""
    from layerswitch.agent.engines.simulated import engine

    clock, told = iter(range(1000)), []
    monkeypatch.setattr(engine.time, "monotonic", lambda: next(clock) * 0.05)
    progress = engine._Progress(lambda _event, **fields: told.append(fields["done"]), 10_000_000)
    for _ in range(40):
        progress.step("running")
    assert len(told) >= 5
    assert told == sorted(told)
