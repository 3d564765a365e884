"""Which layers of a segment are to blame when a backend accepted it and then could not load or start it."""

from typing import Any, Callable, Dict, Mapping

from ..base import Cancelled, EngineError
from ..network_graph import Graph
from ..segments import Segment, of_layers
from . import compilation
from .execution import enqueue, stop
from .pyarmnn_adapter import Library


def culprits(
    library: Library,
    graph: Graph,
    segment: Segment,
    backend: str,
    constants: Mapping[str, Any],
    say: Callable[[str], None],
    cancelled: Cancelled,
) -> Dict[str, str]:
    """layer -> why, of those that fail alone as well; none when it takes several, as when memory is short.

    Each layer is loaded alone into an empty runtime and infers once, of zeros: what the runtime held is gone. Raises
    JobCancelled.
    """
    found: Dict[str, str] = {}
    for place in segment.places:
        stop(cancelled)
        name = graph.layers[place].name
        say("looking for what {} cannot load: trying layer {} alone".format(backend, name))
        library.drop()
        try:
            alone = of_layers(graph, segment.device, (place,))
            enqueue(library.runtime(), graph, compilation.load(library, graph, alone, backend, constants))
        except EngineError as error:
            found[name] = error.what
    library.drop()
    return found
