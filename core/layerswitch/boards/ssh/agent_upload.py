"""The agent's file on the board: put there once per content, checked each time before it runs."""

import contextlib
import hashlib
import json
import secrets
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec
import paramiko
from msgspec import Meta

from ...errors import BoardError
from ..agent_bundle import Bundle
from ..python_command import run_text
from .client import Finished, Login, quoted
from .failures import made

OLDEST = (3, 8)
SECONDS = 60.0  # a board that reads Python from a card for the first time


class Prepared(msgspec.Struct, frozen=True):
    """What remote_prepare.py says."""

    python: tuple[int, int, int]
    path: Annotated[str, Meta(max_length=4096)] = ""
    have: bool = False
    refused: str = ""


def put(login: Login, python: str, bundle: Bundle) -> str:
    """Make sure that the board has the agent; the path of its file. Raises ReachError, BoardError."""
    sha256 = hashlib.sha256(bundle.content).hexdigest()
    found = _prepare(login, python, bundle.name, sha256)
    if not found.have:
        _upload(login, found.path, bundle.content)
        if not _prepare(login, python, bundle.name, sha256).have:
            raise made("cache", "the agent's file is not what was sent", f"{login.where}, {found.path}", "", again=True)
    return found.path


def _prepare(login: Login, python: str, name: str, sha256: str) -> Prepared:
    program = (Path(__file__).parent / "remote_prepare.py").read_text("utf-8")
    done = login.run(run_text(python, program, name, sha256), seconds=SECONDS)
    try:
        lines = [line for line in done.output.splitlines() if line.startswith("{")]  # after what a profile prints
        answer = msgspec.json.decode(lines[-1], type=Prepared)
    except (IndexError, msgspec.DecodeError):
        raise _no_python(login, python, done) from None
    if answer.python < OLDEST:
        version = ".".join(str(part) for part in answer.python)
        hint = "install a newer one there, and name it as the board's `python`"
        raise made("python", f"{python} is Python {version}; the agent needs 3.8", login.where, hint, again=False)
    if answer.refused:
        hint = "the folder for agents must be the user's own: remove what is there, or set XDG_CACHE_HOME on the board"
        raise made("cache", f"the agent is not put there: {answer.refused[:500]}", login.where, hint, again=False)
    return answer


def _no_python(login: Login, python: str, done: Finished) -> BoardError:
    said = " ".join((done.errors or done.output).split())[-300:]
    if done.status in (126, 127):
        hint = "sudo apt install python3, or name another one as the board's `python`"
        return made("python", f"{python} cannot be run there: {said}", login.where, hint, again=False)
    if done.status == -1:
        return made("lost", f"{python} did not come to its end: {said}", login.where, "", again=True)
    what = (
        f"{python} does not answer as a Python does (exit code {done.status}): {said or json.dumps(done.output[:80])}"
    )
    return made("python", what, login.where, f"try it: ssh ... {quoted([python])} --version", again=False)


def _upload(login: Login, path: str, content: bytes) -> None:
    """Written under another name and renamed, so that no half agent is ever run."""
    temporary = str(PurePosixPath(path).parent / f".part-{secrets.token_hex(8)}")
    try:
        sftp = login.transport.open_sftp_client()
        if sftp is None or (channel := sftp.get_channel()) is None:
            raise EOFError
        with sftp:
            channel.settimeout(SECONDS)
            try:
                with sftp.open(temporary, "wx") as file:
                    file.set_pipelined(True)
                    sftp.chmod(temporary, 0o600)
                    file.write(content)
                sftp.posix_rename(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError, paramiko.SSHException, EOFError):
                    sftp.remove(temporary)
                raise
    except OSError as error:
        hint = "is the board's disk full? `df -h ~` there says"
        what = f"the agent cannot be written: {error.strerror or error or type(error).__name__}"
        raise made("cache", what, f"{login.where}, {path}", hint, again=False) from error
    except (paramiko.SSHException, EOFError) as error:
        what = f"the agent cannot be sent over SFTP: {error or type(error).__name__}"
        hint = "does its SSH server have SFTP (sudo apt install openssh-sftp-server)?"
        raise made("cache", what, login.where, hint, again=not login.transport.is_active()) from error
