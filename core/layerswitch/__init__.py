"""LayerSwitch: profile, plan, edit and rerun CPU-GPU layer-switched inference. No Qt anywhere in this package.

From a model file to a measured plan; examples elsewhere in the package go on from here. Times are in ms.

>>> from layerswitch.boards.board import Board
>>> from layerswitch.boards.registry import find
>>> from layerswitch.network.formats import open_model
>>> from layerswitch.planner import plan
>>> from layerswitch.prediction.latency_model import LatencyModel
>>> model = open_model("squeezenet")
>>> board = Board.connect(find("sim:khadas-vim3"))
>>> profile = board.profile(model)
>>> latency = LatencyModel.from_profile(profile)
>>> best = plan(latency, profile.board)
>>> best.letters, best.switches, best.optimal
('GGGGGGGGGGGGGGGGGGGGGCCCCCCCCCCCCCCCCCC', 1, True)
>>> run = board.run(model, best.assignment)

`board.close()` ends the connection; `with Board.connect(...) as board:` does so by itself.
"""

__version__ = "0.1.0"
