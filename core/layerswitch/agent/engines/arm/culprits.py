"""Which layers of a segment are to blame when a backend accepted it and then could not load or start it."""

from typing import Any, Callable, Dict, Mapping

from ..base import Cancelled, EngineError
from . import compiling
from .execution import enqueue, stop
from .graph import Graph
from .library import Library
from .segments import Segment, of_layers


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
            enqueue(library.runtime(), graph, compiling.load(library, graph, alone, backend, constants))
        except EngineError as error:
            found[name] = error.what
    library.drop()
    return found
