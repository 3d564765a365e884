"""The order of the bars, whatever devices there are."""

import numpy as np

from layerswitch_gui.views.charts.latency_data import Readings

NONE = float("nan")


def readings(times: list[list[float]]) -> Readings:
    table = np.array(times)
    return Readings(tuple(f"l{i}" for i in range(len(times))), ("CPU", "GPU", "NPU"), table, table, table)


def test_the_difference_is_that_of_all_devices() -> None:
    found = readings([[1.0, 9.0, 1.0], [1.0, 2.0, 4.0], [5.0, 5.0, 5.0]])
    assert found.order("difference", np.zeros(3, dtype=np.intp)).tolist() == [0, 1, 2]


def test_a_device_that_cannot_run_a_layer_makes_no_difference() -> None:
    found = readings([[1.0, NONE, NONE], [1.0, 2.0, NONE], [NONE, 5.0, 9.0]])
    assert found.order("difference", np.zeros(3, dtype=np.intp)).tolist() == [2, 1, 0]
