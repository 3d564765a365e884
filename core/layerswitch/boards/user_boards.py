"""Boards people saved: one TOML file each in a folder of their own. No password is ever in one."""

import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
from msgspec import Meta

from ..atomic_write import folder_lock, write_whole
from ..errors import BoardError, FileError
from ..measurement.profile import Origin
from ..serialization import Value

Kind = Literal["simulated", "local", "ssh", "folder"]
Port = Annotated[int, Meta(ge=0, le=65535)]

STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
HOST = re.compile(r"[A-Za-z0-9_:\[][A-Za-z0-9._:%\[\]-]{0,252}\Z")
USER = re.compile(r"[^\x00-\x20\x7f@:/-][^\x00-\x20\x7f:]{0,63}\Z")
OURS = "own:"
NO_KEYRING = "there is no keyring of the system here that keeps passwords: it will be asked for each time"


class UserBoard(Value, frozen=True):
    """A file in the person's boards folder.

    `kind` "simulated" takes `settings`, a simulated board's file relative to this one. `kind` "ssh" takes `host` (also
    an alias of ~/.ssh/config), and where they are not what ~/.ssh/config says or usual: `user`, `port` (0: as usual),
    `key_file`, and `python`, the board's own Python. `remember_password` lets the system's keyring keep the password.
    `origin` is "emulated" for a machine that runs in an emulator. With `settings`, that simulated board runs there.
    """

    title: str
    kind: Kind
    settings: str = ""
    host: str = ""
    user: str = ""
    port: Port = 0
    key_file: str = ""
    python: str = "python3"
    remember_password: bool = False
    origin: Origin = "measured"

    def __post_init__(self) -> None:
        if self.kind == "simulated" and not self.settings:
            raise ValueError("a simulated board needs `settings`, its file")
        if self.kind not in ("simulated", "ssh"):
            raise ValueError(f"boards of kind {self.kind!r} cannot be saved, only simulated and ssh")
        if self.kind == "ssh":
            if not HOST.match(self.host):
                raise ValueError(f"{self.host!r} is no host's name or address")
            if self.user and not USER.match(self.user):
                raise ValueError(f"{self.user!r} is no user's name")
            for label, text in (("python", self.python), ("key_file", self.key_file)):
                if any(ord(one) < 32 for one in text):
                    raise ValueError(f"{label} has a control character")
            if not self.python or self.python.startswith("-"):
                raise ValueError(f"{self.python!r} is no program")


def user_folder() -> Path:
    """Where people keep boards of their own; it need not exist."""
    return platformdirs.user_config_path("layerswitch", appauthor=False) / "boards"


def path_of(name: str, own: Path | None = None) -> Path | None:
    """The file a saved board of this name ("own:desk" or "desk") would have; None where no file can have it."""
    stem = name.removeprefix(OURS)
    return (own or user_folder()) / f"{stem}.toml" if STEM.match(stem) else None


def read_table(path: Path) -> dict[str, Any]:
    """A TOML file. Raises BoardError."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise BoardError(f"not a readable board file: {what}", where=str(path)) from error


def read(path: Path) -> UserBoard:
    """A saved board. Raises BoardError naming the file and field."""
    try:
        return msgspec.convert(read_table(path), UserBoard)
    except (msgspec.ValidationError, ValueError) as error:
        raise BoardError(f"not a board file: {error}", where=str(path)) from error


def save(name: str, board: UserBoard, *, replace: bool = False, own: Path | None = None) -> Path:
    """Save a board under a plain name such as "desk"; its file. Raises BoardError.

    Names are letters, digits, dot, dash and underscore. An existing file is kept unless `replace`.
    """
    path = path_of(name, own)
    if path is None:
        hint = "take letters, digits, dots, dashes and underscores, such as desk-vim3"
        raise BoardError(f"{name!r} cannot be a board's name", hint=hint)
    try:
        with folder_lock(path.parent):  # another process may be saving a board of this name
            if path.exists() and not replace:
                hint = "remove it first, or take another name"
                raise BoardError(f"there is a board {name!r} already", where=str(path), hint=hint)
            write_whole(path, _toml(board).encode("utf-8"))
    except (OSError, UnicodeEncodeError, FileError) as error:
        what = error.what if isinstance(error, FileError) else str(error)
        raise BoardError(f"the board cannot be saved: {what}", where=str(path)) from error
    return path


def remove(name: str, *, own: Path | None = None) -> None:
    """Forget a saved board ("own:desk" or "desk"). Raises BoardError."""
    path = path_of(name, own)
    try:
        if path is None:
            raise FileNotFoundError
        path.unlink()
    except FileNotFoundError:
        hint = "only boards you added can be removed"
        raise BoardError(f"there is no saved board {name!r}", hint=hint) from None
    except OSError as error:
        raise BoardError(f"the board cannot be removed: {error.strerror}", where=str(path)) from error


def keyring_is_here() -> bool:
    """Whether the system has a keyring that can keep something; asking may take a moment."""
    try:
        import keyring

        return float(getattr(keyring.get_keyring(), "priority", 0)) > 0
    except Exception:  # keyrings raise what their systems raise
        return False


def _toml(board: UserBoard) -> str:
    """The file's text: text, numbers and truth values only, so TOML's basic strings are JSON's."""
    lines = []
    for field, value in board.to_dict().items():
        text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        lines.append(f"{field} = {text}\n")
    return "".join(lines)
