import numpy as np
import pytest

from layerswitch.prediction.calibration import factors

NAN, INF = float("nan"), float("inf")


def test_a_factor_makes_layers_add_up_to_the_whole_network():
    layers = np.array([[1.0, 4.0], [2.0, 4.0]])
    assert factors(layers, np.array([6.0, 4.0])).tolist() == [2.0, 0.5]


@pytest.mark.parametrize(
    ("layers", "whole"),
    [
        ([1.0, 2.0], NAN),  # never measured
        ([1.0, INF], 3.0),  # a layer that cannot run there
        ([1.0, 2.0], 0.0),  # a clock too coarse for the whole network
        ([0.0, 0.0], 3.0),  # or for its layers
        ([1e-320, 0.0], 3.0),  # no factor in double precision
    ],
)
def test_where_nothing_can_be_said_there_is_no_factor(layers, whole):
    assert np.isnan(factors(np.array([layers]).T, np.array([whole]))).all()


def test_many_sessions_at_once():
    layers = np.array([[[1.0], [1.0]], [[2.0], [2.0]]])
    assert factors(layers, np.array([[4.0], [NAN]])).ravel().tolist() == pytest.approx([2.0, NAN], nan_ok=True)
