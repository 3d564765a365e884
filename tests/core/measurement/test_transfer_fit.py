"""The fit of transfer costs gives back coefficients that are known."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerswitch.measurement.profile import TransferSample
from layerswitch.measurement.transfer_fit import _weighted_median, fit_cost, fit_transfers

SIZES = (1_000, 10_000, 100_000, 400_000, 1_000_000, 3_000_000, 8_000_000)


def priced(fixed, slope, floor=0.0, noise=0.0, repeats=7, seed=0, sizes=SIZES):
    generator = np.random.default_rng(seed)
    return [
        (size, max(floor, fixed + slope * size) * float(np.exp(noise * generator.standard_normal())))
        for size in sizes
        for _ in range(repeats)
    ]


@pytest.mark.parametrize(("fixed", "slope"), [(0.70, 0.353e-6), (0.94, 0.542e-6), (0.0, 1e-6), (2.0, 0.0)])
def test_exact_measurements_give_exact_coefficients(fixed, slope):
    cost = fit_cost("CPU", "GPU", priced(fixed, slope))
    assert (cost.source, cost.target) == ("CPU", "GPU")
    assert cost.fixed_ms == pytest.approx(fixed, abs=1e-9)
    assert cost.ms_per_byte == pytest.approx(slope, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_borne(seed):
    cost = fit_cost("CPU", "GPU", priced(0.70, 0.353e-6, noise=0.05, seed=seed))
    assert cost.fixed_ms == pytest.approx(0.70, rel=0.06)
    assert cost.ms_per_byte == pytest.approx(0.353e-6, rel=0.12)


@pytest.mark.parametrize("seed", range(20))
def test_a_quarter_of_gross_outliers_is_borne(seed):
    pairs = priced(0.94, 0.542e-6, noise=0.02, seed=seed)
    chosen = np.random.default_rng(seed).permutation(len(pairs))[: len(pairs) // 4]
    pairs = [(size, ms * 10 if place in chosen else ms) for place, (size, ms) in enumerate(pairs)]
    cost = fit_cost("GPU", "CPU", pairs)
    assert cost.of(20_000) == pytest.approx(0.95, rel=0.1)
    assert cost.of(3_000_000) == pytest.approx(2.566, rel=0.1)


def test_a_floor_is_found():
    sizes = (1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000, 4_000_000, 16_000_000)
    cost = fit_cost("CPU", "GPU", priced(0.1, 1e-6, floor=0.5, sizes=sizes))
    assert cost.floor_ms == pytest.approx(0.5)
    assert cost.fixed_ms == pytest.approx(0.1)
    assert cost.ms_per_byte == pytest.approx(1e-6)


def test_nothing_is_cheaper_than_what_was_seen():
    assert fit_cost("CPU", "GPU", [(100_000, 1.0), (200_000, 2.0), (400_000, 4.0)]).of(0) == pytest.approx(1.0)


def test_one_size_says_nothing_of_bytes():
    cost = fit_cost("CPU", "GPU", [(5, 1.0), (5, 3.0), (5, 2.0)])
    assert (cost.of(0), cost.of(10**9)) == (2.0, 2.0)


def test_directions_are_kept_apart():
    samples = [TransferSample("CPU", "GPU", *pair) for pair in priced(0.70, 0.353e-6)]
    samples += [TransferSample("GPU", "CPU", *pair) for pair in priced(0.94, 0.542e-6)]
    there, back = fit_transfers(samples)
    assert (there.source, back.source) == ("CPU", "GPU")
    assert there.of(1_000_000) == pytest.approx(1.053)
    assert back.of(1_000_000) == pytest.approx(1.482)
    assert fit_transfers([]) == ()


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0, 1e6)), min_size=1, max_size=40))
def test_any_measurements_give_a_cost_that_can_be_used(pairs):
    cost = fit_cost("a", "b", pairs)
    assert all(np.isfinite(value) and value >= 0 for value in (cost.fixed_ms, cost.ms_per_byte, cost.floor_ms))


@pytest.mark.skipif(not os.environ.get("LAYERSWITCH_DATA"), reason="LAYERSWITCH_DATA names no folder of measurements")
@pytest.mark.parametrize(("order", "fixed", "per_mb"), [("BG", 0.70, 0.353), ("GB", 0.94, 0.542)])
def test_the_measured_board_comes_out_as_published(order, fixed, per_mb):
    """The published figures are least squares, which large transfers rule; hence the wide margin on the fixed part."""
    with (Path(os.environ["LAYERSWITCH_DATA"]) / "rk3399_transfer_vs_size.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if (row["freq"], row["order"]) == ("Max", order)]
    pairs = [(27 * 27 * int(row["kernels"]) * 4, float(row["time_ms"])) for row in rows]
    cost = fit_cost("from", "to", pairs)
    assert cost.ms_per_byte * 1e6 == pytest.approx(per_mb, rel=0.02)
    assert cost.fixed_ms == pytest.approx(fixed, abs=0.2)
    assert np.mean([abs(cost.of(size) / ms - 1) for size, ms in pairs]) < 0.03


def test_a_half_is_a_half_in_binary_too():
    """Shares of the weight that add up to a half but for rounding, on either side of it."""
    random = np.random.default_rng(0)
    for _ in range(500):
        weights = random.random(3)
        both = np.concatenate([weights, random.permutation(weights)])
        assert _weighted_median(np.arange(6.0), both) == 2.5
