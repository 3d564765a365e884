"""Fits one device's coefficients: weighted least squares on logarithms, held to a prior.

Coefficients are positive, so their logarithms are fitted. Residuals are the logarithm of predicted over measured time,
per layer, per network (the sum of its layers) and, where published, per operator. The prior keeps coefficients that the
data says little of (depthwise, sigmoid) near what the device's peak and memory allow.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from layerswitch.agent.engines.simulated.device_model import Coefficients
from layerswitch.agent.engines.simulated.kernel_work import FAMILIES, Library, Table, Work
from layerswitch.agent.engines.simulated.kernels import works

SCALARS = (
    "launch_ms", "stream_bytes_per_ms", "weight_bytes_per_ms", "overlap", "half_depth", "half_rows", "idle_gemm",
    "idle_winograd", "half_columns", "refetch_rate", "cache_bytes", "cache_steepness",
)  # fmt: skip
NAMES = SCALARS + FAMILIES
# How far from the measurement, as a logarithm, still counts as right: layers, whole networks, operators, and the ratio
# of two devices' times, which decides where a layer goes.
LAYER_SPREAD, NETWORK_SPREAD, OPERATOR_SPREAD, RATIO_SPREAD = 0.14, 0.04, 0.4, 0.07


class Prior(NamedTuple):
    """Where coefficients are believed to lie: `center` and `spread` of their logarithms, [coefficients]; `free` are
    the places of those fitted, the others stay at their centre (0 where the term is switched off)."""

    values: NDArray[np.float64]
    spread: NDArray[np.float64]
    library: Library

    @property
    def free(self) -> NDArray[np.intp]:
        """Places of the coefficients that are fitted."""
        return np.flatnonzero((self.spread > 0) & (self.values > 0))

    def shifted(self, values: NDArray[np.float64], factors: dict[str, float], shrink: float) -> "Prior":
        """This prior about another device's fitted `values`, times `factors`, with spreads shrunk."""
        moved = np.array([values[place] * factors.get(name, 1.0) for place, name in enumerate(NAMES)])
        return self._replace(values=moved, spread=self.spread * shrink)


def coefficients(values: NDArray[np.float64], library: Library, whole_run_factor: float = 1.0) -> Coefficients:
    """The engine's form of fitted values."""
    scalars = {name: float(value) for name, value in zip(SCALARS, values, strict=False)}
    rates = {name: float(value) for name, value in zip(FAMILIES, values[len(SCALARS) :], strict=True)}
    return Coefficients(library=library, whole_run_factor=whole_run_factor, rates=rates, **scalars)


class Case:
    """What is fitted: networks as work, and the measured ms of their layers (and operators)."""

    def __init__(
        self,
        networks: dict[str, dict[str, Any]],
        measured: dict[str, dict[int, list[float]]],
        library: Library,
        operators: dict[str, list[float]] | None = None,
    ) -> None:
        listed: list[Work] = []
        layer_of, operator_of, operator_ms, self.keys, operator_layer = [], [], [], [], []
        for name, graph in networks.items():
            place = 0
            for index, layer in enumerate(graph["layers"]):
                self.keys.append((name, index))
                for operator in layer["operators"]:
                    for work in works(operator, graph["tensors"], graph["layout"], library):
                        listed.append(work)
                        layer_of.append(len(self.keys) - 1)
                        operator_of.append(len(operator_layer))
                    operator_layer.append(len(self.keys) - 1)
                    operator_ms.append(operators[name][place] if operators else np.nan)
                    place += 1
        self.works, self.table, self.library = listed, Table(listed), library
        self.layer_of, self.operator_of = np.array(layer_of), np.array(operator_of)
        self.measured = np.array([float(np.median(measured[name][index])) for name, index in self.keys])
        self.network_of = np.array([name for name, _ in self.keys])
        self.operator_ms = np.array(operator_ms)
        self.operator_network = self.network_of[np.array(operator_layer)]

    def predict(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predicted ms of every layer, [layers]."""
        return np.bincount(self.layer_of, coefficients(values, self.library).times(self.table), len(self.keys))

    def residuals(self, values: NDArray[np.float64], train: list[str]) -> tuple[list[Any], NDArray[np.float64]]:
        """What is wrong with the prediction of the `train` networks, in spreads; and log(predicted / measured) of
        their layers, [layers of train]."""
        times = coefficients(values, self.library).times(self.table)
        layers = np.bincount(self.layer_of, times, len(self.keys))
        errors = np.log(layers / self.measured)[np.isin(self.network_of, train)]
        parts = [errors / LAYER_SPREAD]
        for name in train:
            mine = self.network_of == name
            parts.append([np.log(layers[mine].sum() / self.measured[mine].sum()) / NETWORK_SPREAD])
        known = np.isin(self.operator_network, train) & np.isfinite(self.operator_ms)
        if known.any():
            each = np.bincount(self.operator_of, times, len(self.operator_ms))[known]
            # An operator of a tenth of a millisecond says as little as it costs.
            weight = np.minimum(1.0, np.sqrt(self.operator_ms[known])) / OPERATOR_SPREAD
            parts.append(np.log(each / self.operator_ms[known]) * weight)
        return parts, errors


def fit(cases: dict[str, Case], priors: dict[str, Prior], train: list[str]) -> dict[str, NDArray[np.float64]]:
    """Device -> the values, [coefficients], that explain the `train` networks best on all devices of a board.

    The devices are fitted together, as what matters most for switching is the ratio of their times.
    """
    free = {device: prior.free for device, prior in priors.items()}
    starts = {device: np.log(prior.values[free[device]]) for device, prior in priors.items()}
    spreads = {device: prior.spread[free[device]] for device, prior in priors.items()}
    cuts = np.cumsum([len(start) for start in starts.values()])[:-1]

    def values_of(logs: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        found = {}
        for device, part in zip(priors, np.split(logs, cuts), strict=True):
            found[device] = priors[device].values.copy()
            found[device][free[device]] = np.exp(part)
        return found

    def residuals(logs: NDArray[np.float64]) -> NDArray[np.float64]:
        parts: list[Any] = []
        errors = []
        for device, values in values_of(logs).items():
            wrong, error = cases[device].residuals(values, train)
            parts += wrong
            errors.append(error)
        parts += [(error - errors[0]) / RATIO_SPREAD for error in errors[1:]]
        parts.append((logs - start) / spread)
        return np.concatenate(parts)

    start, spread = np.concatenate(list(starts.values())), np.concatenate(list(spreads.values()))
    return values_of(least_squares(residuals, start, x_scale=spread, loss="soft_l1").x)
