"""Tables: item models that know nothing of windows, and the views on them."""

from .layer_table import LayerTable

__all__ = ["LayerTable"]
