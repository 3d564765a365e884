"""The boards there are: simulated ones that travel with the program, and those people added to their own folder."""

import difflib
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import platformdirs

from .. import resources
from ..agent import engines
from ..errors import BoardError
from ..profile import Origin
from ..schema import Value
from . import emulated

IMPORT_SECONDS = 20.0
Kind = Literal["simulated", "local", "ssh", "folder"]


class BoardEntry(Value, frozen=True):
    """A board that can be connected to. `settings` is the file its engine's settings are read from, if it has one.

    A board of kind "folder" is a whole system in `folder`, whose programs run in it.
    """

    name: str
    title: str
    origin: Origin
    kind: Kind = "simulated"
    settings: str = ""
    folder: str = ""

    def engine_settings(self) -> tuple[str, dict[str, Any]]:
        """(engine, its settings). Raises BoardError."""
        engine = "simulated" if self.kind == "simulated" else "armnn"
        if self.kind == "folder":
            return engine, {"origin": self.origin, "title": self.title}
        return engine, _table(Path(self.settings)) if self.settings else {}


class UserBoard(Value, frozen=True):
    """A file in the person's boards folder. `settings` is a simulated board's file, relative to this one."""

    title: str
    kind: Kind
    settings: str = ""


def user_folder() -> Path:
    """Where people keep boards of their own; it need not exist."""
    return platformdirs.user_config_path("layerswitch", appauthor=False) / "boards"


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
    """The board of that name. Raises BoardError, with the nearest names."""
    known = {entry.name: entry for entry in boards(bundled=bundled, own=own)}
    if name in known:
        return known[name]
    kind, _, stem = name.partition(":")
    path = (own or user_folder()) / f"{stem}.toml"
    if kind == "own" and stem == Path(stem).name and path.is_file():
        return _own(path)
    near = difflib.get_close_matches(name, known, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"
    raise BoardError(f"there is no board {name!r}", hint=hint)


@cache
def arm_nn_is_here() -> bool:
    """Whether this Python can import pyarmnn; asked once, in a process of its own, because a broken one may crash."""
    try:
        command = [sys.executable, "-c", "import pyarmnn"]
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=IMPORT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _table(path: Path) -> dict[str, Any]:
    """A TOML file. Raises BoardError."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise BoardError(f"not a readable board file: {what}", where=str(path)) from error


def _simulated(path: Path, name: str) -> BoardEntry:
    title = _table(path).get("title", path.stem)
    return BoardEntry(name, str(title), "simulated", "simulated", str(path))


def _own(path: Path) -> BoardEntry:
    """A board of the person's own, named own:<file stem>. Raises BoardError naming the file and field."""
    try:
        board = msgspec.convert(_table(path), UserBoard)
    except msgspec.ValidationError as error:
        raise BoardError(f"not a board file: {error}", where=str(path)) from error
    if board.kind != "simulated" or not board.settings:
        hint = "only simulated boards with a `settings` file can be used yet"
        raise BoardError(f"boards of kind {board.kind!r} cannot be reached", where=str(path), hint=hint)
    return BoardEntry(f"own:{path.stem}", board.title, "simulated", board.kind, str(path.parent / board.settings))
