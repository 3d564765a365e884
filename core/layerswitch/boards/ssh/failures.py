"""What goes wrong on the way to a board, in words: what, where, and what to do about it."""

import errno
import socket

import paramiko

from ...errors import ReachError
from .ssh_config import Hop

REFUSED, ADMIN, UNKNOWN_KIND, SHORT = 2, 1, 3, 4  # reasons why a server opens no channel (RFC 4254, 5.1)


def failure(error: BaseException, hop: Hop, where: str) -> ReachError:
    """A ReachError for what `error` says of the way to a machine."""
    place = f"{hop.host} port {hop.port}"
    if isinstance(error, paramiko.ChannelException):
        return _of_jump(error, hop, where)
    if isinstance(error, socket.gaierror | UnicodeError):
        hint = "check the spelling and the network, or take the board's address"
        return made("name", f"the name {hop.host!r} is not known", where, hint, again=_passes(error))
    if isinstance(error, TimeoutError):
        hint = "is the board switched on, in this network, and not behind a firewall?"
        return made("timeout", f"{place} does not answer", where, hint, again=True)
    if isinstance(error, ConnectionRefusedError):
        hint = "is the SSH server running there (sudo apt install openssh-server), and is it the right port?"
        return made("refused", f"nothing listens at {place}", where, hint, again=True)
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        hint = "check the cable or wireless network, and the address"
        return made("route", f"there is no way to {hop.host}: {error.strerror}", where, hint, again=True)
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        hint = "its SSH server is too old or too strict: update it"
        return made(
            "refused", f"{place} and this program have no algorithm in common: {error}", where, hint, again=False
        )
    said = str(error) or type(error).__name__
    if hop.proxy_command:
        what = f"the ProxyCommand to {hop.host} leads to no SSH server, or its end: {said}"
        return made("route", what, where, f"see ~/.ssh/config: {hop.proxy_command}", again=True)
    if isinstance(error, paramiko.SSHException) and "banner" in said.lower():
        hint = "is it the right port, and does the SSH server take more connections?"
        return made("refused", f"{place} does not answer as an SSH server: {said}", where, hint, again=True)
    return made("lost", f"the connection to {place} broke: {said}", where, "try again", again=True)


def made(step: str, what: str, where: str, hint: str, *, again: bool) -> ReachError:
    """A ReachError of a step; `again` says that a later try may succeed."""
    error = ReachError(what, where=where, hint=hint)
    error.step, error.again = step, again
    return error


def _passes(error: BaseException) -> bool:
    return isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN


def _of_jump(error: paramiko.ChannelException, hop: Hop, where: str) -> ReachError:
    """The machine before could not, or may not, lead on to this one."""
    place = f"{hop.host} port {hop.port}"
    if error.code == ADMIN:
        hint = "its SSH server must have AllowTcpForwarding yes"
        return made("route", f"the machine before it may not lead on to {place}", where, hint, again=False)
    what = f"the machine before it cannot reach {place}: {error.text}"
    return made("route", what, where, "is the board switched on, and its name known there?", again=True)
