"""The emulated Arm board: an arm64 system in a folder of this computer, made by `make board`."""

import os
from pathlib import Path

import platformdirs

from ..serialization import write_whole
from .agent_bundle import agent_bundle
from .client.local_channel import WATCHED
from .python_command import run_file

RUNNER = "opt/layerswitch/on-board"  # the script that runs a command on the board; the board brings it along
AGENTS = "opt/layerswitch/agents"


def folder() -> Path:
    """Where `make board` puts the board; it need not exist."""
    return platformdirs.user_cache_path("layerswitch", appauthor=False) / "boards" / "emulated-arm"


def is_here(board: Path) -> bool:
    """Whether there is a finished board in the folder, and we may run it: that takes root."""
    try:
        return os.geteuid() == 0 and (board / "etc/layerswitch-board").is_file() and (board / RUNNER).is_file()
    except OSError:
        return False


def command(board: Path) -> list[str]:
    """The command that runs the agent on the board, which gets the agent's file first. Raises FileError, OSError."""
    bundle, agents = agent_bundle(), board / AGENTS
    agents.mkdir(exist_ok=True)
    if not (agents / bundle.name).is_file():
        for old in agents.glob("agent-*.pyz"):
            old.unlink()
        write_whole(agents / bundle.name, bundle.content)
    return ["/bin/sh", str(board / RUNNER), str(board), *run_file("python3", f"/{AGENTS}/{bundle.name}", WATCHED)]
