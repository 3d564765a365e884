"""LayerSwitch: profile, plan, edit and rerun CPU-GPU layer-switched inference. No Qt anywhere in this package.

From a model file to a measured plan; examples elsewhere in the package go on from here. Times are in ms. What a program
of one's own starts from is found here, and loaded when it is first asked for.

>>> from layerswitch import Board, LatencyModel, open_model, plan
>>> from layerswitch.boards.registry import find
>>> model = open_model("squeezenet")
>>> board = Board.connect(find("sim:khadas-vim3"))
>>> profile = board.profile(model).whole()
>>> latency = LatencyModel.from_profile(profile)
>>> best = plan(latency, profile.board)
>>> best.letters, best.switches, best.optimal
('GGGGGGGGGGGGGGGGGGGGGCCCCCCCCCCCCCCCCCC', 1, True)
>>> run = board.run(model, best.assignment).whole()

`board.close()` ends the connection; `with Board.connect(...) as board:` does so by itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .boards.board import Board
    from .experiments.compare import compare
    from .experiments.refine import refine
    from .measurement.profile import Profile
    from .network.assignment import Assignment
    from .network.formats import open_model
    from .network.grouping import group
    from .planner.greedy import greedy
    from .planner.optimum import plan
    from .planner.stability import stability
    from .planner.switch_curve import CurvePoint, switch_curve
    from .prediction.latency_model import LatencyModel

__version__ = "0.1.0"

__all__ = [
    "Assignment",
    "Board",
    "CurvePoint",
    "LatencyModel",
    "Profile",
    "compare",
    "greedy",
    "group",
    "open_model",
    "plan",
    "refine",
    "stability",
    "switch_curve",
]

_HOMES = {
    "Assignment": "network.assignment",
    "Board": "boards.board",
    "CurvePoint": "planner.switch_curve",
    "LatencyModel": "prediction.latency_model",
    "Profile": "measurement.profile",
    "compare": "experiments.compare",
    "greedy": "planner.greedy",
    "group": "network.grouping",
    "open_model": "network.formats",
    "plan": "planner.optimum",
    "refine": "experiments.refine",
    "stability": "planner.stability",
    "switch_curve": "planner.switch_curve",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
