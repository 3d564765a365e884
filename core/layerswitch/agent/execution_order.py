"""The execution order that gives an assignment the fewest segments; for boards and the rest of the core alike."""

import heapq
from typing import Dict, List, Sequence, Tuple


def fewest_segments(before: Sequence[Sequence[int]], devices: Sequence[str]) -> List[Tuple[int, ...]]:
    """The segments, each the places of its layers in execution order.

    `before[i]` are the places of the layers that layer i reads from, `devices[i]` is where it runs; the places are in a
    topological order, which is kept where no other has fewer segments.

    Whatever can run on the present device runs, then the device changes. With two devices no order that begins on the
    same one has fewer segments: by induction, what any such order has run after its k-th segment this one has run
    after its own k-th; so the better of both beginnings is the best there is. With more devices it is a rule of
    thumb: which device comes next is that of the first layer that can run. O(n log n) for n layers and edges.
    """
    kept = _consecutive(devices)
    for first in sorted(set(devices)):
        found = _from(first, before, devices)
        if found and len(found) < len(kept):
            kept = found
    return kept


def _consecutive(devices: Sequence[str]) -> List[Tuple[int, ...]]:
    """The segments of the order of the places."""
    found: List[List[int]] = []
    for place, device in enumerate(devices):
        if found and devices[found[-1][0]] == device:
            found[-1].append(place)
        else:
            found.append([place])
    return [tuple(places) for places in found]


def _from(first: str, before: Sequence[Sequence[int]], devices: Sequence[str]) -> List[Tuple[int, ...]]:
    """The segments when the execution begins on this device; none when nothing can run there at first."""
    missing = [len(set(places)) for places in before]
    after: List[List[int]] = [[] for _ in before]
    for place, places in enumerate(before):
        for producer in set(places):
            after[producer].append(place)
    ready: Dict[str, List[int]] = {device: [] for device in devices}
    for place, count in enumerate(missing):
        if not count:
            heapq.heappush(ready[devices[place]], place)
    found: List[Tuple[int, ...]] = []
    device = first
    while ready[device]:
        segment: List[int] = []
        while ready[device]:
            place = heapq.heappop(ready[device])
            segment.append(place)
            for reader in after[place]:
                missing[reader] -= 1
                if not missing[reader]:
                    heapq.heappush(ready[devices[reader]], reader)
        found.append(tuple(segment))
        waiting = [heap[0] for heap in ready.values() if heap]
        if waiting:
            device = devices[min(waiting)]
    return found
