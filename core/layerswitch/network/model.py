"""Model: a network together with its constants, which are read only when asked for."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .graph import LayerGraph, Level


class Constants(Protocol):
    """Name -> array, in the file's layout and dtype, C-contiguous. Nothing is read before it is asked for or kept.

    `__getitem__` raises KeyError for a name that is no constant, ModelError when the file no longer holds it.
    """

    def __getitem__(self, name: str) -> np.ndarray[Any, np.dtype[Any]]: ...


@dataclass(frozen=True)
class Model:
    """A network: its graph, the constants that `graph.constants` names, and the file both came from."""

    graph: LayerGraph
    constants: Constants
    path: Path | None = None

    def regrouped(self, level: Level) -> "Model":
        """The same network at another level ("operator", "layer" or "block")."""
        if self.graph.level == level:
            return self
        # grouping reads graphs of any level; imported here so that reading a file does not need it
        from .grouping import group

        return replace(self, graph=group(self.graph, level))
