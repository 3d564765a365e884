"""Patterns of operators that mean one operator. None yet."""

from .network import Network


def replace(network: Network) -> None:
    """Replace them in place."""
