"""Where the files that travel with LayerSwitch are: bundled networks and boards, in a checkout or installed."""

from pathlib import Path

from .errors import FileError


def folder(name: str) -> Path:
    """The folder "models" or "assets". Raises FileError when the installation lacks it."""
    package = Path(__file__).resolve().parent
    # the checkout comes first: an editable install must show what is being worked on
    for candidate in (package.parent.parent / name, package / "_data" / name):
        if candidate.is_dir() and (candidate.parent.name == "_data" or (package.parent.name == "core")):
            return candidate
    raise FileError(f"the folder {name!r} is missing", where=str(package), hint="install LayerSwitch again")


def models() -> Path:
    """The folder of the bundled networks."""
    return folder("models")


def assets() -> Path:
    """The folder of boards, icons and what else the program shows."""
    return folder("assets")
