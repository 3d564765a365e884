"""Options that several commands share, and how their texts are read."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputShapeError, LayerSwitchError
from ..network.graph import Level
from . import completion

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="A bundled network's name, or an ONNX or TFLite file.", autocompletion=completion.models
    ),
]
Board = Annotated[
    str,
    typer.Option(
        "--board", "-b", metavar="BOARD", help="A name from `layerswitch boards`.", autocompletion=completion.boards
    ),
]
Group = Annotated[Level, typer.Option("--group", "-g", help="The unit: operator, layer or block.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output instead of a table.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of whatever is drawn at random.")]
InputShape = Annotated[
    list[str],
    typer.Option("--input-shape", metavar="NAME=1x3x224x224", help="The shape of an input that leaves one free."),
]


def input_shapes(texts: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """NAME=1x3x224x224, any number of times. Raises InputShapeError on anything else."""
    shapes = {}
    for text in texts:
        name, equals, dims = text.rpartition("=")
        if not equals or not name or not re.fullmatch(r"[1-9]\d{0,8}(x[1-9]\d{0,8})*", dims):
            raise InputShapeError(f"cannot read {text!r}", where="--input-shape", hint="write NAME=1x3x224x224")
        shapes[name] = tuple(int(dim) for dim in dims.split("x"))
    return shapes


def check_folder(path: Path | None) -> None:
    """Say that an output cannot be written before hours of measuring, not after. Raises LayerSwitchError."""
    if path is None:
        return
    try:
        if path.is_dir():
            raise LayerSwitchError("is a folder", where=str(path), hint="name a file")
        folder = path.resolve().parent if path.is_symlink() else path.parent
        if not folder.is_dir():
            raise LayerSwitchError("no such folder", where=str(folder), hint="make it first, or write elsewhere")
        if not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
            raise LayerSwitchError("may not be written to", where=str(folder), hint="write elsewhere")
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, a link to itself
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise LayerSwitchError(f"cannot be written: {why}", where=str(path)) from error


def make_folder(path: Path) -> None:
    """Have a folder for several outputs, before anything is measured. Raises LayerSwitchError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise LayerSwitchError("is a file", where=str(path), hint="name a folder") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise LayerSwitchError(f"cannot be made: {why}", where=str(path), hint="name another folder") from error


def text(value: str, option: str) -> str:
    """Text for people, of one line at least. Raises LayerSwitchError on what no file can hold."""
    if not value.strip() or not value.isprintable():
        raise LayerSwitchError(f"{value!r} is no name", where=option, hint="use printable characters")
    return value
