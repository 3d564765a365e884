"""Value objects and the files they live in: frozen, strict, versioned, written whole or not at all."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from .errors import FileError

Milliseconds = Annotated[float, Meta(ge=0.0)]
Count = Annotated[int, Meta(ge=0)]


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A frozen value object; fields are checked when it is read from a file and in `__post_init__`."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, the form that `from_dict` reads."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]  # a Struct becomes a dict

    @classmethod
    def from_dict(cls: type["V"], data: dict[str, Any], *, where: str = "") -> "V":
        """The value that `to_dict` wrote. Raises FileError with the path of the first field that does not fit."""
        try:
            return msgspec.convert(data, cls)
        except (msgspec.ValidationError, ValueError) as error:
            raise FileError(str(error), where=where) from error


V = TypeVar("V", bound=Value)


def load(path: Path | str, kind: type[V]) -> V:
    """Read a value from a JSON file. Raises FileError that names the file and the field."""
    path = Path(path)
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise FileError(error.strerror or "cannot be read", where=str(path)) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        name = kind.__name__.lower()
        raise FileError(f"not a LayerSwitch {name} file: {error}", where=str(path)) from error


def dump(value: msgspec.Struct) -> bytes:
    """The JSON text of a value, indented for people, ending in a line break."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def save(path: Path | str, value: msgspec.Struct) -> None:
    """Write a value as JSON, whole or not at all. Raises FileError."""
    try:
        data = dump(value)
    except UnicodeEncodeError as error:  # half a character, as in a file name that is not UTF-8
        raise FileError(f"cannot be written: {error.object!r} is not Unicode text", where=str(path)) from error
    write_whole(path, data)


def write_whole(path: Path | str, data: bytes) -> None:
    """Put `data` at `path` by writing beside it and renaming, so that no reader ever sees half. Raises FileError.

    A link stays one: what it points to is written. A device or a pipe (/dev/stdout) is written to, never replaced.
    """
    given = path = Path(path)
    temporary: str | None = None
    try:
        if path.is_symlink():
            path = path.resolve()
            if path.is_symlink():  # Python 3.13 leaves a link to itself as it is
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb", buffering=0) as stream:
                while data:
                    data = data[stream.write(data) :]
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name; a link to itself
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileError(f"cannot be written: {why}", where=str(given)) from error
    except BaseException:  # Ctrl-C while it is written leaves nothing behind
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise
