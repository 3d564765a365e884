"""Standard streams as shells leave them: closed, full, read by `head`; and Ctrl-C at any moment."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND

WRITES = (["models"], ["models", "--json"], ["show", "squeezenet"], ["show", "googlenet", "--json"])


def test_no_command_waits_for_libraries_that_it_may_not_need():
    """They would double what starting takes, which is felt at every Tab."""
    program = "import sys, layerswitch.cli.app; print({'scipy', 'networkx', 'onnx', 'paramiko'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.mark.parametrize("arguments", WRITES)
def test_a_reader_that_goes_away_is_no_error(arguments):
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed, tmp_path):
    command = f'"$@" {closed}'
    arguments = ["run", "squeezenet", "-b", "sim:khadas-vim3", "-a", "GPU", "-n", "2", "-o", tmp_path / "r.json"]
    done = subprocess.run(["sh", "-c", command, "sh", *COMMAND, *arguments], capture_output=True, timeout=60)
    assert (done.returncode, (tmp_path / "r.json").exists()) == (0, True)
    assert b"fault" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", WRITES)
def test_a_full_disk_is_said_and_is_no_fault(arguments):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        "layerswitch: standard output cannot be written: No space left on device"
    ]


@pytest.mark.parametrize("program", ["layerswitch.cli.app", "numpy"])
def test_ctrl_c_while_modules_are_imported(program, tmp_path):
    """A meta path finder that sends the signal when `program` is imported stands for a quick finger."""
    finger = (
        "import os, signal, sys\n"
        "class Finger:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {program!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finger())\n"
        "from layerswitch.cli import main\n"
        "sys.argv = ['layerswitch', 'show', 'squeezenet']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", finger], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "layerswitch: cancelled\n")


def test_a_comparison_that_is_stopped_keeps_its_rounds_and_says_so(tmp_path, measuring):
    command = [*COMMAND, "compare", "squeezenet", "-b", "sim:khadas-vim3", "--rounds", "1000000", "-o", "c.json"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    measuring(process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    lines = stderr.strip().splitlines()
    assert lines[-1] == "layerswitch: cancelled"
    if (tmp_path / "c.json").exists():  # else the machine was too slow for one round
        rounds = json.loads((tmp_path / "c.json").read_text())["rounds"]
        assert lines[-2] == f"stopped after {rounds} of 1000000 rounds; these are the result"
