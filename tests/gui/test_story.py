"""The whole story in a real X server: open GoogLeNet, profile, paint, undo, run, compare, save, reopen, export."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = [
    *("start", "planned", "selected", "painted", "undone", "recalled", "run", "compared", "difference"),
    *("layers", "timeline", "switches", "another", "reopened", "exported", "closed"),
]


@pytest.mark.slow(90)
@pytest.mark.skipif(not (shutil.which("xvfb-run") and shutil.which("Xvfb")), reason="needs Xvfb")
@pytest.mark.parametrize(("size", "look"), [("1280x800", "light"), ("2560x1440", "dark")])
def test_the_whole_story(tmp_path, size, look):
    folder = Path(os.environ.get("LAYERSWITCH_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")}
    command = [
        "xvfb-run",
        "-a",
        "-s",
        f"-screen 0 {size}x24",
        sys.executable,
        str(Path(__file__).with_name("story.py")),
    ]
    done = subprocess.run(
        [*command, str(folder), size, look],
        env={**environment, "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.stdout.split() == STEPS, done.stderr
    assert done.returncode == 0
