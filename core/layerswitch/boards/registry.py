"""The boards there are: simulated ones that travel with the program, and those people added to their own folder."""

import difflib
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from .. import resources
from ..agent import engines
from ..errors import BoardError
from ..measurement.profile import Origin
from ..serialization import Value
from . import emulated, user_boards
from .python_command import run_text
from .user_boards import Kind, UserBoard, user_folder

IMPORT_SECONDS = 20.0


class BoardEntry(Value, frozen=True):
    """A board that can be connected to. `settings` is the file its engine's settings are read from, if it has one.

    A board of kind "folder" is a whole system in `folder`, whose programs run in it. One of kind "ssh" is reached at
    `host`; `user`, `port` and `key_file` are left to ~/.ssh/config where they are empty or 0 (see UserBoard).
    """

    name: str
    title: str
    origin: Origin
    kind: Kind = "simulated"
    settings: str = ""
    folder: str = ""
    host: str = ""
    user: str = ""
    port: int = 0
    key_file: str = ""
    python: str = "python3"
    remember_password: bool = False

    def engine_settings(self) -> tuple[str, dict[str, Any]]:
        """(engine, its settings). Raises BoardError."""
        if self.settings:
            return "simulated", user_boards.read_table(Path(self.settings))
        if self.kind == "folder" or self.origin == "emulated":
            return "armnn", {"origin": self.origin, "title": self.title}
        return "simulated" if self.kind == "simulated" else "armnn", {}


def boards(*, bundled: Path | None = None, own: Path | None = None) -> tuple[BoardEntry, ...]:
    """Every board, the bundled ones first. A broken file of the person's own is left out; `find` says what is wrong."""
    bundled, own = bundled or resources.assets() / "boards", own or user_folder()
    entries = [_simulated(path, f"sim:{path.stem}") for path in sorted(bundled.glob("*.toml"))]
    if "armnn" in engines.names() and arm_nn_is_here():
        entries.append(BoardEntry("local", "This computer, with Arm NN", "measured", "local"))
    if emulated.is_here(emulated.folder()):
        folder, title = str(emulated.folder()), "Emulated Arm board (Debian, Arm NN)"
        entries.append(BoardEntry("emulated-arm", title, "emulated", "folder", folder=folder))
    for path in sorted(own.glob("*.toml")):
        try:
            entries.append(_own(path))
        except BoardError:
            continue
    return tuple(entries)


def find(name: str, *, bundled: Path | None = None, own: Path | None = None) -> BoardEntry:
    """The board of that name; a saved one also without "own:". Raises BoardError, with the nearest names."""
    known = {entry.name: entry for entry in boards(bundled=bundled, own=own)}
    if name in known:
        return known[name]
    path = user_boards.path_of(name, own)
    if path and path.is_file():
        return _own(path)
    near = difflib.get_close_matches(name, known, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"
    raise BoardError(f"there is no board {name!r}", hint=hint)


@cache
def arm_nn_is_here() -> bool:
    """Whether this Python can import pyarmnn; asked once, in a process of its own, because a broken one may crash."""
    try:
        command = run_text(sys.executable, "import pyarmnn")
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=IMPORT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _simulated(path: Path, name: str) -> BoardEntry:
    title = user_boards.read_table(path).get("title", path.stem)
    return BoardEntry(name, str(title), "simulated", "simulated", str(path))


def _own(path: Path) -> BoardEntry:
    """A board of the person's own, named own:<file stem>. Raises BoardError naming the file and field."""
    board, name = user_boards.read(path), f"{user_boards.OURS}{path.stem}"
    settings = str(path.parent / board.settings) if board.settings else ""
    if board.kind == "simulated":
        return BoardEntry(name, board.title, "simulated", board.kind, settings)
    return reached(board, name, settings)


def reached(board: UserBoard, name: str, settings: str = "") -> BoardEntry:
    """The entry of a board over SSH, saved or not yet. With `settings` its engine is a simulated board's."""
    return BoardEntry(
        name,
        board.title,
        "simulated" if settings else board.origin,
        "ssh",
        settings,
        host=board.host,
        user=board.user,
        port=board.port,
        key_file=board.key_file,
        python=board.python,
        remember_password=board.remember_password,
    )
