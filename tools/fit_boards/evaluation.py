"""How well a fit predicts: per layer and network, in sample and with the network left out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Prediction(NamedTuple):
    """One network on one device: measured and predicted ms of each layer, [layers]."""

    measured: NDArray[np.float64]
    predicted: NDArray[np.float64]

    @property
    def total_error(self) -> float:
        """Relative error of the sum of the layers."""
        return float(self.predicted.sum() / self.measured.sum() - 1.0)

    @property
    def layer_error(self) -> float:
        """Mean absolute relative error of the layers."""
        return float(np.abs(self.predicted / self.measured - 1.0).mean())


def faster_right(cpu: Prediction, gpu: Prediction) -> float:
    """The share of the time (each layer at its faster device) of the layers whose faster device is predicted right."""
    right = (cpu.predicted < gpu.predicted) == (cpu.measured < gpu.measured)
    weight = np.minimum(cpu.measured, gpu.measured)
    return float(weight[right].sum() / weight.sum())
