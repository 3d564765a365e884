"""Completion by the shell's Tab key: commands and options are typer's work, names of networks and boards ours.

`layerswitch --install-completion` has the shell ask: it then starts us with `VARIABLE` set, and reads what we print.
Boards' names have a colon in them, at which bash parts words.
"""

import io
import os
import sys
from contextlib import redirect_stdout
from typing import Any

VARIABLE = "_LAYERSWITCH_COMPLETE"


def wanted() -> bool:
    """Whether a shell asks, rather than a person."""
    return bool(os.environ.get(VARIABLE))


def answer(command: Any) -> int:
    """Print what may stand next for typer's `command`; the exit code."""
    cut = _join_colons() if os.environ[VARIABLE] == "complete_bash" else ""
    said, code = io.StringIO(), 0
    try:
        with redirect_stdout(said):
            command.main(prog_name="layerswitch", complete_var=VARIABLE)
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 1
    text = said.getvalue()
    if cut:
        text = "".join(line.removeprefix(cut) for line in text.splitlines(keepends=True))
    sys.stdout.write(text)
    return code


def models() -> list[str]:
    """Bundled networks; the shell offers files where none fits."""
    from ..network.formats import bundled_models

    return [model.name for model in bundled_models()]


def boards() -> list[str]:
    """Boards to measure on."""
    from ..boards import registry

    return [board.name for board in registry.boards()]


def own_boards() -> list[str]:
    """Boards that a person added, by the names they gave them."""
    from ..boards import user_boards

    return [path.stem for path in sorted(user_boards.user_folder().glob("*.toml"))]


def _join_colons() -> str:
    """Undo that bash takes `sim:khadas-vim3` for three words; what it has in front of the one to be completed."""
    words, place = os.environ.get("COMP_WORDS", "").split("\n"), int(os.environ.get("COMP_CWORD") or 0)
    joined: list[str] = []
    at = len(words)
    for number, word in enumerate(words):
        if joined and (word == ":" or (number > 1 and words[number - 1] == ":")):
            joined[-1] += word
        else:
            joined.append(word)
        if number == place:
            at = len(joined) - 1
    os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "\n".join(joined), str(at)
    split = len(joined) < len(words) and at < len(joined)
    return joined[at][: joined[at].rfind(":") + 1] if split else ""
