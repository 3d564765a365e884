"""Quantized networks. Nothing yet."""

from .network import Network


def fold(network: Network) -> None:
    """Fold in place."""
