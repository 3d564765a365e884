"""Closing while the real agent works: it is asked about, and no process stays."""

import os
import sys
from pathlib import Path

import pytest

from layerswitch_gui.jobs.lazy_library import Services

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def children():
    found = set()
    for task in Path("/proc/self/task").glob("*/children"):
        found.update(task.read_text().split())
    return found


def alive(pid):
    try:
        state = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def running(qtbot, window, services):
    """The window over the real library, its agent in the middle of a run that takes minutes; and the agent's id."""
    true = Services()
    for name in ("bundled_models", "boards", "find", "open_model", "connect", "plan", "greedy", "compare", "summarize"):
        setattr(services, name, getattr(true, name))
    before = children()
    window.opening.choose_board("sim:khadas-vim3")
    window.opening.open("squeezenet")
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)
    window.workbench.runs = 100_000
    window.commands["rerun"].trigger()
    job = window.workbench.runner.work[0]
    qtbot.waitUntil(lambda: job.progress.done > 0, timeout=20_000)
    (agent,) = children() - before
    assert alive(agent)
    assert "agent" in Path("/proc", agent, "cmdline").read_text()
    return window, agent


def test_no_is_an_answer_and_yes_leaves_no_process(running, qtbot):
    window, agent = running
    questions = window.context.questions
    questions.answers.stop_work = False
    window.close()
    assert questions.asked == ["stop_work"]
    assert window.isVisible()
    assert alive(agent)
    assert window.workbench.measuring
    questions.answers.stop_work = True
    window.close()
    assert not window.isVisible()
    assert not alive(agent)
    assert not window.workbench.runner.jobs


def test_stopping_the_run_ends_its_agent_and_keeps_what_it_measured(running, qtbot):
    window, agent = running
    window.commands["stop"].trigger()
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)
    assert not alive(agent)
    assert len(window.document.runs[0].samples_ms) > 0


def test_an_agent_that_is_killed_is_replaced_once_and_then_an_error_in_the_window_and_no_more(running, qtbot):
    window, agent = running
    known, job = children(), window.workbench.runner.work[0]
    os.kill(int(agent), 9)
    qtbot.waitUntil(lambda: len(children() - known) == 1, timeout=20_000)
    (another,) = children() - known
    told = job.progress
    qtbot.waitUntil(lambda: job.progress != told, timeout=20_000)  # it measures again
    os.kill(int(another), 9)
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)
    assert window.messages.isVisible()
    assert window.commands["rerun"].isEnabled()
    assert not alive(another)
