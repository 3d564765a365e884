"""SIGKILL of an agent reached over SSH, at random moments; the server is that of the SSH tests, in its own process."""

import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from layerswitch import resources
from layerswitch.boards.board import Board, start_agent
from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.ssh import known_hosts

from . import agent
from .window import TOKEN, gone, processes

ROOT = Path(__file__).parents[2]
LONGEST = 1.5  # seconds after asking until the agent is ended: the way takes its time


def _tests() -> Any:
    """The server, and the person who knows its password."""
    path = ROOT / "tests" / "core" / "boards" / "ssh" / "conftest.py"
    spec = importlib.util.spec_from_file_location("ssh_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serve(home: Path, token: str) -> None:
    """Serve until the input closes; prints the port."""
    server = _tests().Server(home)
    server.environment = {TOKEN: token}
    print(server.port, flush=True)
    sys.stdin.read()
    server.close()


def campaign(times: int, seed: int) -> dict[str, int]:
    """End an agent over SSH `times` times: the agent itself, or the process that watches over it."""
    chance, token = random.Random(seed), f"ssh-{os.getpid()}-{seed}"
    person = _tests().Person()
    person.passwords = ["s3cret"] * (3 * times + 10)
    with tempfile.TemporaryDirectory(prefix="layerswitch-ssh-") as name:
        folder = Path(name)
        for one in ("client/.ssh", "board"):
            (folder / one).mkdir(parents=True)
        os.environ |= {"HOME": str(folder / "client"), "XDG_CONFIG_HOME": str(folder / "client" / ".config")}
        os.environ.pop("SSH_AUTH_SOCK", None)
        known_hosts.files = lambda: (known_hosts.own_file(),)
        command = [sys.executable, "-m", "tests.campaigns.over_ssh", str(folder / "board"), token]
        with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            settings = str(resources.assets() / "boards" / f"{agent.BOARD.removeprefix('sim:')}.toml")
            where = {"host": "127.0.0.1", "port": int(server.stdout.readline()), "user": "anna"}
            entry = BoardEntry("own:desk", "Desk", "simulated", "ssh", settings, python=sys.executable, **where)

            def victim() -> int:
                while not (running := processes(token)):
                    time.sleep(0.01)
                return chance.choice(sorted(running))

            try:
                with Board.connect(entry, connect=lambda entry: start_agent(entry, person)) as board:
                    figures = agent.kills(board, victim, times, chance, LONGEST)
                left = 0 if gone(token) else len(processes(token))
            finally:
                server.stdin.close()
        return agent.tidy(figures, folder / "board", left)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
