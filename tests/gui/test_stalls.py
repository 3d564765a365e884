"""The interface thread answers within 100 ms throughout, from a cold start on: bundled networks, simulated board."""

import os
import subprocess
import sys
from pathlib import Path

NETWORKS = ("googlenet", "inception-v3", "mobilenet-v2", "resnet-50")


def test_no_step_on_bundled_networks_stalls_the_window(tmp_path):
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
    assert "STALL" not in done.stdout, done.stdout
