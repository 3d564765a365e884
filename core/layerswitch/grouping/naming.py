"""Names for blocks: what the names of their layers have in common, if that is theirs alone."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

PATH, ANY = re.compile(r"[/.:]"), re.compile(r"[/.:_-]")


class Names:
    """Names blocks among all layers of a network."""

    def __init__(self, layers: Sequence[str]) -> None:
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
            if own and (name := max(own, key=len).strip("/.:_-")):
                return name
        return chief


def _count(names: Sequence[str], pattern: re.Pattern[str]) -> Counter[str]:
    return Counter(start for name in names for start in _starts(name, pattern))


def _starts(name: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """A name's starts that end before a separator, and the name itself."""
    yield from (name[: found.start()] for found in pattern.finditer(name) if found.start())
    yield name
