"""Noise: how a simulated time differs from run to run.

Each device drifts slowly (temperature, background load): an AR(1) process in simulated time, shared by everything that
runs there. Each layer's time jitters by itself, log-normally, and now and then a layer is interrupted. All is drawn
from a seeded generator, and all factors have a median of one, so that no assignment is favoured.
"""

import math
from typing import Any, Dict, Optional

import numpy as np

from .device_model import number


class Noise:
    """The noise of one device. `jitter` and `drift` are relative standard deviations, `outliers` their probability
    per layer and inference, `outlier_size` how much longer one takes, `drift_seconds` how long a drift lasts."""

    def __init__(self, settings: Dict[str, Any]) -> None:
        self.jitter = number(settings, "jitter")
        self.drift = number(settings, "drift")
        self.drift_seconds = number(settings, "drift_seconds", positive=True)
        self.outliers = number(settings, "outliers")
        self.outlier_size = number(settings, "outlier_size")
        self._state: Optional[float] = None

    def step(self, rng: np.random.Generator, seconds: float) -> float:
        """The drift's factor after `seconds` of simulated time."""
        fresh = float(rng.standard_normal())
        if self._state is None:
            self._state = fresh
        else:
            kept = math.exp(-seconds / self.drift_seconds)
            self._state = kept * self._state + math.sqrt(1.0 - kept * kept) * fresh
        return math.exp(self.drift * self._state)

    def jitters(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Factors of `count` times, [count]: log-normal with median one, rare outliers above."""
        factors = np.exp(self.jitter * rng.standard_normal(count))
        hit = rng.random(count) < self.outliers
        return factors * np.where(hit, 1.0 + self.outlier_size * rng.exponential(1.0, count), 1.0)
