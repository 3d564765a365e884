"""A wire that goes silent: short of patience nothing is lost, beyond it the measurement goes on over another link."""

import socket
import threading

import numpy as np
import pytest

from layerswitch.boards import ssh
from layerswitch.boards.board import Board, RetryPolicy
from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.ssh import Remembering, client, ssh_channel
from layerswitch.errors import BoardError, BusyError, CancelledError, LostError
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.graph import Tensor

pytestmark = pytest.mark.slow(30)

RETRY = RetryPolicy(first_seconds=0.1)

CPU = dict.fromkeys("abc", "CPU")


@pytest.fixture
def quick(monkeypatch):
    """Patience of a second or two, not of half a minute."""
    monkeypatch.setattr(ssh_channel, "PULSE_SECONDS", 0.2)
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 1.5)
    monkeypatch.setattr(ssh, "SILENT_SECONDS", 3.0)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.5)


@pytest.fixture
def wire(make_wire, server):
    return make_wire(server.port)


@pytest.fixture
def steadily(wire, server, entry_of, make_entry, scripted, person):
    """steadily(*arguments of the agent, **settings) -> a Board that goes on by itself, over the wire."""
    opened = []

    def make(*arguments, **settings):
        entry = entry_of(server, port=wire.port, settings=make_entry(**settings).settings)
        opened.append(Board.connect(entry, connect=scripted(Remembering(person), *arguments), retry=RETRY))
        return opened[-1]

    yield make
    wire.silent.clear()
    for one in opened:
        one.close()


def silent_from(wire, word, until=None):
    """Progress that silences the wire at the so-manieth word of the measurement, until a later one has passed."""
    seen = []

    def show(step):
        seen.append(step.text)
        if step.text == "working" and seen.count("working") == word:
            wire.silent.set()
        if until and until in step.text:
            wire.silent.clear()

    show.seen = seen
    return show


def test_a_short_silence_costs_nothing(steadily, wire, model, quick, monkeypatch):
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 20.0)
    monkeypatch.setattr(ssh, "SILENT_SECONDS", 20.0)
    one, show = steadily(seconds=0.02), silent_from(wire, 5)
    timer = threading.Timer(1.5, wire.silent.clear)
    timer.start()
    run = one.run(model, CPU, runs=20, progress=show).whole()
    timer.join()
    assert run.samples_ms == tuple(float(3 + number) for number in range(20))
    assert run.conditions.resumed is None


def test_a_profile_goes_on_once_the_wire_is_back(steadily, wire, model, person, quick, server):
    one, show = steadily(seconds=0.05), silent_from(wire, 10, until="trying again")
    profile = one.profile(model, ProfileSettings(runs=20), progress=show).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {20}
    assert profile.conditions.resumed.parts == 2
    assert any(text.startswith("the link was lost, trying again in") for text in show.seen)
    assert [question[0] for question in person.asked] == ["host key", "password"]
    assert len([command for command in server.commands if "--silence" in command]) == 2


def test_a_wire_that_stays_silent_is_said_with_what_was_measured(steadily, wire, model, quick, monkeypatch):
    one = steadily(seconds=0.02)
    one._connection.retry = RETRY._replace(patience_seconds=1.5)
    outcome = one.run(model, CPU, runs=1000, progress=silent_from(wire, 5))
    with pytest.raises(
        LostError, match=r"the link was lost, and the board did not come back .*does not answer"
    ) as caught:
        outcome.whole()
    assert caught.value.link
    assert 1 <= len(outcome.value.samples_ms) < 1000


@pytest.fixture
def real(monkeypatch):
    """An engine that measures, so that the board is locked: real(**settings)."""

    def make(**settings):
        monkeypatch.setattr(BoardEntry, "engine_settings", lambda self: ("real", settings))

    return make


def test_the_agent_behind_the_lost_link_is_waited_for(steadily, wire, model, quick, real, tmp_path, monkeypatch):
    monkeypatch.setattr(ssh, "SILENT_SECONDS", 1000.0)  # it holds the board's lock for as long as it hears of no end
    real(stuck=str(tmp_path / "stuck"))  # in native code, from its first inference on
    one, seen = steadily("--lock", str(tmp_path / "lock")), []

    def show(step):
        seen.append(step.text)
        if step.text == "compiling kernels":
            wire.buried = wire.connections  # new ones go through
        if "is measuring on this board" in step.text:
            wire.buried = 0  # now the board's server hears that the first one was closed

    assert len(one.run(model, CPU, runs=5, progress=show).whole().samples_ms) == 5
    assert any("is measuring on this board" in text for text in seen)
    assert "the link was lost, trying again in 0 s" not in seen  # the machine could be reached at once


def test_a_board_that_somebody_else_took_meanwhile_is_said(steadily, wire, model, quick, real, tmp_path, monkeypatch):
    from layerswitch.agent.machine_lock import BoardLock

    real(seconds=0.02)
    other = BoardLock(str(tmp_path / "lock"))
    other.holder = "bob on tower"
    one = steadily("--lock", str(tmp_path / "lock"))
    one._connection.retry = RETRY._replace(busy_seconds=1.0)
    show = silent_from(wire, 5)

    def show_and_take(step):
        show(step)
        if "trying again" in step.text and wire.silent.is_set():
            wire.silent.clear()
            threading.Thread(target=take).start()

    def take():
        while other._handle is None:
            try:
                other.take()
            except Exception:
                continue

    try:
        outcome = one.run(model, CPU, runs=1000, progress=show_and_take)
        with pytest.raises(BusyError, match="bob on tower is measuring"):
            outcome.whole()
        assert outcome.value.samples_ms
    finally:
        other.release()


def test_somebody_who_measures_from_the_start_is_not_waited_for(steadily, model, real, tmp_path):
    from layerswitch.agent.machine_lock import BoardLock

    real()
    other = BoardLock(str(tmp_path / "lock"))
    other.holder = "bob on tower"
    other.take()
    try:
        with pytest.raises(BusyError, match="bob on tower"):
            steadily("--lock", str(tmp_path / "lock")).run(model, CPU, runs=1).whole()
    finally:
        other.release()


class Noise:
    """A constant of 8 MB: more than a wire takes that nobody reads from."""

    def __getitem__(self, name):
        return np.zeros(2 << 20, "float32")


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_a_wire_that_takes_nothing_keeps_nobody(steadily, wire, make_model, network, quick, monkeypatch, how):
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 1000.0)  # whoever waits for that runs into the test's own limit
    monkeypatch.setattr(client, "ANSWER_SECONDS", 1000.0)
    monkeypatch.setattr(ssh_channel.SshChannel, "stall", 1000.0)
    one, cancel = steadily(needs_constants=True), threading.Event()
    heavy = make_model(network("a", constants={"w": Tensor("w", (2 << 20,), "float32")}), Noise())
    timer = threading.Timer(1.0, cancel.set if how == "cancel" else one.close)

    def show(step):
        if step.text == "sending constants" and not wire.silent.is_set():
            wire.silent.set()
            sock = one._connection.client.channel._login.transport.sock
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # less than SSH would have under way
            timer.start()

    with pytest.raises((CancelledError, BoardError), match=r"cancelled|was closed"):
        one.profile(heavy, progress=show, cancel=cancel).whole()
    one.close()
    timer.join()


def test_reconnecting_to_a_machine_that_says_nothing_can_be_cancelled(
    steadily, wire, model, quick, monkeypatch, eventually
):
    one, cancel = steadily(seconds=0.02), threading.Event()
    show = silent_from(wire, 5)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1000.0)
    connect, timer = one._connection._connect, threading.Timer(0.5, cancel.set)

    def begin(entry):
        timer.start()
        return connect(entry)

    one._connection._connect = begin
    outcome = one.run(model, CPU, runs=1000, progress=show, cancel=cancel)
    assert isinstance(outcome.error, CancelledError)
    assert outcome.value.samples_ms
    wire.close()  # which ends what was left to itself
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name == "connecting"])
