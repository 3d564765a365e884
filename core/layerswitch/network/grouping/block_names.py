"""Names for blocks: what the names of their layers have in common, if that is theirs alone."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

PATH, ANY = re.compile(r"[/.:]"), re.compile(r"[/.:_-]")


class Names:
    """Names blocks among all layers of a network."""

    def __init__(self, layers: Sequence[str]) -> None:
        self._given: set[str] = set()
        self._uses = {pattern: _count(layers, pattern) for pattern in (PATH, ANY)}

    def of(self, core: Sequence[str], members: Sequence[str], chief: str) -> str:
        """The longest start that a block's core shares and no layer outside the block has; failing that, `chief`.

        Cut at a "/" or "." or, if that yields none, at a "_": `inception_3a/1x1, inception_3a/3x3 ...` are
        `inception_3a`; `res2a, res2a_branch1 ...` are `res2a`.
        """
        if len(core) == 1:
            return chief
        for pattern, uses in self._uses.items():
            shared = _count(core, pattern)
            inside = _count(members, pattern)
            own = [start for start, count in shared.items() if count == len(core) and inside[start] == uses[start]]
            if own and (name := self._fresh(max(own, key=len), uses)):
                return name
        return chief

    def _fresh(self, start: str, uses: Counter[str]) -> str:
        """The start without separators around it, unless that is something else's name."""
        name = start.strip("/.:_-")
        if name in self._given or (name != start and name in uses):
            return ""
        self._given.add(name)
        return name


def _count(names: Sequence[str], pattern: re.Pattern[str]) -> Counter[str]:
    return Counter(start for name in names for start in _starts(name, pattern))


def _starts(name: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """A name's starts that end before a separator, and the name itself."""
    yield from (name[: found.start()] for found in pattern.finditer(name) if found.start())
    yield name
