"""A real network between the app and the board: two namespaces and a cable, with packets dropped and the link down."""

import ctypes
import os
import subprocess
import threading
from pathlib import Path

import pytest

from layerswitch.boards import ssh
from layerswitch.boards.board import Board, RetryPolicy
from layerswitch.boards.ssh import Remembering, client, ssh_channel
from layerswitch.errors import LostError
from layerswitch.measurement.profile import ProfileSettings

pytestmark = pytest.mark.slow(25)

RETRY = RetryPolicy(first_seconds=0.1)

CPU = dict.fromkeys("abc", "CPU")
APP, BOARD = "10.213.77.1", "10.213.77.2"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
NOBODY = "02:00:00:00:00:99"


def ip(*words):
    """Runs ip of iproute2; its error."""
    try:
        done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=30, check=False)
    except OSError as error:
        return str(error)
    return done.stderr.strip() or f"exit code {done.returncode}" if done.returncode else ""


def enter(path):
    """Has this thread, and those it starts from now on, live in a network namespace."""
    handle = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(handle, NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(handle)


class Cable:
    """Between two namespaces; `ours` has one end, and this thread with it, `theirs` the other."""

    def __init__(self):
        self.ours, self.theirs = (f"lsw{os.getpid()}{end}" for end in "ab")

    def lay(self):
        """What goes wrong, "" where nothing does."""
        steps = [["netns", "add", self.ours], ["netns", "add", self.theirs]]
        steps.append(
            ["-n", self.ours, "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", self.theirs]
        )
        for space, name, address in ((self.ours, "near", APP), (self.theirs, "far", BOARD)):
            steps.append(["-n", space, "addr", "add", f"{address}/24", "dev", name])
            steps.append(["-n", space, "link", "set", name, "up"])
        return next((error for error in (ip(*step) for step in steps) if error), "")

    def pull(self):
        """The link is down."""
        assert ip("-n", self.theirs, "link", "set", "far", "down") == ""

    def plug(self):
        assert ip("-n", self.theirs, "link", "set", "far", "up") == ""

    def drop(self):
        """All packets, without a word to anybody: they go to a machine that is not there."""
        for space, name, there in ((self.ours, "near", BOARD), (self.theirs, "far", APP)):
            fields = ["to", there, "lladdr", NOBODY, "dev", name, "nud", "permanent"]
            assert ip("-n", space, "neigh", "replace", *fields) == ""

    def carry(self):
        """Packets arrive again."""
        for space, name, there in ((self.ours, "near", BOARD), (self.theirs, "far", APP)):
            assert ip("-n", space, "neigh", "del", "to", there, "dev", name) == ""


@pytest.fixture
def cable():
    """A Cable; this thread is at its near end until the test ends."""
    if not Path("/proc/thread-self/ns/net").exists() or os.geteuid() != 0:
        pytest.skip("network namespaces take Linux and root")
    here, one = "/proc/thread-self/ns/net", Cable()
    home = os.open(here, os.O_RDONLY)
    try:
        if error := one.lay():
            pytest.skip(f"no network can be made here: {error}")
        enter(f"/run/netns/{one.ours}")
        yield one
    finally:
        ctypes.CDLL(None).setns(home, NEW_NETWORK)
        os.close(home)
        for space in (one.ours, one.theirs):
            ip("netns", "del", space)


@pytest.fixture
def board(cable, make_server, entry_of, make_entry, scripted, person, monkeypatch):
    """A Board that goes on by itself at the far end; its patience is a second or two."""
    monkeypatch.setattr(ssh_channel, "PULSE_SECONDS", 0.2)
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 2.0)
    monkeypatch.setattr(ssh, "SILENT_SECONDS", 3.0)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1.0)
    enter(f"/run/netns/{cable.theirs}")
    server = make_server(BOARD)
    enter(f"/run/netns/{cable.ours}")
    entry = entry_of(server, host=BOARD, settings=make_entry(seconds=0.05).settings)
    with Board.connect(entry, connect=scripted(Remembering(person)), retry=RETRY) as one:
        yield one
        server.power_off()  # before the cable is gone: the far end could not be told


def at(word, do, then=None):
    """Progress that does something at the so-manieth word of the measurement, and another once it is tried again."""
    seen = []

    def show(step):
        seen.append(step.text)
        if step.text == "working" and seen.count("working") == word:
            do()
        if then and "trying again" in step.text and not show.fixed:
            show.fixed = True
            then()

    show.seen, show.fixed = seen, False
    return show


@pytest.mark.parametrize("fault", ["packets dropped", "link down"])
def test_a_profile_goes_on_once_packets_arrive_again(board, cable, model, person, fault):
    ways = (cable.drop, cable.carry) if fault == "packets dropped" else (cable.pull, cable.plug)
    show = at(10, *ways)
    profile = board.profile(model, ProfileSettings(runs=20), progress=show).whole()
    assert {len(taken) for layers in profile.samples.values() for taken in layers.values()} == {20}
    assert profile.conditions.resumed.parts == 2
    assert any(text.startswith("the link was lost, trying again in") for text in show.seen)
    assert [question[0] for question in person.asked] == ["host key", "password"]


@pytest.mark.parametrize("fault", ["packets dropped", "link down"])
def test_a_short_break_costs_nothing(board, cable, model, monkeypatch, fault):
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 30.0)
    break_, fix = (cable.drop, cable.carry) if fault == "packets dropped" else (cable.pull, cable.plug)
    timer = threading.Timer(0.7, fix)
    run = board.run(model, CPU, runs=20, progress=at(5, lambda: (break_(), timer.start()))).whole()
    timer.join()
    assert len(run.samples_ms) == 20
    assert run.conditions.resumed is None


def test_a_network_that_stays_away_is_said_with_what_was_measured(board, cable, model, monkeypatch):
    board._connection.retry = RETRY._replace(patience_seconds=1.5)
    outcome = board.run(model, CPU, runs=1000, progress=at(5, cable.drop))
    with pytest.raises(LostError, match="the link was lost, and the board did not come back") as caught:
        outcome.whole()
    assert caught.value.link
    assert 1 <= len(outcome.value.samples_ms) < 1000


def test_packets_lost_time_and_again_are_only_slow(board, cable, model, monkeypatch):
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 30.0)
    ended = threading.Event()

    def flicker():
        while not ended.wait(0.2):
            cable.drop()
            ended.wait(0.1)
            cable.carry()

    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        run = board.run(model, CPU, runs=30).whole()
    finally:
        ended.set()
        thread.join()
    assert run.samples_ms == tuple(float(3 + number) for number in range(30))
    assert run.conditions.resumed is None
