"""Model files: one reader per format, and the one way to open any of them."""

from .bundled import BundledModel, bundled_models
from .open_model import open_model

__all__ = ["BundledModel", "bundled_models", "open_model"]
