"""Boards over SSH: reaching a board, and the agent on it."""

import logging

from ..agent_bundle import agent_bundle
from ..client.channel import Channel
from ..python_command import run_file
from ..registry import BoardEntry
from . import agent_upload
from .client import Finished, Login, log_in, quoted
from .credentials import Remembering
from .prompts import Ask, Nobody, Prompt
from .ssh_channel import SshChannel

STEPS = ("name", "route", "refused", "timeout", "host key", "login", "lost", "cache", "python")
"""What can fail on the way to a board, in order: ReachError.step."""

SILENT_SECONDS = 45.0  # an agent that hears nothing of its client for so long ends itself

# What paramiko logs, tracebacks among it, is for its developers: errors reach people as ReachError.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


def connect(entry: BoardEntry, ask: Ask | None = None) -> Channel:
    """Log in, bring the agent there, and start it. Raises ReachError."""
    login = log_in(entry, ask)
    try:
        return start(login, entry)
    except BaseException:
        login.close()
        raise


def start(login: Login, entry: BoardEntry, arguments: tuple[str, ...] = ()) -> Channel:
    """Start the agent, after bringing it there; the channel then owns the login. Raises ReachError."""
    path = agent_upload.put(login, entry.python, agent_bundle())
    words = run_file(entry.python, path, ("--silence", f"{SILENT_SECONDS:g}", *arguments))
    return SshChannel(login, "exec " + quoted(words))


__all__ = [
    "STEPS",
    "Ask",
    "Finished",
    "Login",
    "Nobody",
    "Prompt",
    "Remembering",
    "SshChannel",
    "connect",
    "log_in",
    "quoted",
    "start",
]
