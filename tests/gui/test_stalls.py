"""The interface thread answers within 100 ms throughout, from a cold start on: bundled networks, simulated board."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow(40)

NETWORKS = ("googlenet", "inception-v3", "mobilenet-v2", "resnet-50")
TRIES = 3
"""A machine that shares its cores makes the same work cost up to twice the processor time now and then; work that is
too long by itself is too long in every try."""


def stalls(tmp_path):
    """Step -> what was said of its stall, in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("stalls.py")), *NETWORKS],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("step ") == 10 * len(NETWORKS), done.stdout + done.stderr
    found = re.finditer(r"^STALL in ([^:]+): (.*?)(?=^step |^STALL |\Z)", done.stdout, re.MULTILINE | re.DOTALL)
    return {match[1]: match[2] for match in found}


def test_no_step_on_bundled_networks_stalls_the_window(tmp_path):
    found = stalls(tmp_path)
    for _ in range(TRIES - 1):
        if not found:
            return
        again = stalls(tmp_path)
        found = {step: said for step, said in again.items() if step in found}
    assert not found, "\n".join(f"{step}: {said}" for step, said in found.items())
