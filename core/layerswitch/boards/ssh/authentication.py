"""Logging in: the agent's keys, key files, keyboard-interactive and password, in OpenSSH's order."""

import contextlib
import queue
import shlex
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cryptography.exceptions
import paramiko

from ...errors import ReachError
from . import credentials
from .prompts import Ask, Prompt
from .ssh_config import Hop

TRIES = 3  # passwords and passphrases
PERSON_SECONDS = 600.0  # for a person to answer
MOST_PROMPTS = 8  # in one question of a server: more would push out of sight who asks


class GivenUpError(Exception):
    """The person does not want to answer."""


def authenticate(transport: paramiko.Transport, hop: Hop, ask: Ask, where: str, *, remember: bool = False) -> None:
    """Log in, or raise ReachError that says what was tried. `remember` lets the system's keyring keep the password."""
    tried: list[str] = []
    try:
        offered = _allowed(transport, hop)
        tried += [f"{way} is switched off in ~/.ssh/config" for way in sorted(offered & hop.unwanted)]
        allowed = offered - hop.unwanted
        if _keys(transport, hop, ask, allowed, tried):
            return
        if "password" in allowed or "keyboard-interactive" in allowed:
            _typed(transport, hop, ask, allowed, tried, remember)
    except GivenUpError:
        raise _refused(f"logging in as {hop.user} was given up", where, "") from None
    except paramiko.AuthenticationException as error:
        if transport.is_active():
            raise _refused(str(error), where, "") from error
        tried.append("then the server hung up")
    if transport.is_authenticated():
        return
    what = f"{hop.name} does not let {hop.user!r} in: {', '.join(tried) or 'there was nothing to try'}"
    ways = ", ".join(sorted(allowed - {"none"})) or "nothing"
    hint = f"check the user's name and the key; it accepts {ways}"
    if "publickey" in allowed and hop.key_files:
        words = ["ssh-copy-id", "-i", f"{hop.key_files[0]}.pub", "-p", str(hop.port), f"{hop.user}@{hop.host}"]
        hint += f"; to let a key in: {shlex.join(words)}"
    # one that hangs up may only be starting: systems let nobody in before they are up
    raise _refused(what, where, hint, again=not transport.is_active())


def _refused(what: str, where: str, hint: str, *, again: bool = False) -> ReachError:
    error = ReachError(what, where=where, hint=hint)
    error.step, error.again = "login", again
    return error


@contextlib.contextmanager
def _heard(transport: paramiko.Transport) -> Iterator[None]:
    """Hang up on a server that does not answer: to paramiko, that looks as if it had refused."""
    begun = time.monotonic()
    try:
        yield
    except paramiko.AuthenticationException:
        if transport.auth_timeout and time.monotonic() - begun >= 0.9 * transport.auth_timeout:
            transport.close()
        raise


def _allowed(transport: paramiko.Transport, hop: Hop) -> set[str]:
    """What the server accepts of this user."""
    try:
        with _heard(transport):
            transport.auth_none(hop.user)
    except paramiko.BadAuthenticationType as error:
        return set(error.allowed_types)
    except paramiko.AuthenticationException:
        return {"publickey", "password", "keyboard-interactive"} if transport.is_active() else set()
    return {"none"}


def _keys(transport: paramiko.Transport, hop: Hop, ask: Ask, allowed: set[str], tried: list[str]) -> bool:
    """Whether a key logs in; where the server wants more than a key, `allowed` becomes what it wants then."""
    if transport.is_authenticated():
        return True
    if "publickey" not in allowed:
        return False
    for label, key in _candidates(hop, ask, tried):
        try:
            with _heard(transport):
                more = transport.auth_publickey(hop.user, key)
        except paramiko.AuthenticationException:
            tried.append(f"{label} was refused")
            if not transport.is_active():
                raise
        except paramiko.SSHException as error:  # no signature both sides know
            tried.append(f"{label} cannot be used: {error}")
        else:
            if not more:
                return True
            tried.append(f"{label} was accepted, and more is wanted")
            allowed.clear()
            allowed.update(set(more) - hop.unwanted)
            return False
    return False


def _candidates(hop: Hop, ask: Ask, tried: list[str]) -> Iterator[tuple[str, paramiko.PKey]]:
    locked = []
    if not hop.only_these_keys:
        yield from _agent_keys()
    for path in hop.key_files:
        try:
            yield f"key {path}", paramiko.PKey.from_path(path)
        except (TypeError, paramiko.PasswordRequiredException):
            locked.append(path)
        except OSError as error:
            if hop.explicit_keys:
                tried.append(f"key {path} cannot be read: {error.strerror}")
        except (ValueError, paramiko.SSHException, cryptography.exceptions.UnsupportedAlgorithm):
            tried.append(f"{path} is no private key that can be used")
    for path in locked:
        key = _unlocked(path, ask, tried)
        if key:
            yield f"key {path}", key


def _agent_keys() -> Iterator[tuple[str, paramiko.PKey]]:
    agent = None
    try:
        agent = paramiko.Agent()
        for key in agent.get_keys():
            yield f"the agent's key {key.comment or key.fingerprint}", key
    except (paramiko.SSHException, OSError):
        return
    finally:
        if agent:
            agent.close()


def _unlocked(path: Path, ask: Ask, tried: list[str]) -> paramiko.PKey | None:
    for _ in range(TRIES):
        passphrase = ask.password(f"Passphrase of {path}")
        if passphrase is None:
            tried.append(f"key {path} stayed locked")
            return None
        try:
            return paramiko.PKey.from_path(path, passphrase.encode())  # type: ignore[arg-type]  # cryptography takes bytes
        except (ValueError, TypeError, paramiko.SSHException):
            continue
    tried.append(f"key {path}: {TRIES} wrong passphrases")
    return None


def _typed(
    transport: paramiko.Transport, hop: Hop, ask: Ask, allowed: set[str], tried: list[str], remember: bool
) -> None:
    """Log in by what the person types; a password from the keyring first, where it may be used."""
    kept = credentials.kept_password(hop.user, hop.name) if remember and "password" in allowed else None
    if kept is not None:
        if _password(transport, hop, kept):
            return
        tried.append("the keyring's password was refused")
        credentials.forget_password(hop.user, hop.name)
    who = f"{hop.user}@{hop.name}"
    for _ in range(TRIES):
        if "password" in allowed:
            given = ask.password(f"Password of {who}")
            if given is None:
                raise GivenUpError
            if _password(transport, hop, given):
                if remember and (why := credentials.keep_password(hop.user, hop.name, given)):
                    ask.tell(f"The password of {who} was not kept, since {why}: it is asked for each time")
                return
            tried.append("the password was refused")
        elif _interactive(transport, hop, ask):
            if remember:
                ask.tell(f"The answers for {who} were not kept, for they may hold only once: they are asked for again")
            return
        else:
            tried.append("the answers were refused")


def _password(transport: paramiko.Transport, hop: Hop, password: str) -> bool:
    try:
        with _heard(transport):
            return not transport.auth_password(hop.user, password, fallback=False)
    except paramiko.AuthenticationException:
        if not transport.is_active():
            raise
        return False


def _interactive(transport: paramiko.Transport, hop: Hop, ask: Ask) -> bool:
    """paramiko asks from its own thread: what it asks is handed to this one, which is the person's."""
    questions: queue.Queue[tuple[str, str, list[Prompt]] | None] = queue.Queue()
    answers: queue.Queue[list[str]] = queue.Queue()
    result: list[bool | Exception] = []

    def handle(title: str, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        questions.put((title, instructions, [Prompt(text, echo) for text, echo in prompts]))
        return answers.get()

    def log_in() -> None:
        try:
            result.append(not transport.auth_interactive(hop.user, handle))
        except paramiko.AuthenticationException as error:
            result.append(error if not transport.is_active() else False)
        except Exception as error:
            result.append(error)
        finally:
            questions.put(None)

    transport.auth_timeout = PERSON_SECONDS
    worker = threading.Thread(target=log_in, name="keyboard-interactive", daemon=True)
    worker.start()
    given_up: BaseException | None = None
    who = f"{hop.user}@{hop.name}"
    while question := questions.get():
        found: list[str] = []
        if question[2] and given_up is None:
            try:
                if len(question[2]) > MOST_PROMPTS:
                    raise paramiko.AuthenticationException(f"{who} asks for {len(question[2])} answers at once")
                found = list(ask.keyboard_interactive(who, *question) or ())
                if len(found) != len(question[2]):
                    given_up = GivenUpError()
            except BaseException as error:  # the one who asks failed: paramiko's thread must not wait for ever
                given_up = error
        if given_up is not None:
            found = [""] * len(question[2])
        answers.put(found)
    worker.join()
    if given_up is not None:
        raise given_up
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]
