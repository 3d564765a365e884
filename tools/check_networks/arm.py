"""Networks on Arm NN: executed in any cut, compared tensor by tensor, and what the backends refuse."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from layerswitch.agent.engines.armnn.engine import ArmNNEngine
from layerswitch.agent.engines.armnn.execution import Execution, difference, drawn_inputs

from .judges import judged
from .networks import Network, pictured

ROUNDING = 5e-7
TWO = {"devices": {"CPU": "CpuRef", "GPU": "CpuRef"}}  # two names for the reference: results, not times


@dataclass(frozen=True)
class Compared:
    """One execution beside the judge: the tensors that could be compared, and the largest relative difference."""

    segments: int
    tensors: int
    difference: float


def engine() -> ArmNNEngine:
    """Arm NN's reference backend, twice."""
    return ArmNNEngine(TWO)


def refused(arm: ArmNNEngine, network: Network) -> dict[str, dict[str, str]]:
    """device -> layer -> Arm NN's reason."""
    return arm.load(network.described, network.constants)


def compared(arm: ArmNNEngine, network: Network, seed: int) -> tuple[str, list[Compared]]:
    """(judge, comparisons) as one segment, and cut at random between two devices. Raises NoJudgeError."""
    inputs = pictured(network, drawn_inputs(loaded(arm), seed))
    judge, wanted = judged(network, inputs)
    rng = np.random.default_rng(seed)
    layers = [layer.name for layer in network.model.graph.layers]
    cuts = [dict.fromkeys(layers, "CPU"), {name: ("CPU", "GPU")[int(rng.integers(2))] for name in layers}]
    return judge, [_executed(arm, network, cut, inputs, wanted) for cut in cuts]


def loaded(arm: ArmNNEngine) -> Any:
    """The network that the engine has taken."""
    return arm._loaded()


def _executed(
    arm: ArmNNEngine, network: Network, cut: dict[str, str], inputs: dict[str, Any], wanted: dict[str, Any]
) -> Compared:
    graph = loaded(arm)
    execution = Execution(arm._library, graph, network.constants, arm._backends, cut, False, _quiet, lambda: False)
    execution.infer(inputs)
    found = {name: np.array(value) for name, value in execution.values.items() if name in wanted}
    segments = len(execution.parts)
    execution.close()
    if missing := [name for name in graph.outputs if name not in found or name not in wanted]:
        raise AssertionError(f"{network.name}: no {missing[0]!r} to compare")
    worst = [_apart(graph, name, value.reshape(wanted[name].shape), wanted[name]) for name, value in found.items()]
    return Compared(segments, len(found), max(worst))


def _apart(graph: Any, name: str, found: np.ndarray, wanted: np.ndarray) -> float:
    """The relative difference; what is within a few roundings next to 1 is none (a sigmoid far below 1)."""
    if np.abs(found.astype(np.float64) - wanted).max(initial=0.0) <= ROUNDING:
        return 0.0
    return difference(graph, name, found, wanted)


def _quiet(text: str) -> None:
    """Say nothing of the progress."""
