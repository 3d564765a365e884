"""Known machines: OpenSSH's known_hosts is read, and what a person accepted here is kept in a file of our own."""

import base64
import fnmatch
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import paramiko
import platformdirs

from ...atomic_write import folder_lock, not_device, write_whole
from ...errors import FileError, ReachError
from .prompts import Ask
from .ssh_config import Hop, ssh_folder


class Known(NamedTuple):
    """A line that speaks of a machine."""

    path: Path
    line: int
    kind: str
    key: bytes
    marker: str = ""  # "@revoked", "@cert-authority"


def own_file() -> Path:
    """Where the keys that were accepted here are kept; it need not exist."""
    return platformdirs.user_config_path("layerswitch", appauthor=False) / "known_hosts"


def files() -> tuple[Path, ...]:
    """The files that are looked at, ours first."""
    return own_file(), ssh_folder() / "known_hosts", ssh_folder() / "known_hosts2", Path("/etc/ssh/ssh_known_hosts")


def known(hop: Hop) -> list[Known]:
    """Every line about a machine, called as in known_hosts: "host" or "[host]:port"."""
    return [entry for path in dict.fromkeys((*files(), *hop.known_hosts)) for entry in _entries(path, hop.name)]


def kinds(hop: Hop) -> list[str]:
    """The kinds of keys a machine is known by, so that it can be asked for one of them."""
    return list(dict.fromkeys(entry.kind for entry in known(hop) if not entry.marker))


def check(hop: Hop, key: paramiko.PKey, ask: Ask, where: str) -> None:
    """Make sure that a machine is the one it was, or that a person says it is the right one, which is then kept.

    Raises ReachError: the key has changed, was revoked, or is unknown and was not accepted.
    """
    entries, print_ = known(hop), key.fingerprint
    if hop.revoked is not None:
        _check_revoked(hop.revoked, key, where)
    for entry in entries:
        if entry.marker == "@revoked" and entry.key == key.asbytes():
            what = f"the key of {hop.name} ({print_}) was revoked in {entry.path}, line {entry.line}"
            raise _refused(what, where, "do not use this machine before you know why")
    plain = [entry for entry in entries if not entry.marker]
    if any(entry.key == key.asbytes() for entry in plain):
        return
    if same := [entry for entry in plain if entry.kind == key.get_name()] or plain:
        places = " and ".join(f"{entry.path}, line {entry.line}" for entry in same)
        lines = "these lines" if len(same) > 1 else "this line"
        raise _refused(
            f"{hop.name} has another key than before: {key.get_name()} {print_}, but {places} knows it by"
            f" {' and '.join(f'{entry.kind} {fingerprint(entry.key)}' for entry in same)}",
            where,
            f"somebody may be in between; if the board was reinstalled, remove {lines} and connect again",
        )
    if not ask.accept_host_key(hop.name, key.get_name(), print_):
        hint = (
            "compare it with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` says on the board, and accept it"
        )
        raise _refused(f"{hop.name} is not known: its key {key.get_name()} {print_} was not accepted", where, hint)
    _keep(hop.name, key, where)


def _check_revoked(path: Path, key: paramiko.PKey, where: str) -> None:
    """Of RevokedHostKeys: a key a line, as OpenSSH has them; a file of another form or none refuses every machine."""
    try:
        lines = [line.split() for line in path.read_text("ascii").splitlines()]
    except (OSError, ValueError) as error:
        raise _refused(f"revoked keys cannot be read from {path}: {error}", where, "see ~/.ssh/config") from error
    if any(key.get_base64() in line for line in lines):
        what = f"the key {key.fingerprint} was revoked in {path}"
        raise _refused(what, where, "do not use this machine before you know why")


def fingerprint(key: bytes) -> str:
    """As `ssh-keygen -l` prints it."""
    import hashlib

    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _refused(what: str, where: str, hint: str) -> ReachError:
    error = ReachError(what, where=where, hint=hint)
    error.step = "host key"
    return error


def _keep(name: str, key: paramiko.PKey, where: str) -> None:
    path, line = own_file(), f"{name} {key.get_name()} {key.get_base64()}\n"
    try:
        with folder_lock(path.parent):  # another process may be adding a machine of its own
            before = path.read_bytes() if path.exists() else b""
            if before and not before.endswith(b"\n"):
                before += b"\n"
            write_whole(path, before + line.encode(), private=True)
    except (OSError, FileError) as error:
        what = f"the accepted key cannot be kept in {path}: {getattr(error, 'what', error)}"
        raise _refused(what, where, "") from error


def _entries(path: Path, name: str) -> Iterator[Known]:
    try:
        not_device(path)  # UserKnownHostsFile names any file, often /dev/null
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, 1):
        fields = line.split()
        marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
        if len(fields) < 3 or fields[0].startswith("#") or not _matches(fields[0], name):
            continue
        try:
            yield Known(path, number, fields[1], base64.b64decode(fields[2], validate=True), marker)
        except ValueError:
            continue


def _matches(names: str, name: str) -> bool:
    """Whether a line's first field speaks of the machine: a hashed name, or names and patterns, some negated."""
    if names.startswith("|1|"):
        try:
            return hmac.compare_digest(paramiko.HostKeys.hash_host(name, names).encode(), names.encode())
        except (ValueError, AssertionError):  # paramiko asserts that the salt is as long as it should be
            return False
    found = False
    for pattern in names.lower().split(","):
        # brackets are part of a name here, not a set of characters
        plain = pattern.lstrip("!").replace("[", "[[]")
        if fnmatch.fnmatchcase(name.lower(), plain):
            if pattern.startswith("!"):
                return False
            found = True
    return found
