"""When a plan may be called optimal."""

TOLERANCE = 1e-9
"""Of the predicted latency; a cut or a table proves about 1e-13."""


def proven(predicted_ms: float, lower_bound_ms: float) -> bool:
    """Whether the bound equals the prediction, to rounding."""
    return predicted_ms - lower_bound_ms <= TOLERANCE * predicted_ms
