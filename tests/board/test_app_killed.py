"""An app that is killed while its agent on the emulated Arm board is in native code: nothing goes on computing."""

import contextlib
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from layerswitch.boards import emulated, registry
from layerswitch.errors import BoardError

pytestmark = [pytest.mark.board, pytest.mark.timeout(300)]
ENGINE = Path(__file__).parents[1] / "core" / "boards" / "scripted_engine.py"
APP = """
    from layerswitch.boards import emulated
    from layerswitch.boards.board import Board
    from layerswitch.boards.registry import BoardEntry
    from layerswitch.boards.check.board_check import small_network
    from layerswitch.boards.client.local_channel import LocalChannel
    from layerswitch.network.model import Model

    shell, script, board, *agent = emulated.command(emulated.folder())
    agent.remove("-E")
    agent = ["env", "PYTHONPATH=/tmp/{name}", *agent, "--engine", "scripted_engine:Scripted"]
    agent += ["--lock", "/tmp/{name}/lock"]
    BoardEntry.engine_settings = lambda self: ("real", {{"frozen": True}})
    entry = BoardEntry("x", "X", "emulated", "folder", folder=board)
    model = Model(small_network(), {{}})
    one = Board.connect(entry, connect=lambda _: LocalChannel([shell, script, board, *agent]))
    one.unsupported(model)
    print("up", flush=True)
    one.run(model, dict.fromkeys(model.graph.index, "CPU"))
"""


@pytest.fixture
def shared():
    """A folder of our own on the board, with the engine that never comes back from native code."""
    try:
        registry.find("emulated-arm")
    except BoardError:
        pytest.skip("there is no emulated Arm board here: make it with `make board`, as root")
    folder = emulated.folder() / "tmp" / f"layerswitch-{time.monotonic_ns()}"
    folder.mkdir()
    shutil.copy(ENGINE, folder)
    yield folder
    shutil.rmtree(folder)


def agents(name):
    """Processes that were started with our folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if f"/tmp/{name}/lock".encode() in one.read_bytes():
                found.append(int(one.parent.name))
    return found


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_agent_ends_with_it(shared, how):
    program = textwrap.dedent(APP.format(name=shared.name))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as app:
        try:
            assert app.stdout.readline() == b"up\n"
            end = time.monotonic() + 60
            while not (shared / "lock").is_file():  # the run has begun, and never lets another thread of the agent run
                assert time.monotonic() < end
                time.sleep(0.05)
            assert len(agents(shared.name)) >= 2
        finally:
            app.send_signal(how)
    end = time.monotonic() + 60
    while agents(shared.name):
        assert time.monotonic() < end, "an agent was left on the board"
        time.sleep(0.1)
