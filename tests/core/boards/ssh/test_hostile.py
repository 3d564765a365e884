"""A board that lies, over SSH: one clear error, memory within bounds, and nobody waits for ever."""

import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from layerswitch.boards import ssh
from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import agent_folder
from layerswitch.boards.ssh import ssh_channel
from layerswitch.errors import BoardError, CancelledError, ProtocolError, ReachError
from layerswitch.measurement.profile import ProfileSettings

HERE = Path(__file__).parent
BROKEN = ["header-too-large", "not-json", "no-samples", "endless-progress", "endless-line"]  # all: ../test_hostile.py
MOST = 32 << 20  # bytes of memory that listening to a board may take at any time


@pytest.fixture
def hostile(server, entry_of, person, tmp_path, make_entry, monkeypatch):
    """hostile(mode) -> a Board that is what it should be until its agent is started, or said="..." even before."""
    monkeypatch.setattr(ssh_channel, "END_SECONDS", 0.2)  # such agents do not end by themselves
    opened = []

    def make(mode="", said=""):
        agent = f"exec {sys.executable} {HERE.parent / 'hostile_agent.py'} {agent_folder()} {mode}"
        python = f'case "$1" in -c) {said or f"exec {sys.executable} "}"$@" ;; *) {agent} ;; esac'
        (tmp_path / "python").write_text(f"#!/bin/sh\n{python}\n")
        (tmp_path / "python").chmod(0o755)
        entry = entry_of(server, python=str(tmp_path / "python"), settings=make_entry().settings)
        opened.append(Board.connect(entry, connect=lambda entry: ssh.connect(entry, person)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def little():
    """Fails a test that takes much memory at any time."""
    tracemalloc.start(1)
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST


@pytest.mark.parametrize("mode", BROKEN)
def test_breaking_the_protocol(hostile, model, little, server, mode):
    board = hostile(mode)
    with pytest.raises(ProtocolError, match="own:desk: the agent broke the protocol") as caught:
        board.profile(model, ProfileSettings(runs=1, warmup=0)).whole()
    assert len(str(caught.value)) < 1000
    assert not board.alive
    assert server.left()


def test_frames_that_are_read_ahead_are_few(hostile, model, little):
    """Whoever shows the progress may be slow; an agent must not fill the memory meanwhile."""
    seen, never = [], threading.Event()

    def show(step):
        seen.append(len(step.text))
        never.wait(3.0 if len(seen) == 1 else 0.0)

    with pytest.raises(ProtocolError, match="does not stop"):
        hostile("large-progress").profile(model, progress=show).whole()
    assert seen[0] == 1_000_000


@pytest.mark.parametrize("mode", ["endless-log", "slow-header"])
def test_one_that_never_comes_to_an_end_can_be_cancelled(hostile, model, little, mode):
    board, cancel = hostile(mode), threading.Event()
    timer = threading.Timer(0.5, cancel.set)
    timer.start()
    with pytest.raises(CancelledError):
        board.profile(model, cancel=cancel).whole()
    timer.join()
    assert sum(len(line) for line in board._connection.client.channel.log()) < 1 << 20
    board.close()


@pytest.mark.parametrize("mode", ["hello-endless-log", "hello-slow-header"])
def test_one_that_never_says_who_it_is(hostile, little, monkeypatch, mode):
    monkeypatch.setattr("layerswitch.boards.agent_connection.START_SECONDS", 0.5)
    with pytest.raises(BoardError, match="did not answer 'hello'"):
        hostile(mode)


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("yes", "python"),
        ("yes >&2", "python"),
        ("cat /dev/zero", "python"),
        ("echo '{'; sleep 600", "timeout"),
        ("""echo '{"python": [3, 11, 2], "path": 7}'""", "python"),
        ("""echo '{"python": [3, 11, 2], "refused": "'$(head -c 9000 /dev/zero | tr '\\0' x)'"}'""", "cache"),
        ("""echo '{"python": [3, 11, 2], "path": "/no/such/folder/x", "have": false}'""", "cache"),
    ],
)
def test_one_that_lies_before_the_agent_is_there(hostile, little, monkeypatch, said, step):
    monkeypatch.setattr(ssh.agent_upload, "SECONDS", 1.0 if "sleep" in said else 60.0)
    with pytest.raises(ReachError) as caught:
        hostile(said=f"{said}; exit 0; : ")
    assert caught.value.step == step
    assert len(str(caught.value)) < 1000
