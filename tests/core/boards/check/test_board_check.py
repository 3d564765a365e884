"""Checking a board: one thing fails at a time, and the command that fixes it is named."""

import json
import shlex
import socket
import subprocess
import threading
from pathlib import Path

import msgspec
import pytest

from layerswitch.boards.check import board_check, probe, step_rules
from layerswitch.boards.check.board_check import TITLES, Ended, check, works
from layerswitch.boards.check.step_rules import Cache, Facts, Gpu, Import
from layerswitch.boards.registry import BoardEntry, boards
from layerswitch.errors import CancelledError, ReachError
from layerswitch.measurement.profile import BoardDescription, Device

GOOD = Facts(
    (3, 11, 2),
    "khadas",
    "aarch64",
    1000.0,
    Import("1.24"),
    Cache("/home/khadas/.cache", 10**10, True),
    (Gpu("/dev/mali0", "video", True),),
)


def but(**fields):
    return msgspec.structs.replace(GOOD, **fields)


@pytest.mark.parametrize(
    ("step", "fix"),
    [
        (step_rules.python(but(python=(3, 7, 9)), "python3"), "sudo apt install python3.8"),
        (step_rules.numpy(but(numpy=Import(error="No module named 'numpy'"))), "sudo apt install python3-numpy"),
        (step_rules.armnn(Import(error="No module named 'pyarmnn'")), "sudo apt install python3-pyarmnn"),
        (step_rules.disk(but(cache=Cache("/c", 10**8, True))), "rm -r ~/.cache/layerswitch/constants"),
        (step_rules.disk(but(cache=Cache("/c", 10**10, False))), "sudo chown khadas: /c"),
        (step_rules.clock(GOOD, 1500.0), "sudo timedatectl set-ntp true"),
        (step_rules.clock(GOOD, 500.0), "sudo timedatectl set-ntp true"),
        (step_rules.gpu_device(but(gpus=())), "ls /dev/mali0"),
        (step_rules.gpu_device(but(gpus=(Gpu("/dev/mali0", "video", False),))), "sudo usermod -aG video khadas"),
        (step_rules.gpu_device(but(gpus=(Gpu("/dev/mali0", "root", False),))), "usermod -aG video khadas"),
        (step_rules.gpu_device(but(gpus=(Gpu("/dev/mali0", "root", False),))), 'KERNEL=="mali0", GROUP="video"'),
        (step_rules.gpu_device(but(gpus=(Gpu("/dev/dri/renderD128", "root", False),))), "usermod -aG render khadas"),
    ],
)
def test_what_fails_is_said_with_what_mends_it(step, fix):
    assert step.state == "failed"
    assert step.detail
    assert fix in step.fix


def test_a_good_board_passes():
    steps = [step_rules.python(GOOD, "python3"), step_rules.numpy(GOOD), step_rules.armnn(Import("22.0.0"))]
    steps += [step_rules.disk(GOOD), step_rules.clock(GOOD, 1001.0), step_rules.gpu_device(GOOD)]
    assert {step.state for step in steps} == {"ok"}
    assert not any(step.fix for step in steps)


def described(*backends, **details):
    devices = tuple(Device(name, "some processor", backend) for name, backend in zip("AB", backends, strict=False))
    said = {label.replace("_", " "): text for label, text in details.items()}
    return BoardDescription(name="b", title="B", origin="measured", engine="Arm NN", devices=devices, details=said)


@pytest.mark.parametrize(
    ("name", "reason", "version", "machine", "fix"),
    [
        ("CpuAcc", "not known", "22.0.0", "aarch64", "sudo apt install libarmnn-cpuacc-backend22"),
        ("GpuAcc", "not known", "33.1.0", "aarch64", "sudo apt install libarmnn-gpuacc-backend33"),
        ("GpuAcc", "Can't load libOpenCL.so", "22.0.0", "aarch64", "libmali"),
        ("CpuAcc", "not known", "22.0.0", "x86_64", "arm64 only"),
    ],
)
def test_a_backend_that_is_missing(name, reason, version, machine, fix):
    step = step_rules.backend(name, described("CpuRef", **{f"no_{name}": reason}), version, machine)
    assert (step.state, step.detail) == ("failed", reason)
    assert fix in step.fix


def test_a_backend_that_works():
    assert step_rules.backend("GpuAcc", described("CpuAcc", "GpuAcc"), "22", "aarch64").state == "ok"


def test_a_boards_words_steer_nothing():
    step = step_rules.numpy(but(numpy=Import(error="\x1b[2J\nevil\u202e" + "x" * 9999)))
    assert step.detail.isprintable()
    assert len(step.detail) <= 400


def by_name(steps):
    return {step.name: step for step in steps}


def test_a_simulated_board_works_and_every_step_comes_once():
    steps = list(check(_first()))
    assert [step.name for step in steps] == list(TITLES)
    assert works(steps)
    assert "simulated" in by_name(steps)["inference"].detail


def _first():
    return boards()[0]


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (Ended(127, "", "python3: not found"), "not found"),
        (Ended(-11, "", ""), "crashed (signal 11)"),
        (Ended(139, "", ""), "crashed (signal 11)"),
        (Ended(0, "{", ""), "does not answer"),
        (Ended(0, json.dumps({"python": "x" * 50}), ""), "does not answer"),
    ],
)
def test_a_python_that_does_not_answer(monkeypatch, ended, said):
    monkeypatch.setattr(board_check, "_run_here", lambda entry, words: ended)
    steps = by_name(check(_first()))
    assert steps["python"].state == "failed"
    assert said in steps["python"].detail
    assert steps["numpy"].state == steps["inference"].state == "skipped"
    assert not works(list(steps.values()))


def test_pyarmnn_that_crashes_is_not_fatal_for_the_app(monkeypatch):
    good = Ended(0, "motd\n" + msgspec.json.encode(GOOD).decode() + "\n", "")
    answers = iter([good, Ended(-11, "", "")])
    monkeypatch.setattr(board_check, "_run_here", lambda entry, words: next(answers))
    steps = by_name(check(BoardEntry("local", "Here", "measured", "local")))
    assert (steps["python"].state, steps["pyarmnn"].state, steps["agent"].state) == ("ok", "failed", "skipped")
    assert "python3-pyarmnn" in steps["pyarmnn"].fix


@pytest.mark.parametrize("step", ["name", "route", "refused", "timeout", "lost", "host key", "login"])
def test_what_is_in_the_way(monkeypatch, step):
    from layerswitch.boards import ssh

    def log_in(entry, ask):
        error = ReachError("what happened", hint="do this")
        error.step = step
        raise error

    monkeypatch.setattr(ssh, "log_in", log_in)
    steps = by_name(check(BoardEntry("own:x", "X", "measured", "ssh", host="x")))
    name = step if step in ("host key", "login") else "reach"
    assert (steps[name].state, steps[name].detail, steps[name].fix) == ("failed", "what happened", "do this")
    if name != "reach":
        assert steps["reach"].state == "ok"
    assert steps["python"].state == "skipped"


def test_a_port_where_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    steps = by_name(check(BoardEntry("own:x", "X", "measured", "ssh", host="127.0.0.1", port=port)))
    assert "nothing listens" in steps["reach"].detail
    assert "openssh-server" in steps["reach"].fix


def test_it_can_be_cancelled():
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        list(check(_first(), cancel=cancel))


def test_the_probe_runs_under_any_python_3():
    import ast

    ast.parse(Path(probe.__file__).read_text(), feature_version=(3, 5))


EVIL = "x; rm -rf ~\x1b[2J\n'\"$(id)"
BROKEN = Import(error="No module")
FAILED = [
    step_rules.python(but(python=(3, 7, 9)), EVIL),
    step_rules.numpy(but(numpy=BROKEN)),
    step_rules.armnn(BROKEN, "aarch64"),
    step_rules.armnn(BROKEN, EVIL),
    step_rules.disk(but(cache=Cache(EVIL, 10**8, True), user=EVIL)),
    step_rules.disk(but(cache=Cache(EVIL, 10**10, False), user=EVIL)),
    step_rules.clock(GOOD, 1500.0),
    step_rules.gpu_device(but(gpus=(), user=EVIL)),
    step_rules.gpu_device(but(gpus=(Gpu(f"/dev/{EVIL}", EVIL, False),), user=EVIL)),
    step_rules.gpu_device(but(gpus=(Gpu(f"/dev/{EVIL}", "root", False),), user=EVIL)),
    *(
        step_rules.backend(name, described("CpuRef", **{f"no_{name}": reason}), EVIL, machine)
        for name in ("CpuAcc", "GpuAcc")
        for reason in (EVIL, "no OpenCL")
        for machine in ("aarch64", EVIL)
    ),
]


@pytest.mark.parametrize("step", FAILED, ids=lambda step: step.name)
def test_what_mends_it_can_be_pasted_and_holds_no_command_of_the_boards(step):
    """A board's words are quoted, or stand in the remark; nothing steers the terminal; the shell can read it."""
    assert step.fix.isprintable()
    read = subprocess.run(["sh", "-n"], input=step.fix.encode(), capture_output=True, check=False, timeout=60)
    assert read.returncode == 0, read.stderr
    words = shlex.split(step.fix, comments=True)
    assert not [word for word in words if word in ("rm", "$(id)", "-rf")] or words[:2] == ["rm", "-r"]


def test_the_commands_are_those_of_debians_packages():
    assert step_rules.armnn(BROKEN, "aarch64").fix.startswith(
        "sudo apt install python3-pyarmnn libarmnn-cpuacc-backend22 libarmnn-gpuacc-backend22 #"
    )
    assert "backend" not in step_rules.armnn(BROKEN, "x86_64").fix.partition("#")[0]
