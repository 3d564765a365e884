"""Processes import what is installed: nothing planted in the current folder or in PYTHONPATH is run instead."""

import shlex
import subprocess
import sys
from pathlib import Path

from layerswitch.boards import emulated, registry
from layerswitch.boards.board import Board
from layerswitch.boards.check import board_check
from layerswitch.boards.python_command import run_file, run_text


def test_the_plants_do_what_they_are_for(planted):
    done = subprocess.run([sys.executable, "-c", "import json"], capture_output=True, check=False)
    assert done.returncode != 0
    assert "json" in planted.read_text()
    planted.unlink()


def test_a_program_given_as_text(planted):
    program = "import json, numpy, sys; print(sys.argv[1], '' in sys.path)"
    done = subprocess.run(run_text(sys.executable, program, "word"), capture_output=True, text=True, check=True)
    assert done.stdout == "word False\n"


def test_a_program_that_is_a_file(planted, tmp_path):
    (tmp_path / "program.py").write_text("import json, numpy, sys; print(sys.argv[1])")
    command = run_file(sys.executable, str(tmp_path / "program.py"), ["word"])
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "word\n"


def test_the_look_for_arm_nn(planted):
    registry.arm_nn_is_here.__wrapped__()


def test_the_agent_on_this_computer(planted):
    with Board.connect(registry.find("sim:khadas-vim3")) as board:
        assert board.description.origin == "simulated"


def test_the_check_of_a_board_on_this_computer(planted):
    states = {step.name: step.state for step in board_check.check(registry.find("sim:khadas-vim3"))}
    assert (states["python"], states["numpy"], states["inference"]) == ("ok", "ok", "ok")


def test_the_board_in_a_folder(planted, tmp_path):
    (tmp_path / emulated.AGENTS).mkdir(parents=True)
    command = emulated.command(tmp_path)[3:]
    agent = str(tmp_path / command[3].lstrip("/"))
    done = subprocess.run([sys.executable, *command[1:3], agent], stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0


def test_the_users_own_packages_stay(tmp_path, monkeypatch):
    # On a board, numpy is often installed for one user only.
    monkeypatch.setenv("HOME", str(tmp_path))
    plain = [sys.executable, "-c", "import site; print(site.ENABLE_USER_SITE)"]
    isolated = run_text(sys.executable, "import site; print(site.ENABLE_USER_SITE)")
    answers = [subprocess.run(one, capture_output=True, text=True, check=True).stdout for one in (plain, isolated)]
    assert answers[0] == answers[1]


def test_the_window_that_make_run_starts(planted):
    root = Path(__file__).parents[3]
    started = subprocess.run(
        ["make", "--no-print-directory", "-n", "run"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    command = shlex.split(started.splitlines()[-1])
    assert command[-3:] == ["-m", "layerswitch", "start"]
    done = subprocess.run([sys.executable, *command[1:-1], "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
