"""Model files: one reader per format, and the one way to open any of them."""

from .bundled import BundledModel, bundled_models
from .model_source import open_model

__all__ = ["BundledModel", "bundled_models", "open_model"]
