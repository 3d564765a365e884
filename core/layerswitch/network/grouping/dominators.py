"""Dominators of a DAG: the items that every way from the entry to an item passes through."""

from collections.abc import Iterable, Sequence

ENTRY = -1
"""Stands before everything: where the network's inputs come from."""


def dominators(before: Sequence[Iterable[int]], order: Iterable[int]) -> list[int]:
    """Each item's immediate dominator, or ENTRY; `order` is topological, `before` holds predecessors (ENTRY too).

    An item's immediate dominator is the lowest common ancestor of its predecessors in the dominator tree so far.
    Each item keeps one long jump beside its parent, so that an ancestor is found in O(log n) (E. Myers, "An applicative
    random-access stack", 1983): O(m log n) in all; walking parent by parent is quadratic on long skips.
    """
    size = len(before)
    parent, jump, depth = [ENTRY] * (size + 1), [ENTRY] * (size + 1), [0] * (size + 1)  # the last entry is ENTRY's own

    def raised(item: int, to: int) -> int:
        while depth[item] > to:
            item = jump[item] if depth[jump[item]] >= to else parent[item]
        return item

    def meeting(one: int, other: int) -> int:
        level = min(depth[one], depth[other])
        one, other = raised(one, level), raised(other, level)
        while one != other:
            if jump[one] != jump[other]:
                one, other = jump[one], jump[other]
            else:
                one, other = parent[one], parent[other]
        return one

    for item in order:
        lowest: int | None = None
        for earlier in before[item]:
            lowest = earlier if lowest is None else meeting(lowest, earlier)
        above = ENTRY if lowest is None else lowest
        parent[item], depth[item] = above, depth[above] + 1
        far = jump[above]
        jump[item] = jump[far] if depth[above] - depth[far] == depth[far] - depth[jump[far]] else above
    return parent[:size]
