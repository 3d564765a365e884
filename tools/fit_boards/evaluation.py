"""How well a fit predicts: per layer and network, in sample and with the network left out; and what switching gains."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import boards, published


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


Predictions = dict[tuple[str, str, str], Prediction]  # (board, network, device)


def of_fit(fitted: dict[str, dict[str, boards.Fitted]], networks: Sequence[str]) -> Predictions:
    """What a fit predicts of some networks."""
    found = {}
    for board, devices in fitted.items():
        for device, one in devices.items():
            predicted = one.case.predict(one.values)
            for name in networks:
                mine = one.case.network_of == name
                found[board, name, device] = Prediction(one.case.measured[mine], predicted[mine])
    return found


def left_out(data: boards.Data) -> Predictions:
    """Every network predicted by a fit to the others, on both boards."""
    found: Predictions = {}
    for name in published.NETWORKS:
        fitted = boards.fit(data, [other for other in published.NETWORKS if other != name])
        found.update(of_fit(fitted, [name]))
    return found


def faster_right(cpu: Prediction, gpu: Prediction) -> float:
    """The share of the time (each layer at its faster device) of the layers whose faster device is predicted right."""
    right = (cpu.predicted < gpu.predicted) == (cpu.measured < gpu.measured)
    weight = np.minimum(cpu.measured, gpu.measured)
    return float(weight[right].sum() / weight.sum())


def cost(
    order: str, layers: dict[str, NDArray[np.float64]], sizes: Sequence[float], moves: dict[tuple[str, str], tuple]
) -> float:
    """Ms of a chain of layers run in `order` ("GGBB": B is the CPU); `sizes[i]` are the bytes layer i hands on.

    `layers[device]` are ms, [layers]; `moves[from, to]` are (fixed ms, ms per byte).
    """
    plan = ["GPU" if letter == "G" else "CPU" for letter in order]
    total = sum(layers[device][place] for place, device in enumerate(plan))
    for place in range(1, len(plan)):
        if plan[place] != plan[place - 1]:
            fixed, per_byte = moves[plan[place - 1], plan[place]]
            total += fixed + per_byte * sizes[place - 1]
    return float(total)


def best_order(
    layers: dict[str, NDArray[np.float64]], sizes: Sequence[float], moves: dict[tuple[str, str], tuple]
) -> str:
    """The cheapest order of a chain, by dynamic programming: the best way to end each layer on each device."""
    letters = {"CPU": "B", "GPU": "G"}
    best = {device: (float(layers[device][0]), letters[device]) for device in letters}
    for place in range(1, len(sizes)):
        step = {}
        for device, letter in letters.items():
            ways = []
            for before, (ms, order) in best.items():
                fixed, per_byte = (0.0, 0.0) if before == device else moves[before, device]
                ways.append((ms + fixed + per_byte * sizes[place - 1] + float(layers[device][place]), order + letter))
            step[device] = min(ways)
        best = step
    return min(best.values())[1]
