"""Short versions of the campaigns, and disks that take nothing."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from layerswitch.errors import FileError
from layerswitch.serialization import write_whole

pytestmark = pytest.mark.slow(20)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("campaign", "times"), [("writes", 4), ("agent", 4), ("ssh", 2), ("window", 3)])
def test_a_short_campaign(campaign, times):
    command = [sys.executable, "-m", "tests.campaigns", campaign, "--times", str(times)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"killed: {times}" in done.stdout


FULL = """
import resource, signal, sys
from layerswitch.errors import FileError
from layerswitch.serialization import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(sys.argv[1], b"x" * 5000)
except FileError as error:
    print(error)
"""


def test_a_full_disk_is_told_and_the_old_file_stays(tmp_path):
    path = tmp_path / "work.layerswitch"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_takes_nothing_is_told(tmp_path):
    path = tmp_path / "closed" / "work.layerswitch"
    path.parent.mkdir()
    path.write_bytes(b"old")
    path.parent.chmod(0o500)
    try:
        if os.geteuid() == 0:
            path = Path("/proc/work.layerswitch")  # root may write everywhere else
        with pytest.raises(FileError, match="cannot be written"):
            write_whole(path, b"new")
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert (tmp_path / "closed" / "work.layerswitch").read_bytes() == b"old"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
