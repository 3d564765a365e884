"""Checking a board: step by step what works, and for what does not, the command that fixes it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from ...errors import BoardError, CancelledError, LayerSwitchError, ReachError
from ...measurement.profile import BoardDescription
from ...network.assignment import Assignment
from ...network.graph import Layer, LayerGraph, Operator, Tensor
from ...network.model import Model
from .. import emulated
from ..board import Board, start_agent
from ..python_command import run_text
from ..registry import BoardEntry
from . import step_rules
from .step_rules import CheckStep, Facts, Import, failed, ok

if TYPE_CHECKING:
    from ..ssh import Ask

__all__ = ["CheckStep", "check", "works"]

TITLES = {
    "reach": "Reach the board", "host key": "Host key", "login": "Log in", "python": "Python", "numpy": "numpy",
    "pyarmnn": "pyarmnn", "disk": "Disk", "clock": "Clock", "gpu device": "GPU device", "agent": "The agent",
    "CpuAcc": "Backend CpuAcc", "GpuAcc": "Backend GpuAcc", "inference": "A first inference",
}  # fmt: skip
ARM_NN = ("pyarmnn", "gpu device", "CpuAcc", "GpuAcc")
SECONDS = 90.0  # for a board that reads Python and numpy from a card for the first time
BEFORE_LOGIN = {"host key": ("reach",), "login": ("reach", "host key")}  # what a failure there says went well

T = TypeVar("T")


class Ended(NamedTuple):
    """How a command on the board ended."""

    status: int
    output: str
    errors: str


Shell = Callable[[Sequence[str]], Ended]
"""Runs a program on the board. Raises BoardError when it cannot be asked."""


def check(entry: BoardEntry, ask: "Ask | None" = None, *, cancel: threading.Event | None = None) -> Iterator[CheckStep]:
    """Each step as it is known, every one of `TITLES` once and in that order; those behind a failure are skipped.

    `ask` is whom to ask over SSH. Nothing of the board's failing is raised, only CancelledError.
    """
    from ..ssh import Remembering

    checked = _Check(entry, Remembering(ask) if ask else None, cancel or threading.Event())
    left = list(TITLES)
    for step in checked.steps():
        left.remove(step.name)
        yield step
        if cancel and cancel.is_set():
            raise CancelledError("the check was cancelled")
    for name in left:
        yield CheckStep(name, TITLES[name], "skipped", "an earlier step failed")


def works(steps: Sequence[CheckStep]) -> bool:
    """Whether a board with these steps can measure: nothing that is needed failed, and one device works."""
    done = [step for step in steps if step.name == "inference"]
    broken = [
        step for step in steps if step.needed and step.state == "failed" and step.name not in ("CpuAcc", "GpuAcc")
    ]
    return not broken and bool(done) and done[0].state == "ok"


class _Check:
    def __init__(self, entry: BoardEntry, ask: "Ask | None", cancel: threading.Event) -> None:
        self.entry, self.ask, self.cancel = entry, ask, cancel
        self.engine = "armnn"

    def steps(self) -> Iterator[CheckStep]:
        """Until one fails that the rest cannot do without."""
        try:
            self.engine = self.entry.engine_settings()[0]
        except BoardError as error:
            yield failed("reach", TITLES["reach"], str(error), "# fix the board file")
            return
        if self.entry.kind != "ssh":
            yield ok("reach", TITLES["reach"], "it is this computer, or runs on it")
            yield CheckStep("host key", TITLES["host key"], "skipped", "no network lies between")
            yield CheckStep("login", TITLES["login"], "skipped", "no network lies between")
            yield from self._on_board(partial(_run_here, self.entry))
            return
        from .. import ssh

        try:
            login = ssh.log_in(self.entry, self.ask)
        except ReachError as error:
            yield from _unreached(error)
            return
        with login:
            yield ok("reach", TITLES["reach"], f"{self.entry.host} answers")
            yield ok("host key", TITLES["host key"], "known, and the same as before")
            yield ok("login", TITLES["login"], "")
            yield from self._on_board(lambda words: Ended(*login.run(words, seconds=SECONDS)))

    def _on_board(self, shell: Shell) -> Iterator[CheckStep]:
        python = sys.executable if self.entry.kind in ("local", "simulated") else self.entry.python
        sent = time.time()
        facts = _asked(shell, python, Facts)
        if isinstance(facts, str):
            fix = "sudo apt install python3  # or name another one as the board's Python"
            yield failed("python", TITLES["python"], facts, fix)
            return
        here = (sent + time.time()) / 2
        steps = [step_rules.python(facts, python), step_rules.numpy(facts)]
        yield from steps
        if any(step.state == "failed" for step in steps):
            return
        version = ""
        if self.engine == "armnn":
            found = _asked(shell, python, Import, "armnn")
            step = step_rules.armnn(found if isinstance(found, Import) else Import(error=found), facts.machine)
            version = found.version if isinstance(found, Import) else ""
            yield step
            if step.state == "failed":
                return
        else:
            yield CheckStep("pyarmnn", TITLES["pyarmnn"], "skipped", "a simulated board has no need of it")
        yield step_rules.disk(facts)
        yield step_rules.clock(facts, here)
        if self.engine != "armnn" or self.entry.origin == "emulated":
            yield CheckStep("gpu device", TITLES["gpu device"], "skipped", "this board has none", needed=False)
        else:
            yield step_rules.gpu_device(facts)
        yield from self._measuring(version, facts.machine)

    def _measuring(self, version: str, machine: str) -> Iterator[CheckStep]:
        try:
            board = Board.connect(self.entry, connect=partial(start_agent, ask=self.ask))
        except BoardError as error:
            yield failed("agent", TITLES["agent"], str(error), _mend(error))
            return
        with board:
            yield ok("agent", TITLES["agent"], f"{board.description.title}, {board.description.engine}")
            for name in ("CpuAcc", "GpuAcc"):
                if self.engine == "armnn":
                    yield step_rules.backend(name, board.description, version, machine)
                else:
                    yield CheckStep(name, TITLES[name], "skipped", "a simulated board has no need of it")
            yield self._inference(board)

    def _inference(self, board: Board) -> CheckStep:
        """The same small network on every device."""
        model, times = Model(small_network(), {}), []
        for device in board.description.device_names:
            try:
                run = board.run(
                    model, Assignment.uniform(model.graph, device), runs=1, warmup=1, cancel=self.cancel
                ).whole()
            except CancelledError:
                raise
            except LayerSwitchError as error:
                return failed("inference", TITLES["inference"], f"on {device}: {error}", _mend(error))
            if run.verified is False:
                what = f"{device} computes something else than {board.description.device_names[0]}"
                return failed(
                    "inference", TITLES["inference"], what, "update the board's Arm NN and its OpenCL library"
                )
            times.append(f"{device} {min(run.samples_ms):.3g} ms")
        return ok("inference", TITLES["inference"], _honest(board.description, ", ".join(times)))


def small_network() -> LayerGraph:
    """Two activations in a row: nothing to compile for long, and every backend has them."""
    shape = (1, 4, 16, 16)
    tensors = {name: Tensor(name, shape, "float32") for name in ("x", "a", "y")}
    layers = tuple(
        Layer(name, "Relu", (before,), (after,), (Operator(name, "Relu", (before,), (after,)),))
        for name, before, after in (("first", "x", "a"), ("second", "a", "y"))
    )
    return LayerGraph("check", layers, tensors, ("x",), ("y",))


def _honest(description: BoardDescription, text: str) -> str:
    return text if description.origin == "measured" else f"{text} ({description.origin})"


def _unreached(error: ReachError) -> Iterator[CheckStep]:
    name = error.step if error.step in BEFORE_LOGIN else "reach"
    for before in BEFORE_LOGIN.get(name, ()):
        yield ok(before, TITLES[before], "")
    yield failed(name, TITLES[name], error.what, error.hint)


def _mend(error: LayerSwitchError) -> str:
    return error.hint or "check it again; if it fails again, what the agent said last stands above"


def _run_here(entry: BoardEntry, words: Sequence[str]) -> Ended:
    """On this computer, or in the folder that is the board. Raises BoardError."""
    if entry.kind == "folder":
        words = ["/bin/sh", str(Path(entry.folder) / emulated.RUNNER), entry.folder, *words]
    try:
        done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise BoardError(f"{words[0]} did not end within {SECONDS:g} s", where=entry.name) from error
    except OSError as error:
        raise BoardError(f"{words[0]} cannot be run: {error.strerror}", where=entry.name) from error
    return Ended(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _asked(shell: Shell, python: str, kind: type[T], *arguments: str) -> T | str:
    """What the probe answers; why there is no answer."""
    program = (Path(__file__).parent / "probe.py").read_text("utf-8")
    try:
        done = shell(run_text(python, program, *arguments))
    except BoardError as error:
        return error.what
    try:
        return msgspec.json.decode([line for line in done.output.splitlines() if line.startswith("{")][-1], type=kind)
    except (IndexError, msgspec.DecodeError):
        said = " ".join((done.errors or done.output).split())[-300:]
        if done.status < 0 or done.status > 128:
            return f"{python} crashed (signal {-done.status if done.status < 0 else done.status - 128}): {said}"
        return f"{python} does not answer (exit code {done.status}): {said}"
