"""Opening the window, or a picture of it. The Qt application is imported here and nowhere else in the library."""

import os
import socket
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ...errors import LayerSwitchError
from ...measurement.profile import Profile
from ...serialization import kind_of, load, write_whole
from ...session import is_session, load_session
from .. import EXIT_BAD_INPUT, completion, options

FIRST_MODEL, FIRST_BOARD = "googlenet", "sim:khadas-vim3"

Screenshot = Annotated[
    Path | None, typer.Option("--screenshot", metavar="PNG", help="Draw the window into a file, and exit.")
]
Size = Annotated[str, typer.Option("--size", metavar="1280x800", help="The window's size in pixels.")]
Theme = Annotated[str | None, typer.Option("--theme", metavar="light|dark", help="Instead of the system's.")]


def open_(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A bundled network, a model file, a session, or a profile.",
            autocompletion=completion.models,
        ),
    ],
    board: Annotated[
        str,
        typer.Option("--board", "-b", metavar="BOARD", help="The board to choose.", autocompletion=completion.boards),
    ] = FIRST_BOARD,
    profile: Annotated[bool, typer.Option("--profile", help="Profile and plan at once.")] = False,
    screenshot: Screenshot = None,
    size: Size = "1280x800",
    theme: Theme = None,
    input_shape: options.InputShape = [],  # noqa: B006
) -> None:
    """Open a network, a session or a profile in the window."""
    raise typer.Exit(
        show(
            file,
            board=board,
            profile=profile,
            screenshot=screenshot,
            size=size,
            theme=theme,
            input_shapes=options.input_shapes(input_shape),
        )
    )


def start() -> None:
    """What `make run` does: the window on a first network, profiled; without a display, the demo in the terminal."""
    if display_reachable():
        raise typer.Exit(show(FIRST_MODEL, board=FIRST_BOARD, profile=True))
    from ..console import say
    from .demo import FOLDER, demo

    say(f"There is no display to show the window on: the same job here in the terminal; its files go to {FOLDER}.")
    demo()


def show(
    file: str | None = None,
    *,
    board: str = FIRST_BOARD,
    profile: bool = False,
    screenshot: Path | None = None,
    size: str = "1280x800",
    theme: str | None = None,
    input_shapes: dict[str, tuple[int, ...]] | None = None,
) -> int:
    """Run the window until it is closed; its exit code. Raises LayerSwitchError when there is nowhere to show it."""
    from ...boards.registry import find

    find(board)  # an unknown name is said here, in the terminal
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 100 <= int(width) <= 8192 and 100 <= int(height) <= 8192):
        raise LayerSwitchError(f"cannot read {size!r}", where="--size", hint="write WIDTHxHEIGHT, 100 to 8192 each")
    if theme not in (None, "light", "dark"):
        raise LayerSwitchError(f"unknown theme {theme!r}", where="--theme", hint="light or dark")
    session = file is not None and is_session(file)
    profiled = file is not None and kind_of(Path(file)) == "profile"
    if screenshot is not None:
        options.check_folder(screenshot)
        if session:
            load_session(str(file))
        elif profiled:
            load(str(file), Profile)
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    elif not display_reachable():
        raise LayerSwitchError(
            "no display can be reached",
            hint="set DISPLAY or WAYLAND_DISPLAY, or use `layerswitch demo` or --screenshot, which need none",
        )
    from layerswitch_gui.app.launch import run

    kept: AbstractContextManager[str] = nullcontext("")
    if screenshot is not None:
        kept = TemporaryDirectory(prefix="layerswitch-")
    with kept as folder:
        picture = Path(folder, "window.png") if screenshot is not None else None
        code: int = run(
            model=file,
            board=board,
            profile_on_start=profile,
            screenshot=picture,
            size=(int(width), int(height)),
            theme=theme,
            input_shapes=input_shapes or {},
        )
        if screenshot is None or picture is None:
            return code
        # What could not be opened was said there. A session without its model or board still shows what was measured;
        # of anything else there is nothing to draw, and an older picture stays.
        if picture.exists() and (code == 0 or session):
            write_whole(screenshot, picture.read_bytes())
    return EXIT_BAD_INPUT if code == 1 else code


def display_reachable() -> bool:
    """Whether a window can be shown. Qt ends the process when it cannot, hence asked of the sockets beforehand."""
    if os.environ.get("QT_QPA_PLATFORM", "") not in ("", "xcb", "wayland"):
        return True  # a platform chosen on purpose, offscreen for instance
    if wayland := os.environ.get("WAYLAND_DISPLAY"):
        folder = os.environ.get("XDG_RUNTIME_DIR", "")
        return _answers(socket.AF_UNIX, str(Path(folder, wayland)))
    host, colon, rest = os.environ.get("DISPLAY", "").rpartition(":")
    number = rest.partition(".")[0]
    if not colon or not number.isdecimal():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _answers(socket.AF_UNIX, path) or _answers(socket.AF_UNIX, "\0" + path)
    return _answers(socket.AF_INET, (host, 6000 + int(number)))


def _answers(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
