"""Activations that the file has fused to another operator."""

from typing import Any

from .records import ACTIVATIONS

FUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "RELU": ("Relu", {}),
    "RELU6": ("Clip", {"min": 0.0, "max": 6.0}),
    "RELU_N1_TO_1": ("Clip", {"min": -1.0, "max": 1.0}),
    "TANH": ("Tanh", {}),
    "SIGN_BIT": ("SIGN_BIT", {"unknown": True}),
}


def fused(number: int) -> tuple[str, dict[str, Any]] | None:
    """Type and attributes of a fused activation, None for none."""
    name = ACTIVATIONS.get(number, f"ACTIVATION_{number}")
    return None if name == "NONE" else FUSED.get(name, (name, {"unknown": True}))
