"""When a plan may be called optimal."""

RELATIVE = 1e-9
"""Of the predicted latency; a cut or a table proves about 1e-13."""
ABSOLUTE_MS = 1e-12
"""A femtosecond: for networks that take no time."""


def proven(predicted_ms: float, lower_bound_ms: float) -> bool:
    """Whether the bound equals the prediction, to rounding."""
    return predicted_ms - lower_bound_ms <= max(ABSOLUTE_MS, RELATIVE * predicted_ms)
