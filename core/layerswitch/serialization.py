"""Value objects and the files they live in: frozen, strict, versioned, written whole or not at all."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from .atomic_write import is_file, read_whole, write_whole
from .errors import FileError
from .serialization_v1 import upgraded

__all__ = ["Count", "Milliseconds", "Value", "decode", "dump", "encode", "kind_of", "load", "save", "write_whole"]

Milliseconds = Annotated[float, Meta(ge=0.0)]
Count = Annotated[int, Meta(ge=0)]
_TAG = re.compile(rb'\s*\{\s*"schema":\s*"layerswitch/([a-z]+)/')


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A frozen value object; fields are checked when it is read from a file and in `__post_init__`."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, the form that `from_dict` reads."""
        return msgspec.to_builtins(self, enc_hook=_as_object)  # type: ignore[no-any-return]  # a Struct becomes a dict

    @classmethod
    def from_dict(cls: type["V"], data: dict[str, Any], *, where: str = "") -> "V":
        """The value that `to_dict` wrote. Raises FileError with the path of the first field that does not fit."""
        try:
            return _converted(data, cls)  # type: ignore[no-any-return]  # it is of that kind
        except (msgspec.ValidationError, ValueError) as error:
            raise FileError(str(error), where=where) from error


V = TypeVar("V", bound=Value)


def _as_object(value: object) -> dict[Any, Any]:
    """The JSON object of a mapping of this library, such as an Assignment."""
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")


def _of_object(kind: type, data: Any) -> Any:
    """A mapping of text to text of this library, such as an Assignment, from its JSON object."""
    if not isinstance(data, dict):
        raise ValueError(f"Expected `object`, got `{type(data).__name__}`")
    for key, value in data.items():
        if not isinstance(value, str):
            raise ValueError(f"Expected `str` for {key!r:.80}, got `{type(value).__name__}`")
    return kind(data)


def encode(value: object) -> bytes:
    """The JSON text of a value object, or of plain data that holds some, on one line."""
    return msgspec.json.encode(value, enc_hook=_as_object)


def decode(data: bytes, kind: Any) -> Any:
    """The value of a type, or of one of a union of types, in JSON text; files of version 1 are read as well.

    Raises msgspec.DecodeError, ValueError or RecursionError on what does not fit.
    """
    try:
        return msgspec.json.decode(data, type=kind, dec_hook=_of_object)
    except msgspec.ValidationError:
        return _converted(msgspec.json.decode(data), kind)


def _converted(data: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(data, kind, dec_hook=_of_object)
    except msgspec.ValidationError:
        newer = upgraded(data)
        if newer is data:
            raise
        return msgspec.convert(newer, kind, dec_hook=_of_object)


def load(path: Path | str, kind: type[V]) -> V:
    """Read a value from a JSON file. Raises FileError that names the file and the field."""
    path = Path(path)
    try:
        return decode(read_whole(path), kind)  # type: ignore[no-any-return]  # it is of that kind
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
    return msgspec.json.format(encode(value), indent=1) + b"\n"


def save(path: Path | str, value: msgspec.Struct, *, private: bool = False) -> None:
    """Write a value as JSON, whole or not at all; a `private` file is its owner's alone. Raises FileError."""
    try:
        data = dump(value)
    except UnicodeEncodeError as error:  # half a character, as in a file name that is not UTF-8
        raise FileError(f"cannot be written: {error.object!r} is not Unicode text", where=str(path)) from error
    write_whole(path, data, private=private)
