import contextlib
import time
from pathlib import Path

import pytest
from command_line import layerswitch

SECONDS = 4.0  # in which a measurement has begun, where it cannot be seen


@pytest.fixture(scope="session")
def invoke():
    """invoke(*arguments): the command line's exit code and what it printed."""
    return layerswitch


@pytest.fixture
def measuring():
    """measuring(process): wait until it has started its agent, and then a second longer."""

    def wait(process):
        if not Path("/proc/thread-self/children").exists():
            time.sleep(SECONDS)
            return
        end = time.monotonic() + 60
        while not any("agent" in command for command in _children(process.pid)):
            assert process.poll() is None, "it ended before it measured"
            assert time.monotonic() < end
            time.sleep(0.02)
        time.sleep(1)

    return wait


def _children(pid):
    """The commands of a process's own processes."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            with contextlib.suppress(OSError):  # it has ended
                yield Path(f"/proc/{child}/cmdline").read_text()
