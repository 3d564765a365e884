"""Value objects and the files they live in: frozen, strict, versioned, written whole or not at all."""

import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from .atomic_write import is_file, read_whole, write_whole
from .errors import FileError

__all__ = ["Count", "Milliseconds", "Value", "dump", "kind_of", "load", "read_whole", "save", "write_whole"]

Milliseconds = Annotated[float, Meta(ge=0.0)]
Count = Annotated[int, Meta(ge=0)]
_TAG = re.compile(rb'\s*\{\s*"schema":\s*"layerswitch/([a-z]+)/')


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
        return msgspec.json.decode(read_whole(path), type=kind)
    except OSError as error:
        raise FileError(error.strerror or "cannot be read", where=str(path)) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        name = kind.__name__.lower()
        if (other := kind_of(path)) not in ("", name):
            raise FileError(f"is a {other}, not a {name}", where=str(path)) from error
        raise FileError(f"not a LayerSwitch {name} file: {error}", where=str(path)) from error


def kind_of(path: Path) -> str:
    """Which of LayerSwitch's files the beginning of this one says it is ("plan", "run" ...); "" of any other."""
    if not is_file(path):  # a pipe is read once only
        return ""
    try:
        with path.open("rb") as file:
            found = _TAG.match(file.read(200))
    except OSError:
        return ""
    return found[1].decode("ascii") if found else ""


def dump(value: msgspec.Struct) -> bytes:
    """The JSON text of a value, indented for people, ending in a line break."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def save(path: Path | str, value: msgspec.Struct, *, private: bool = False) -> None:
    """Write a value as JSON, whole or not at all; a `private` file is its owner's alone. Raises FileError."""
    try:
        data = dump(value)
    except UnicodeEncodeError as error:  # half a character, as in a file name that is not UTF-8
        raise FileError(f"cannot be written: {error.object!r} is not Unicode text", where=str(path)) from error
    write_whole(path, data, private=private)
