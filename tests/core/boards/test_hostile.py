"""An agent that lies: one ProtocolError that names the board, and no process left."""

import os
import signal
import sys
import threading

import pytest

from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import LocalChannel
from layerswitch.errors import BoardError, CancelledError, LostError, ProtocolError
from layerswitch.measurement.profile import ProfileSettings

MODES = [
    "magic",
    "header-too-large",
    "payload-too-large",
    "not-json",
    "not-an-object",
    "deep",
    "nan",
    "infinite",
    "negative",
    "wrong-id",
    "list-id",
    "no-id",
    "unknown-event",
    "no-event",
    "payload",
    "no-samples",
    "samples-of-nothing",
    "too-many-samples",
    "repeated-samples",
    "unknown-transfer",
    "unknown-kind",
    "too-few-samples",
    "unknown-layer",
    "unknown-device",
    "unknown-baseline",
    "text-for-number",
    "extra-field",
    "bad-error",
    "progress-of-text",
    "endless-progress",
    "endless-samples",
    "endless-line",
    "unknown-reason",
    "reason-for-nothing",
    "cancels",
]


@pytest.mark.parametrize("mode", MODES)
def test_breaking_the_protocol(hostile, model, mode):
    board = hostile(mode)
    with pytest.raises(ProtocolError, match="test:scripted: the agent broke the protocol") as caught:
        board.profile(model, ProfileSettings(runs=1, warmup=0)).whole()
    assert len(str(caught.value)) < 1000
    assert not board.alive
    with pytest.raises(BoardError, match="not running"):
        board.profile(model).whole()


def test_an_agent_that_is_killed_and_cancels_meanwhile_was_not_cancelled(hostile, model):
    """Its input has ended, so it cancels; nobody asked for that, and what is told is how it ended."""
    with pytest.raises(LostError, match="the agent ended: signal SIGKILL"):
        hostile("cancels-and-is-killed").profile(model, ProfileSettings(runs=1, warmup=0)).whole()


@pytest.mark.parametrize(
    "mode",
    ["no-devices", "twin-devices", "hello-magic", "hello-not-json", "hello-no-samples", "hello-payload-too-large"],
)
def test_from_the_first_word(hostile, mode):
    with pytest.raises(ProtocolError, match="test:scripted"):
        hostile(mode)


def test_another_protocol_number(hostile):
    with pytest.raises(ProtocolError, match="protocol 99, not 2"):
        hostile("hello-protocol")


def test_an_agent_that_never_answers(hostile, monkeypatch):
    monkeypatch.setattr("layerswitch.boards.agent_connection.START_SECONDS", 0.3)
    with pytest.raises(BoardError, match="did not answer 'hello'"):
        hostile("hello-silent")


def test_an_agent_that_closes_its_output(hostile, model):
    with pytest.raises(BoardError, match="closed its output"):
        hostile("closes-output").profile(model).whole()


def test_an_agent_that_falls_silent_can_be_cancelled_and_closed(hostile, model):
    board, cancel = hostile("silent"), threading.Event()
    timer = threading.Timer(0.2, cancel.set)
    timer.start()
    with pytest.raises(CancelledError):
        board.profile(model, cancel=cancel).whole()
    timer.join()
    board.close()


def test_an_error_as_long_as_a_book_is_cut(hostile, model):
    with pytest.raises(BoardError, match="xxx") as caught:
        hostile("long-error").profile(model).whole()
    assert len(str(caught.value)) < 1000


def test_a_child_of_the_agent_that_keeps_its_pipes_does_not_keep_the_client(make_entry):
    program = "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid, file=sys.stderr); sys.exit(5)"
    with pytest.raises(BoardError, match="exit code 5") as caught:
        Board.connect(make_entry(), connect=lambda _: LocalChannel([sys.executable, "-c", program]))
    os.kill(int(caught.value.log[-1]), signal.SIGKILL)
