"""How many switches are left of an assignment when a board runs it in the order that needs the fewest."""

from collections.abc import Mapping

from ..agent.execution_order import fewest_segments
from ..network.graph import LayerGraph


def executed_switches(graph: LayerGraph, assignment: Mapping[str, str]) -> int:
    """Switches as boards with Arm NN execute them: layers of one device run together where the network allows it.

    At most `Assignment.switches`, which plans and the search for at most k switches count, in the network's order;
    equal where no layers are beside each other. O(n log n) for n layers and edges.
    """
    before = [[graph.producer[name] for name in layer.inputs if name in graph.producer] for layer in graph.layers]
    return max(0, len(fewest_segments(before, [assignment[layer.name] for layer in graph.layers])) - 1)
