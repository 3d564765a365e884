"""The way to a board: what the entry says, and for the rest ~/.ssh/config, over any number of jump hosts."""

import getpass
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import paramiko

from ...atomic_write import not_device
from ...errors import ReachError
from ..registry import BoardEntry

MOST_HOPS = 8
MOST_INCLUDES = 16
JUMP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@\s]+)@)?(?P<host>\[[^\]]+\]|[^:@\s]+)(?::(?P<port>\d+))?/?\Z")
WAYS = {
    "publickey": "pubkeyauthentication",
    "password": "passwordauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
}
HARMLESS = re.compile(r"[A-Za-z0-9._@%+:,=\[\]-]*\Z")  # in a shell
EXEC = re.compile(r"\s*match\b.*\bexec\b", re.IGNORECASE)
INCLUDE = re.compile(r"\s*include[\s=]+(.+)", re.IGNORECASE)


class Hop(NamedTuple):
    """One machine on the way. `name` is what known_hosts calls it, `key_files` are tried in order after the agent's."""

    host: str
    user: str
    port: int
    name: str
    key_files: tuple[Path, ...] = ()
    only_these_keys: bool = False
    proxy_command: str = ""
    explicit_keys: bool = False  # somebody named the key files: one that cannot be read is worth a word
    unwanted: frozenset[str] = frozenset()  # ways of logging in that the person has switched off
    batch: bool = False  # nobody is asked for anything
    strict: bool = False  # an unknown machine is refused, nobody is asked
    known_hosts: tuple[Path, ...] = ()  # looked at besides the usual ones
    revoked: Path | None = None  # keys that no machine may have


def ssh_folder() -> Path:
    """Where OpenSSH keeps a person's configuration, keys and known hosts."""
    return Path.home() / ".ssh"


def route(entry: BoardEntry, config: Path | None = None) -> tuple[Hop, ...]:
    """The machines on the way, the board last. `config` is ~/.ssh/config. Raises ReachError."""
    _check(entry)
    known = config or ssh_folder() / "config"
    board, jumps = _hop(known, entry.host, entry.user, entry.port, entry.key_file, entry.name)
    hops, left = [board], list(jumps)
    while left:
        if len(hops) >= MOST_HOPS:
            what = f"the way leads over more than {MOST_HOPS} machines: ProxyJump goes in a circle"
            raise ReachError(what, where=entry.name, hint=f"see {config or ssh_folder() / 'config'}")
        match = JUMP.match(left.pop())
        if not match or not match["host"].strip("[]"):
            raise ReachError("ProxyJump names no machine", where=entry.name, hint="as in user@host:port")
        host = match["host"].strip("[]")
        port = _number(match["port"], entry.name) if match["port"] else 0
        jump, before = _hop(known, host, match["user"] or "", port, "", entry.name)
        hops.insert(0, jump)
        if not left:  # only the first machine's own way leads on: the others are reached from the one before
            left = list(before)
    return tuple(hop._replace(proxy_command="") if number else hop for number, hop in enumerate(hops))


def _check(entry: BoardEntry) -> None:
    """Refuse what could mean something else where it is used. Raises ReachError."""
    fields = {"host": entry.host, "user": entry.user, "key file": entry.key_file, "python": entry.python}
    for label, text in fields.items():
        if any(ord(one) < 32 or ord(one) == 127 for one in text):
            raise _wrong(f"the {label} {text!r:.80} has a control character", entry.name)
        if text.startswith("-") and label != "key file":
            raise _wrong(f"the {label} {text!r:.80} begins with a dash", entry.name)


def _wrong(what: str, where: str) -> ReachError:
    error = ReachError(what, where=where, hint="fix the board's entry")
    error.step = "name"
    return error


def _hop(path: Path, host: str, user: str, port: int, key_file: str, where: str) -> tuple[Hop, tuple[str, ...]]:
    """The machine, and the machines to jump over before it, the nearest to us first."""
    for given in (host, user):
        # reading the file may run commands of it (Match exec) with these words in them, %h and %r, as they are
        if not HARMLESS.match(given) and any(map(EXEC.match, _lines(path, [MOST_INCLUDES]))):
            raise _wrong(f"{given!r:.80} means something to the shell that runs the commands of {path}", where)
    try:
        said: Mapping[str, object] = _read(path, user, port).lookup(host)
    except Exception as error:  # what paramiko raises here has no common base
        raise ReachError(f"cannot be followed: {error}", where=f"{where}, {path}") from error
    text = {key: value for key, value in said.items() if isinstance(value, str)}
    files = said.get("identityfile", [])
    named = [key_file] if key_file else [str(one) for one in files] if isinstance(files, list) else []
    address, number = text.get("hostname") or host, port or _number(text.get("port"), where)
    alias = text.get("hostkeyalias") or (address if number == 22 else f"[{address}]:{number}")
    hop = Hop(
        address,
        user or text.get("user") or getpass.getuser(),
        number,
        alias,
        tuple(map(_home, named)) or _usual_keys(),
        bool(key_file) or text.get("identitiesonly", "no").lower() == "yes",
        _unless_none(text.get("proxycommand")),
        bool(named),
        frozenset(way for way, option in WAYS.items() if text.get(option, "yes").lower() == "no"),
        text.get("batchmode", "no").lower() == "yes",
        text.get("stricthostkeychecking", "ask").lower() == "yes",
        tuple(map(_home, _unless_none(text.get("userknownhostsfile")).split())),
        _home(revoked) if (revoked := _unless_none(text.get("revokedhostkeys"))) else None,
    )
    for given in (hop.host, hop.user):
        # a shell runs the command, which may have them in it as they are
        if hop.proxy_command and not HARMLESS.match(given):
            raise _wrong(f"{given!r:.80} means something to the shell that runs the ProxyCommand", where)
    jumps = _unless_none(text.get("proxyjump"))
    return hop, tuple(one.strip() for one in jumps.split(",")) if jumps else ()


def _home(text: str) -> Path:
    """The file, "~" being the home folder; of a user nobody knows, a file that is not there."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _number(text: str | None, where: str) -> int:
    if text is None:
        return 22
    if not text.isdecimal() or len(text) > 5 or not 0 < int(text) < 65536:
        raise ReachError(f"~/.ssh/config has port {text!r:.40}", where=where)
    return int(text)


def _unless_none(text: str | None) -> str:
    return "" if text is None or text.lower() == "none" else text


def _usual_keys() -> tuple[Path, ...]:
    names = ("id_ed25519", "id_ecdsa", "id_rsa")
    return tuple(path for path in (ssh_folder() / name for name in names) if path.is_file())


def _read(path: Path, user: str, port: int) -> paramiko.SSHConfig:
    """The file, with what is known already before it: the first value counts, and %p and %r stand for it."""
    known = ["Host *", *([f"User {user}"] if user else []), *([f"Port {port}"] if port else []), "Host *"]
    return paramiko.SSHConfig.from_text("\n".join([*known, *_lines(path, [MOST_INCLUDES])]))


def _lines(path: Path, left: list[int]) -> list[str]:
    """The file's lines, with those of the files it includes in their place; nothing where it cannot be read."""
    try:
        not_device(path)  # Include takes any file
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        include = INCLUDE.match(line)
        if not include:
            found.append(line)
            continue
        for pattern in include[1].split():
            given = Path(pattern.strip('"')).expanduser()
            base = Path(given.anchor) if given.is_absolute() else ssh_folder()
            for one in sorted(base.glob(str(given.relative_to(given.anchor) if given.anchor else given))):
                if left[0] > 0:
                    left[0] -= 1
                    found += _lines(one, left)
    return found
