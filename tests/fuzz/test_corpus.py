"""What fuzzing found once stays found: every file of the corpus is read or refused, in a process with limits."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow(20)

HERE = Path(__file__).parent
FILES = sorted((HERE / "corpus").iterdir())
SECONDS = 60.0  # for a target's files together; a hang is told after five


@pytest.mark.parametrize("target", sorted({path.name.rpartition("-")[0] for path in FILES}))
def test_every_file_is_read_or_refused(target, tmp_path):
    command = [sys.executable, "-m", "tests.fuzz.replay", target, str(tmp_path)]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mutants_of_every_kind_are_read_or_refused(tmp_path):
    """A breath of the fuzzer itself, so that it keeps working: a second for each kind of file."""
    kinds = ["csv", "plan", "board", "to-agent", "from-agent", "tflite"]
    command = [sys.executable, "-m", "tests.fuzz", "--seconds", "1.5", "--keep", str(tmp_path), "--targets", *kinds]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("|") == 6 * len(kinds)
