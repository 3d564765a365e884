"""`board add`, `board remove` and `board check`: boards of one's own, over SSH."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from ...boards import reachability, registry, user_boards
from ...boards.reachability import Answer
from ...boards.registry import BoardEntry
from ...boards.user_boards import UserBoard
from ...errors import BoardError
from .. import EXIT_BAD_INPUT, completion, options
from ..board_connection import Terminal
from ..console import print_json, print_table, say

User = Annotated[str, typer.Option("--user", "-u", help="The user on the board; as ~/.ssh/config says, or yours.")]
Port = Annotated[
    int,
    typer.Option(
        "--port", "-p", min=0, max=65535, help="The SSH server's port; 0 = default (22, or what ~/.ssh/config says)."
    ),
]
Key = Annotated[
    str, typer.Option("--key", "-k", help="A private key's file; as ~/.ssh/config says, or the usual ones.")
]
Python = Annotated[str, typer.Option("--python", help="The board's own Python, 3.8 or newer.")]
MARKS = {"ok": "ok", "failed": "FAILED", "skipped": "skipped"}

app = typer.Typer(
    help="Boards of one's own, over SSH: add, remove, check.", rich_markup_mode=None, no_args_is_help=True
)


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is to be called, such as desk.")],
    host: Annotated[str, typer.Option("--host", "-H", help="Its name, address, or alias in ~/.ssh/config.")],
    user: User = "",
    port: Port = 0,
    key: Key = "",
    python: Python = "python3",
    title: Annotated[str, typer.Option("--title", help="What lists show; NAME on HOST otherwise.")] = "",
    remember_password: Annotated[
        bool, typer.Option("--remember-password", help="Let the system's keyring keep the password.")
    ] = False,
    emulated: Annotated[
        bool, typer.Option("--emulated", help="It runs in an emulator: its times are labelled so.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a board of that name.")] = False,
    json: options.Json = False,
) -> None:
    """Save a board that is reached over SSH. Passwords are never saved in files."""
    title = options.text(title, "--title") if title else f"{name} ({host})"
    try:
        board = UserBoard(
            title,
            "ssh",
            host=host,
            user=user,
            port=port,
            key_file=key,
            python=python,
            remember_password=remember_password,
            origin="emulated" if emulated else "measured",
        )
    except ValueError as error:
        raise BoardError(str(error), where=name) from error
    path = user_boards.save(name, board, replace=replace)
    if json:
        print_json(registry.find(f"{user_boards.OURS}{name}"))
    else:
        print(f"saved in {path}")
        if remember_password and not user_boards.keyring_is_here():
            say(f"note: {user_boards.NO_KEYRING}")
        say(f"next: layerswitch board check {name}")


@app.command()
def remove(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A board you added.", autocompletion=completion.own_boards)
    ],
    json: options.Json = False,
) -> None:
    """Forget a saved board, and its password in the system's keyring if one is there."""
    path = user_boards.path_of(name)
    board = _readable(path)
    if board is not None and board.remember_password:
        from ...boards.ssh.credentials import forget_password
        from ...boards.ssh.ssh_config import route

        hop = route(registry.find(f"{user_boards.OURS}{name.removeprefix(user_boards.OURS)}"))[-1]
        forget_password(hop.user, hop.name)
    user_boards.remove(name)
    if json:
        print_json({"removed": name})
    else:
        print(f"{name} is forgotten")


@app.command()
def check(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|HOST", help="A board's name, or a host to try as one.", autocompletion=completion.boards
        ),
    ],
    user: User = "",
    port: Port = 0,
    key: Key = "",
    python: Python = "",
    json: options.Json = False,
) -> None:
    """Say in order what works on a board, and for what does not, the command that fixes it. Exit code 2 if it cannot
    measure."""
    from ...boards.check import board_check

    entry = entry_of(name, user=user, port=port, key_file=key, python=python)
    steps = []
    for step in board_check.check(entry, Terminal()):
        steps.append(step)
        if not json:
            print(f"{MARKS[step.state]:8} {step.title}{f': {step.detail}' if step.detail else ''}", flush=True)
            if step.fix:
                print(f"         -> {step.fix}", flush=True)
    fine = board_check.works(steps)
    if json:
        print_json({"board": entry.name, "works": fine, "steps": steps})
    else:
        say("the board can measure" if fine else "the board cannot measure yet")
    if not fine:
        raise typer.Exit(EXIT_BAD_INPUT)


def _readable(path: Path | None) -> UserBoard | None:
    """What a file says; a broken one can be removed as well."""
    try:
        return user_boards.read(path) if path else None
    except BoardError:
        return None


def entry_of(name: str, **given: Any) -> BoardEntry:
    """A known board with what was given besides; a host that is no board's name is tried as one. Raises BoardError."""
    given = {field: value for field, value in given.items() if value}
    try:
        entry = registry.find(name)
    except BoardError:
        path = user_boards.path_of(name)
        if (path and path.is_file()) or ":" in name or not user_boards.HOST.match(name):
            raise
        entry = BoardEntry(name, name, "measured", "ssh", host=name)
    if given and entry.kind != "ssh":
        raise BoardError("takes no user, port, key or python", where=name, hint="only boards over SSH do")
    return msgspec.structs.replace(entry, **given)


def rows(entries: Sequence[BoardEntry], answers: Mapping[str, Answer] | None = None) -> list[tuple[str, ...]]:
    """What `boards` shows: name, title, what times are, how the board is reached, and whether it answers."""
    found: list[tuple[str, ...]] = []
    for entry in entries:
        row = (entry.name, entry.title, entry.origin, reached(entry))
        found.append(row if answers is None else (*row, answers[entry.name].text))
    return found


def reached(entry: BoardEntry) -> str:
    """How a board is reached, in a few words."""
    if entry.kind != "ssh":
        return "here"
    user, port = f"{entry.user}@" if entry.user else "", f" port {entry.port}" if entry.port else ""
    return f"ssh {user}{entry.host}{port}"


def answers_of(entries: Sequence[BoardEntry]) -> dict[str, Answer]:
    """Whether each board answers, asked of all at once; it takes a few seconds at most."""
    return {answer.name: answer for answer in reachability.ask(entries)}


def print_boards(entries: Sequence[BoardEntry], answers: Mapping[str, Answer] | None = None) -> None:
    """The list of boards; broken files of the person's own are said, not hidden."""
    columns = ["name", "title", "times are", "reached"]
    print_table(columns if answers is None else [*columns, "now"], rows(entries, answers))
    names = {entry.name for entry in entries}
    for path in sorted(user_boards.user_folder().glob("*.toml")):
        if f"{user_boards.OURS}{path.stem}" not in names:
            try:
                registry.find(f"{user_boards.OURS}{path.stem}")
            except BoardError as error:
                say(f"note: {error}")
